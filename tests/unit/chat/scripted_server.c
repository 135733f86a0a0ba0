#include "tests/unit/chat/scripted_server.h"

#include "base/memory.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    struct scripted_server *server;
    struct connection *next;
    int fd;
    struct event *event;
    struct text received;
    const struct step *step; /* under way */
    size_t sent;             /* of its bytes */
};

struct server_inside {
    struct event_base *loop;
    const struct step *steps;
    size_t step_count;
    int fd;
    struct event *event;
    struct connection *connections;
};

static int listen_anywhere(int *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 64) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        perror("scripted server");
        abort();
    }
    *port = ntohs(address.sin_port);
    return fd;
}

int closed_port(void)
{
    int port = 0;
    close(listen_anywhere(&port));
    return port;
}

static void hang_up(struct connection *connection)
{
    if (connection->fd < 0)
        return;
    event_free(connection->event);
    close(connection->fd);
    connection->fd = -1;
}

static void reset(struct connection *connection)
{
    struct linger discard = { .l_onoff = 1, .l_linger = 0 };
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &discard, sizeof discard);
    hang_up(connection);
}

static void watch(struct connection *connection, short what);

static void finish(struct connection *connection)
{
    enum step_kind kind = connection->step->kind;
    connection->step = NULL;
    if (kind == STEP_CLOSE)
        hang_up(connection);
    else if (kind == STEP_RESET)
        reset(connection);
    else
        watch(connection, EV_READ);
}

/* Send as much as goes now; the loop calls again for the rest. */
static void act(struct connection *connection)
{
    const struct step *step = connection->step;
    size_t length = step->bytes ? (step->length ? step->length : strlen(step->bytes)) : 0;
    ssize_t count = send(connection->fd, step->bytes + connection->sent, length - connection->sent,
                         MSG_NOSIGNAL);
    connection->sent += count > 0 ? (size_t)count : 0;
    bool broken = count < 0 && errno != EAGAIN;
    if (connection->sent == length || broken)
        finish(connection);
    else
        watch(connection, EV_WRITE);
}

/* The length of the request at the front of what came; 0 when it is not whole yet. */
static size_t whole_request(const struct text *received)
{
    const char *end = received->bytes ? strstr(received->bytes, "\r\n\r\n") : NULL;
    if (!end)
        return 0;
    const char *announced = strcasestr(received->bytes, "\r\nContent-Length: ");
    size_t body = announced && announced < end ? strtoul(announced + 18, NULL, 10) : 0;
    size_t whole = (size_t)(end - received->bytes) + 4 + body;
    return received->length >= whole ? whole : 0;
}

static void start(struct connection *connection, const struct step *step)
{
    connection->step = step;
    connection->sent = 0;
    if (step->bytes)
        act(connection);
    else
        finish(connection);
}

static void serve(struct connection *connection)
{
    struct scripted_server *server = connection->server;
    size_t length = whole_request(&connection->received);
    if (length == 0 || server->request_count == SERVER_MOST_REQUESTS)
        return;
    size_t number = server->request_count++;
    server->requests[number] = xmemdup0(connection->received.bytes, length);
    text_empty(&connection->received);
    if (number < server->inside->step_count)
        start(connection, &server->inside->steps[number]);
}

static void on_ready(evutil_socket_t fd, short what, void *context)
{
    struct connection *connection = context;
    if (what & EV_WRITE) {
        act(connection);
        return;
    }
    char bytes[16384];
    ssize_t count = recv(fd, bytes, sizeof bytes, 0);
    if (count > 0) {
        text_append(&connection->received, bytes, (size_t)count);
        serve(connection);
        return;
    }
    if (count == 0)
        connection->server->orderly_ends++;
    else
        connection->server->reset_ends++;
    hang_up(connection);
}

static void watch(struct connection *connection, short what)
{
    if (connection->event)
        event_free(connection->event);
    connection->event = event_new(connection->server->inside->loop, connection->fd,
                                  (short)(what | EV_PERSIST), on_ready, connection);
    event_add(connection->event, NULL);
}

static void on_connection(evutil_socket_t fd, short what, void *context)
{
    (void)what;
    struct scripted_server *server = context;
    struct connection *connection = xcalloc(1, sizeof *connection);
    connection->server = server;
    connection->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    connection->next = server->inside->connections;
    server->inside->connections = connection;
    if (connection->fd < 0)
        return;
    server->connection_count++;
    watch(connection, EV_READ);
}

struct scripted_server *scripted_server_new(struct event_base *loop, const struct step *steps,
                                            size_t count)
{
    struct scripted_server *server = xcalloc(1, sizeof *server);
    struct server_inside *inside = xcalloc(1, sizeof *inside);
    inside->loop = loop;
    inside->steps = steps;
    inside->step_count = count;
    inside->fd = listen_anywhere(&server->port);
    inside->event = event_new(loop, inside->fd, EV_READ | EV_PERSIST, on_connection, server);
    event_add(inside->event, NULL);
    server->inside = inside;
    return server;
}

void scripted_server_free(struct scripted_server *server)
{
    struct server_inside *inside = server->inside;
    event_free(inside->event);
    close(inside->fd);
    while (inside->connections) {
        struct connection *connection = inside->connections;
        inside->connections = connection->next;
        hang_up(connection);
        text_clear(&connection->received);
        free(connection);
    }
    for (size_t i = 0; i < server->request_count; i++)
        free(server->requests[i]);
    free(inside);
    free(server);
}
