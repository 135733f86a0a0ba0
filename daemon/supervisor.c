#include "daemon/supervisor.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* What a burst of scripts may leave waiting to be accepted. */
enum { LISTEN_BACKLOG = 1024 };

int supervisor_passed(struct error *err)
{
    int count = sd_listen_fds(1);
    if (count <= 0)
        return -1;
    if (count > 1 || sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, NULL, 0) <= 0) {
        error_set(err,
                  "systemd passed %d sockets; one listening Unix stream socket is needed "
                  "(ListenStream= in chatrelayd.socket)",
                  count);
        return -2;
    }
    fcntl(SD_LISTEN_FDS_START, F_SETFL, fcntl(SD_LISTEN_FDS_START, F_GETFL) | O_NONBLOCK);
    return SD_LISTEN_FDS_START;
}

/*
 * True when somebody answers at the address: it is not ours to take. Who does not come to it, as
 * so many wait there, is not waited for.
 */
static bool is_answered(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    bool answered =
        connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN;
    close(fd);
    return answered;
}

/* A socket that nobody answers at was left by a crash; anything else is not ours to remove. */
static void remove_left_over(const char *path)
{
    struct stat status;
    if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode))
        unlink(path);
}

static int bind_and_listen(int fd, const struct sockaddr_un *address)
{
    /* Its mode is right from the first moment on: everybody may connect, `allow` decides. */
    mode_t mask = umask(0111);
    int failed = bind(fd, (const struct sockaddr *)address, sizeof *address);
    int reason = errno;
    umask(mask);
    errno = reason;
    return failed ? failed : listen(fd, LISTEN_BACKLOG);
}

static int make(const char *path, struct error *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path) {
        error_set(err, "socket %s: the path is longer than %zu bytes", path,
                  sizeof address.sun_path - 1);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (is_answered(&address)) {
        error_set(err, "socket %s: another chatrelayd is listening there", path);
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        error_set(err, "socket %s: %s", path, strerror(errno));
        return -1;
    }
    remove_left_over(path);
    if (bind_and_listen(fd, &address) != 0) {
        error_set(err, "socket %s: %s (does its folder exist, and may we write there?)", path,
                  strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

int supervisor_listen(const char *path, bool *is_ours, struct error *err)
{
    int fd = supervisor_passed(err);
    *is_ours = fd == -1;
    return *is_ours ? make(path, err) : fd;
}

size_t supervisor_open_files(size_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wanted;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            return wanted;
    }
    return limit.rlim_cur < wanted ? (size_t)limit.rlim_cur : wanted;
}

bool supervisor_is_there(void)
{
    const char *address = getenv("NOTIFY_SOCKET"); /* NOLINT(concurrency-mt-unsafe) */
    return address && address[0];
}

void supervisor_ready(void)
{
    sd_notify(0, "READY=1");
}

void supervisor_reloading(void)
{
    sd_notify(0, "RELOADING=1");
}

void supervisor_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

void supervisor_status(const char *format, ...)
{
    char *status = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&status, format, args);
    va_end(args);
    if (length >= 0)
        sd_notifyf(0, "STATUS=%s", status);
    free(status);
}

msec_t supervisor_watch_ms(void)
{
    uint64_t limit_us = 0;
    if (sd_watchdog_enabled(0, &limit_us) <= 0)
        return MSEC_NEVER;
    return (msec_t)(limit_us / 1000 / 2);
}

void supervisor_alive(void)
{
    sd_notify(0, "WATCHDOG=1");
}
