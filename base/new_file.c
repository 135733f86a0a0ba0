#include "base/new_file.h"

#include "base/account.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, const char *bytes, size_t length)
{
    for (size_t written = 0; written < length;) {
        ssize_t count = write(fd, bytes + written, length - written);
        if (count < 0 && errno != EINTR)
            return false;
        written += count > 0 ? (size_t)count : 0;
    }
    return true;
}

/* Whether the group can read it now. */
static bool give_to_group(int fd, const char *group)
{
    gid_t gid = 0;
    return !group || (account_find_group(group, &gid) && fchown(fd, (uid_t)-1, gid) == 0);
}

static bool fill(int fd, const struct new_file *file, bool *shared)
{
    bool is_shared = give_to_group(fd, file->group);
    if (shared)
        *shared = is_shared;
    mode_t mode = is_shared ? file->mode : file->mode & S_IRWXU;
    return fchmod(fd, mode) == 0 && write_all(fd, file->bytes, file->length) && fsync(fd) == 0;
}

bool new_file_write(const struct new_file *file, bool *shared, struct error *err)
{
    CLEANUP(free_memory) char *beside = xasprintf("%s.new", file->path);
    unlink(beside); /* of an earlier run that was killed */
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return error_set(err, "cannot write %s: %s", file->path, strerrordesc_np(errno));
    bool filled = fill(fd, file, shared);
    int problem = errno;
    if (close(fd) != 0 && filled) {
        problem = errno;
        filled = false;
    }
    if (filled && rename(beside, file->path) == 0 && file_sync_folder_of(file->path))
        return true;
    problem = filled ? errno : problem;
    unlink(beside);
    return error_set(err, "cannot write %s: %s", file->path, strerrordesc_np(problem));
}

bool new_folder_make(const char *path, mode_t mode, struct error *err)
{
    if (mkdir(path, mode) == 0)
        return file_sync_folder_of(path) ||
               error_set(err, "cannot make %s: %s", path, strerrordesc_np(errno));
    struct stat status;
    if (errno == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return true;
    return error_set(err, "cannot make the folder %s: %s", path, strerrordesc_np(errno));
}
