#include "base/file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool file_make_private(const char *path)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 && close(fd) == 0;
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
    const char *slash = strrchr(path, '/');
    CLEANUP(free_memory)
    char *folder = slash ? xmemdup0(path, (size_t)(slash - path) + 1) : xstrdup(".");
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
