#include "daemon/network_disk.h"

#include <linux/magic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/vfs.h>

/* FUSE is here for sshfs and the like: the kernel asks a program that may never answer. */
static const struct {
    uint32_t type;
    const char *name;
} disks[] = {
    { NFS_SUPER_MAGIC, "NFS" },   { SMB_SUPER_MAGIC, "SMB" },     { SMB2_SUPER_MAGIC, "SMB" },
    { CIFS_SUPER_MAGIC, "CIFS" }, { FUSE_SUPER_MAGIC, "FUSE" },   { V9FS_MAGIC, "9p" },
    { CEPH_SUPER_MAGIC, "Ceph" }, { AFS_SUPER_MAGIC, "AFS" },     { AFS_FS_MAGIC, "AFS" },
    { CODA_SUPER_MAGIC, "Coda" }, { OCFS2_SUPER_MAGIC, "OCFS2" }, { NCP_SUPER_MAGIC, "NCP" },
};

const char *network_disk_name(unsigned long type)
{
    for (size_t i = 0; i < sizeof disks / sizeof disks[0]; i++)
        if (disks[i].type == (uint32_t)type)
            return disks[i].name;
    return NULL;
}

const char *network_disk_of(int fd)
{
    struct statfs system;
    return fstatfs(fd, &system) == 0 ? network_disk_name((unsigned long)system.f_type) : NULL;
}
