#include "client/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static bool is_standard_input(const char *path)
{
    return !path || strcmp(path, "-") == 0;
}

const char *input_name(const char *path)
{
    return is_standard_input(path) ? "standard input" : path;
}

/* Whether reading is worth another try. A descriptor that does not block comes from others. */
static bool has_waited(int fd)
{
    if (errno == EAGAIN)
        poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, -1);
    return errno == EAGAIN || errno == EINTR;
}

static bool read_all(int fd, struct text *input, const char *name, struct error *err)
{
    char bytes[64 * 1024];
    for (;;) {
        ssize_t count = read(fd, bytes, sizeof bytes);
        if (count == 0)
            return true;
        if (count < 0 && has_waited(fd))
            continue;
        if (count < 0)
            return error_set(err, "cannot read %s: %s", name, strerrordesc_np(errno));
        if (input->length + (size_t)count > INPUT_LARGEST)
            return error_set(err, "%s is longer than %d MiB", name, INPUT_LARGEST >> 20);
        text_append(input, bytes, (size_t)count);
    }
}

int input_open(const char *path, struct error *err)
{
    if (is_standard_input(path))
        return STDIN_FILENO;

    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        error_set(err, "cannot open %s: %s", path, strerrordesc_np(errno));
    return fd;
}

void input_close(int fd)
{
    if (fd != STDIN_FILENO)
        close(fd);
}

bool input_read(const char *path, struct text *input, struct error *err)
{
    int fd = input_open(path, err);
    if (fd < 0)
        return false;
    bool done = read_all(fd, input, input_name(path), err);
    input_close(fd);
    return done;
}
