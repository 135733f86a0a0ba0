#include "daemon/passed_file.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void keep_latest(const struct cmsghdr *part, int *file_fd)
{
    size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
        if (*file_fd >= 0)
            close(*file_fd);
        memcpy(file_fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
    }
}

ssize_t passed_file_receive(int socket_fd, void *bytes, size_t size, int *file_fd)
{
    enum { MOST_FILES = 4 };
    _Alignas(struct cmsghdr) char parts[CMSG_SPACE(MOST_FILES * sizeof(int))];
    struct iovec room = { bytes, size };
    struct msghdr message = {
        .msg_iov = &room, .msg_iovlen = 1, .msg_control = parts, .msg_controllen = sizeof parts
    };
    ssize_t count = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC);
    for (struct cmsghdr *part = count < 0 ? NULL : CMSG_FIRSTHDR(&message); part;
         part = CMSG_NXTHDR(&message, part))
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
            keep_latest(part, file_fd);
    return count;
}
