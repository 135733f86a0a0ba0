#include "sandbox/connection.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static size_t descriptor(struct evhttp_connection *evcon)
{
    return (size_t)bufferevent_getfd(evhttp_connection_get_bufferevent(evcon));
}

static void forget(struct evhttp_connection *evcon, void *context)
{
    struct connections *connections = context;
    struct connection *connection = &connections->of[descriptor(evcon)];
    struct connection ended = *connection;
    *connection = (struct connection){ 0 };
    if (ended.closed)
        ended.closed(ended.context);
}

struct connection *connections_find(struct connections *connections,
                                    struct evhttp_connection *evcon)
{
    size_t fd = descriptor(evcon);
    if (fd >= connections->count) {
        size_t count = 2 * fd + 1;
        connections->of = xreallocarray(connections->of, count, sizeof *connections->of);
        memset(connections->of + connections->count, 0,
               (count - connections->count) * sizeof *connections->of);
        connections->count = count;
    }
    evhttp_connection_set_closecb(evcon, forget, connections);
    return &connections->of[fd];
}

void connections_clear(struct connections *connections)
{
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
