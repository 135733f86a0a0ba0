/*
 * network_disk.h - file systems that make whoever writes wait for a server
 *
 * A write to one may wait for that server as long as it likes, and with it the whole
 * relay. So nothing of a client's is written there. Of FUSE nobody can tell whether
 * there is a server behind it, so it counts as one, though it may be a local disk.
 */
#ifndef CHATRELAY_DAEMON_NETWORK_DISK_H
#define CHATRELAY_DAEMON_NETWORK_DISK_H

/* What the file system of an open file is called, "NFS"; NULL: it is none of these. */
const char *network_disk_of(int fd);

/* Likewise of statfs(2)'s f_type. Pure. */
const char *network_disk_name(unsigned long type);

#endif
