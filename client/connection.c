#include "client/connection.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    READ_BYTES = 64 * 1024,
    LONGEST_ANSWER = 16 * 1024 * 1024,
};

int connection_poll_timeout(msec_t deadline_steady_at)
{
    if (deadline_steady_at == MSEC_NEVER)
        return -1;
    msec_t left_ms = deadline_steady_at - clock_now(&clock_system).steady_at;
    return (int)msec_max(0, msec_min(left_ms, INT_MAX));
}

/* False when the deadline comes first. */
static bool wait_until_ready(int fd, short events, msec_t deadline_steady_at)
{
    struct pollfd watched = { .fd = fd, .events = events };
    for (;;) {
        int ready = poll(&watched, 1, connection_poll_timeout(deadline_steady_at));
        if (ready > 0)
            return true;
        if (ready == 0 && connection_poll_timeout(deadline_steady_at) == 0)
            return false;
    }
}

static enum connection_opened kind_of(int error_number)
{
    switch (error_number) {
    case ENOENT:       /* not bound yet */
    case ECONNREFUSED: /* bound, and nobody listens */
    case EAGAIN:       /* its queue is full */
        return CONNECTION_REFUSED;
    case EACCES:
    case EPERM:
        return CONNECTION_FORBIDDEN;
    default:
        return CONNECTION_IMPOSSIBLE;
    }
}

enum connection_opened connection_open(struct connection *connection, const char *path,
                                       struct error *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    *connection = (struct connection){ .fd = -1 };

    if (strlen(path) >= sizeof address.sun_path) {
        error_set(err, "the socket's path is too long: %s", path);
        return CONNECTION_IMPOSSIBLE;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);

    connection->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connection->fd >= 0 &&
        connect(connection->fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return CONNECTION_OPEN;

    int error_number = errno;
    connection_close(connection);
    error_set(err, "cannot reach the relay at %s: %s", path, strerrordesc_np(error_number));
    return kind_of(error_number);
}

static enum connection_result broken(struct error *err, const char *how)
{
    error_set(err, "the relay went away: %s", how);
    return CONNECTION_BROKEN;
}

/* As send(2), with an open file that the other side gets a descriptor of: unix(7), SCM_RIGHTS. */
static ssize_t send_part(const struct connection *connection, const char *bytes, size_t length)
{
    _Alignas(struct cmsghdr) char part[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec data = { (char *)(uintptr_t)bytes, length };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
    if (connection->passes_fd > 0) {
        message.msg_control = part;
        message.msg_controllen = sizeof part;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        *header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
                                    .cmsg_level = SOL_SOCKET,
                                    .cmsg_type = SCM_RIGHTS };
        memcpy(CMSG_DATA(header), &connection->passes_fd, sizeof(int));
    }
    return sendmsg(connection->fd, &message, MSG_NOSIGNAL);
}

enum connection_result connection_send(struct connection *connection, const char *bytes,
                                       size_t length, msec_t deadline_steady_at, size_t *sent,
                                       struct error *err)
{
    *sent = 0;
    while (*sent < length) {
        ssize_t count = send_part(connection, bytes + *sent, length - *sent);
        if (count >= 0)
            *sent += (size_t)count;
        else if (errno != EAGAIN && errno != EINTR)
            return broken(err, strerrordesc_np(errno));
        else if (!wait_until_ready(connection->fd, POLLOUT, deadline_steady_at))
            return CONNECTION_LATE;
    }
    return CONNECTION_DONE;
}

bool connection_next_line(struct connection *connection, const char **line, size_t *length)
{
    struct text *received = &connection->received;
    if (connection->used == received->length)
        return false;

    *line = received->bytes + connection->used;
    const char *end = memchr(*line, '\n', received->length - connection->used);
    if (!end)
        return false;
    *length = (size_t)(end - *line);
    connection->used += *length + 1;
    return true;
}

/* Forget the lines that were handed out. */
static void drop_used(struct connection *connection)
{
    text_drop(&connection->received, connection->used);
    connection->used = 0;
}

enum connection_result connection_read(struct connection *connection, struct error *err)
{
    char bytes[READ_BYTES];
    ssize_t count = recv(connection->fd, bytes, sizeof bytes, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return CONNECTION_DONE;
    if (count < 0)
        return broken(err, strerrordesc_np(errno));
    if (count == 0)
        return broken(err, "it closed the connection");

    drop_used(connection);
    if (connection->received.length > LONGEST_ANSWER)
        return broken(err, "its answer has no end");
    text_append(&connection->received, bytes, (size_t)count);
    return CONNECTION_DONE;
}

enum connection_result connection_receive(struct connection *connection, msec_t deadline_steady_at,
                                          const char **line, size_t *length, struct error *err)
{
    while (!connection_next_line(connection, line, length)) {
        if (!wait_until_ready(connection->fd, POLLIN, deadline_steady_at))
            return CONNECTION_LATE;
        enum connection_result result = connection_read(connection, err);
        if (result != CONNECTION_DONE)
            return result;
    }
    return CONNECTION_DONE;
}

void connection_close(struct connection *connection)
{
    if (connection->fd >= 0)
        close(connection->fd);
    text_clear(&connection->received);
    *connection = (struct connection){ .fd = -1 };
}
