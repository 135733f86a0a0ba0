/*
 * network_disk.c - preloaded into chatrelayd, it puts all open files on NFS
 */
#include <linux/magic.h>
#include <sys/vfs.h>

/* The name by which libc's is replaced. */
int say_nfs(int fd, struct statfs *system) __asm__("fstatfs");

int say_nfs(int fd, struct statfs *system)
{
    (void)fd;
    *system = (struct statfs){ .f_type = NFS_SUPER_MAGIC };
    return 0;
}
