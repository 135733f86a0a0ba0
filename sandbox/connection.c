#include "sandbox/connection.h"

#include "base/memory.h"

#include <stdlib.h>
#include <sys/socket.h>

static size_t descriptor(struct evhttp_connection *evcon)
{
    return (size_t)bufferevent_getfd(evhttp_connection_get_bufferevent(evcon));
}

static void forget(struct evhttp_connection *evcon, void *context)
{
    struct connections *connections = context;
    struct connection **place = &connections->of[descriptor(evcon)];
    struct connection *ended = *place;
    *place = NULL;
    if (ended->closed)
        ended->closed(ended->context);
    free(ended);
}

static void make_room(struct connections *connections, size_t fd)
{
    if (fd < connections->count)
        return;
    size_t count = 2 * fd + 1;
    connections->of = xreallocarray(connections->of, count, sizeof(struct connection *));
    for (size_t i = connections->count; i < count; i++)
        connections->of[i] = NULL;
    connections->count = count;
}

struct connection *connections_find(struct connections *connections,
                                    struct evhttp_connection *evcon)
{
    size_t fd = descriptor(evcon);
    make_room(connections, fd);
    if (!connections->of[fd]) {
        connections->of[fd] = xcalloc(1, sizeof(struct connection));
        evhttp_connection_set_closecb(evcon, forget, connections);
    }
    return connections->of[fd];
}

void connections_clear(struct connections *connections)
{
    for (size_t i = 0; i < connections->count; i++)
        free(connections->of[i]);
    free(connections->of);
    *connections = (struct connections){ 0 };
}

void connection_reset(struct bufferevent *stream)
{
    /*
     * On Linux, connecting a TCP socket to nowhere sends a reset. Closing with
     * SO_LINGER would, too, but evhttp shuts down before it closes, and the peer
     * would see an orderly end first.
     */
    const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
    (void)connect(bufferevent_getfd(stream), &nowhere, sizeof nowhere);
}

void connection_end_with(struct evhttp_connection *evcon, const char *bytes, size_t length)
{
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(evcon));
    /* The socket's buffer is empty: the answer before was taken, or there was none. */
    if (length > 0)
        (void)send(fd, bytes, length, MSG_NOSIGNAL);
    evhttp_connection_free(evcon);
}
