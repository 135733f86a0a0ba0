#include "daemon/network_disk.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <unistd.h>

/* The numbers are those of statfs(2). */
Test(network_disk, those_that_wait_for_a_server)
{
    cr_expect_str_eq(network_disk_name(0x6969), "NFS");
    cr_expect_str_eq(network_disk_name(0xff534d42), "CIFS");
    cr_expect_str_eq(network_disk_name(0xfe534d42), "SMB");
    cr_expect_str_eq(network_disk_name(0x65735546), "FUSE");
    cr_expect_str_eq(network_disk_name(0x01021997), "9p");
    /* As statfs() gives it where its type is a signed word. */
    cr_expect_str_eq(network_disk_name((unsigned long)(int)0xff534d42), "CIFS");
}

Test(network_disk, those_of_this_machine)
{
    cr_expect_null(network_disk_name(0xef53), "ext4");
    cr_expect_null(network_disk_name(0x58465342), "XFS");
    cr_expect_null(network_disk_name(0x9123683e), "Btrfs");
    cr_expect_null(network_disk_name(0x01021994), "tmpfs");
    cr_expect_null(network_disk_name(0x794c7630), "overlayfs");
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    cr_expect_null(network_disk_of(fd));
    close(fd);
}
