/*
 * passed_file.h - a descriptor that a client passes along with a line (unix(7), SCM_RIGHTS)
 */
#ifndef CHATRELAY_DAEMON_PASSED_FILE_H
#define CHATRELAY_DAEMON_PASSED_FILE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Receive bytes as recv(2) does, and with them any descriptor: the latest is in `*file_fd`, which
 * holds one that came before or -1, and the others are closed.
 */
ssize_t passed_file_receive(int socket_fd, void *bytes, size_t size, int *file_fd);

#endif
