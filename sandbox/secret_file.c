#include "sandbox/secret_file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool secret_file_write(const char *path, const char *secret, struct error *err)
{
    CLEANUP(free_memory) char *fresh = xasprintf("%s.new", path);
    unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set(err, "cannot write %s: %s", fresh, strerrordesc_np(errno));
    bool written = dprintf(fd, "%s\n", secret) > 0;
    if (close(fd) == 0 && written && rename(fresh, path) == 0)
        return true;
    error_set(err, "cannot write %s: %s", path, strerrordesc_np(errno));
    unlink(fresh);
    return false;
}
