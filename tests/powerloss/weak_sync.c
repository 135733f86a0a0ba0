/*
 * weak_sync.c - preloaded into chatrelayd, it takes the sync out of its commits
 *
 * As if SQLite ran with synchronous=NORMAL: the write-ahead log is not synced.
 * Everything else is. To see that power-loss replay notices.
 */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Not declared by any header of ours. */
int fdatasync(int fd);

static bool is_log(int fd)
{
    static const char ending[] = "-wal";
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path);
    size_t ending_length = sizeof ending - 1;
    return length > (ssize_t)ending_length &&
           memcmp(path + length - ending_length, ending, ending_length) == 0;
}

int fdatasync(int fd)
{
    return is_log(fd) ? 0 : fsync(fd);
}
