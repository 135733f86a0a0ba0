#include "queue/advice.h"

#include <errno.h>
#include <string.h>

const char *advice_on(int system_error)
{
    switch (system_error) {
    case ENOSPC:
        return ": make room on its file system";
    case EDQUOT:
        return ": raise the quota of its owner";
    case EFBIG:
        return ": raise the limit of a file's size (LimitFSIZE=)";
    case EROFS:
        return ": its file system is read-only; mount it writable, and see why it is not (dmesg)";
    case EMFILE:
        return ": raise the limit of open files (LimitNOFILE=)";
    case ENFILE:
        return ": the machine has too many files open; raise fs.file-max";
    case ENOLCK:
        return ": its file system has no locks; put the outbox on a local disk";
    case EACCES:
    case EPERM:
        return ": check the owner and mode of it and its folder";
    case EIO:
        return ": the disk fails (dmesg); copy the outbox to another before anything else";
    default:
        return "";
    }
}

bool advice_set(struct error *err, const char *name)
{
    return error_set(err, "%s: %s%s", name, strerrordesc_np(errno), advice_on(errno));
}
