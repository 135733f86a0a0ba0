#include "chat/secret_file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_SECRET = 16 * 1024 };

char *secret_file_path(const char *setting, const char *credentials_directory, struct error *err)
{
    static const char prefix[] = "credential:";
    if (strncmp(setting, prefix, sizeof prefix - 1) != 0)
        return xstrdup(setting);

    const char *name = setting + sizeof prefix - 1;
    if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        error_set(err, "%s: a credential's name is a file name", setting);
        return NULL;
    }
    if (!credentials_directory) {
        error_set(err, "%s: there is no $CREDENTIALS_DIRECTORY; set LoadCredential=%s in the unit",
                  setting, name);
        return NULL;
    }
    return xasprintf("%s/%s", credentials_directory, name);
}

static struct file_version version_of(const struct stat *status)
{
    return (struct file_version){ .device = status->st_dev,
                                  .inode = status->st_ino,
                                  .size = status->st_size,
                                  .changed = status->st_mtim };
}

bool file_version_of(const char *path, struct file_version *version, struct error *err)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return error_set(err, "%s: %s", path, strerrordesc_np(errno));
    *version = version_of(&status);
    return true;
}

bool file_version_equal(const struct file_version *one, const struct file_version *other)
{
    return one->device == other->device && one->inode == other->inode && one->size == other->size &&
           one->changed.tv_sec == other->changed.tv_sec &&
           one->changed.tv_nsec == other->changed.tv_nsec;
}

static bool check_file(const char *path, const struct stat *status, struct error *err)
{
    if (!S_ISREG(status->st_mode))
        return error_set(err, "%s: is not a regular file", path);
    if (status->st_mode & 007)
        return error_set(err, "%s: others may use it (mode %04o); chmod o= %s", path,
                         (unsigned)status->st_mode & 07777, path);
    if (status->st_size > LONGEST_SECRET)
        return error_set(err, "%s: is longer than %d bytes", path, (int)LONGEST_SECRET);
    return true;
}

/* Up to `size` bytes, whatever read() hands out at a time; -1 on failure. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
    size_t length = 0;
    while (length < size) {
        ssize_t got = read(fd, bytes + length, size - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

/* Move the only word to the front; false unless there is exactly one, of visible ASCII. */
static bool keep_word(char *bytes, size_t length)
{
    static const char blanks[] = " \t\r\n";
    size_t start = strspn(bytes, blanks), end = start;
    while (bytes[end] > ' ' && bytes[end] < 0x7f)
        end++;
    size_t rest = end + strspn(bytes + end, blanks);
    if (end == start || rest != length)
        return false;
    memmove(bytes, bytes + start, end - start);
    explicit_bzero(bytes + (end - start), length - (end - start));
    return true;
}

static char *read_word(int fd, const char *path, struct error *err)
{
    char *secret = xcalloc(LONGEST_SECRET + 1, 1);
    ssize_t length = read_all(fd, secret, LONGEST_SECRET);
    if (length < 0)
        error_set(err, "%s: %s", path, strerrordesc_np(errno));
    else if (length == 0)
        error_set(err, "%s: is empty", path);
    else if (!keep_word(secret, (size_t)length))
        error_set(err, "%s: holds more or less than one word", path);
    else
        return secret;
    explicit_bzero(secret, LONGEST_SECRET);
    free(secret);
    return NULL;
}

char *secret_file_read(const char *path, struct file_version *version, struct error *err)
{
    struct stat status;
    char *secret = NULL;
    /* O_NONBLOCK: opening a FIFO must not hang. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &status) != 0)
        error_set(err, "%s: %s", path, strerrordesc_np(errno));
    else if (check_file(path, &status, err))
        secret = read_word(fd, path, err);
    if (secret)
        *version = version_of(&status);
    if (fd >= 0)
        close(fd);
    return secret;
}

void secret_wipe(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}
