/*
 * LD_PRELOAD library: every sync takes $SYNC_DELAY_US longer, as on a slower
 * disk. Where a sync is nearly free, group commit looks less important than it is.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void delay(void)
{
    const char *setting = getenv("SYNC_DELAY_US");
    long us = setting ? strtol(setting, NULL, 10) : 0;
    struct timespec pause = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
    nanosleep(&pause, NULL);
}

static int sync_by(const char *name, int fd)
{
    int (*real)(int) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, name); /* the cast that dlopen(3) recommends */
    int result = real ? real(fd) : -1;
    delay();
    return result;
}

int fsync(int fd)
{
    return sync_by("fsync", fd);
}

/* The C library's own name of the parameter is odd. NOLINTNEXTLINE(readability-*) */
int fdatasync(int fd)
{
    return sync_by("fdatasync", fd);
}
