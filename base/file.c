#include "base/file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_make_private(const char *path)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 && close(fd) == 0;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? xmemdup0(path, (size_t)(slash - path) + 1) : xstrdup(".");
}

int file_open_nameless(const char *path, bool *named)
{
    CLEANUP(free_memory) char *folder = folder_of(path);
    struct stat status;
    *named = false;
    if (lstat(path, &status) == 0) {
        errno = EEXIST;
        return -1;
    }
    int fd = open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
    if (fd >= 0 || errno != EOPNOTSUPP)
        return fd;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    *named = fd >= 0;
    return fd;
}

/* open(2), O_TMPFILE: the way that needs no privilege. */
bool file_give_name(int fd, const char *path)
{
    char open_file[40];
    snprintf(open_file, sizeof open_file, "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, open_file, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0)
        return false;
    if (file_sync_folder_of(path))
        return true;
    int problem = errno;
    unlink(path);
    errno = problem;
    return false;
}

bool file_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool done = fsync(fd) == 0;
    int problem = errno;
    close(fd);
    errno = problem;
    return done;
}

bool file_sync_folder_of(const char *path)
{
    CLEANUP(free_memory) char *folder = folder_of(path);
    return file_sync(folder);
}

void file_open_standard(void)
{
    int fd = -1;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}
