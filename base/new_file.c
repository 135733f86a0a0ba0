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

static bool fill(int fd, const struct new_file *file)
{
    return (!file->owner || fchown(fd, *file->owner, (gid_t)-1) == 0) &&
           fchmod(fd, file->mode) == 0 && write_all(fd, file->bytes, file->length) &&
           fsync(fd) == 0;
}

bool new_file_write(const struct new_file *file, struct error *err)
{
    CLEANUP(free_memory) char *beside = xasprintf("%s.new", file->path);
    unlink(beside); /* of an earlier run that was killed */
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return error_set(err, "cannot write %s: %s", file->path, strerrordesc_np(errno));
    bool filled = fill(fd, file);
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

/* Given first and closed then: who is to enter it can do so all along. */
static bool guard(int fd, const char *user, uid_t *owner)
{
    struct stat status;
    uid_t uid = 0;
    if (fstat(fd, &status) != 0)
        return false;
    bool is_given = status.st_uid == geteuid() && account_find_user(user, &uid) &&
                    fchown(fd, uid, (gid_t)-1) == 0;
    *owner = is_given ? uid : status.st_uid;
    return fchmod(fd, S_IRWXU) == 0;
}

bool new_folder_guard(const char *path, const char *user, uid_t *owner, struct error *err)
{
    if (!new_folder_make(path, S_IRWXU, err))
        return false;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool guarded = fd >= 0 && guard(fd, user, owner);
    if (!guarded)
        error_set(err, "cannot close the folder %s to others: %s", path, strerrordesc_np(errno));
    if (fd >= 0)
        close(fd);
    return guarded;
}
