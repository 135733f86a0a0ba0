/*
 * sudden_death.c - preloaded into chatrelayd, it kills it between two of its deeds
 *
 * Deeds are what others can see of it: writing to the outbox and syncing it,
 * sending and receiving. With $CHATRELAY_DIES_AT=N the process is gone as by
 * kill -9 when it is about to do its Nth, so that every gap between two of them
 * can be met, however short it is.
 */
#undef _FORTIFY_SOURCE /* its inline versions of what is replaced here would be in the way */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Not declared by any header of ours. */
int fdatasync(int fd);
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset);

static void count_deed(void)
{
    static long left = -1;
    if (left < 0) {
        const char *last = getenv("CHATRELAY_DIES_AT");
        left = last ? strtol(last, NULL, 10) : 0;
    }
    if (left > 0 && --left == 0)
        kill(getpid(), SIGKILL);
}

/* What libc, or another library that is preloaded, has under this name; `real` is a function
 * pointer. */
static void find(const char *name, void *real)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(real, &found, sizeof found);
}

int fdatasync(int fd)
{
    int (*real)(int) = NULL;
    find("fdatasync", &real);
    count_deed();
    return real(fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset)
{
    ssize_t (*real)(int, const void *, size_t, off64_t) = NULL;
    find("pwrite64", &real);
    count_deed();
    return real(fd, bytes, count, offset);
}

ssize_t send(int fd, const void *bytes, size_t count, int flags)
{
    ssize_t (*real)(int, const void *, size_t, int) = NULL;
    find("send", &real);
    count_deed();
    return real(fd, bytes, count, flags);
}

ssize_t recv(int fd, void *bytes, size_t count, int flags)
{
    ssize_t (*real)(int, void *, size_t, int) = NULL;
    find("recv", &real);
    count_deed();
    return real(fd, bytes, count, flags);
}
