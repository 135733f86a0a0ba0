/*
 * bare_accept DATABASE SOCKET - a server that accepts messages and does nothing else
 *
 * libevent, jansson and SQLite, one thread, the relay's tables and one commit a
 * turn: what there is to reach. It checks nothing and delivers nothing.
 */
#include "bench/bare_store.h"
#include "bench/tool.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CHANGES = 1000 };

struct answer {
    struct bufferevent *client;
    int64_t id;
};

struct server {
    struct event_base *loop;
    struct bare_store store;
    struct answer answers[MOST_CHANGES]; /* of this turn */
    size_t count;
};

static void end_turn(struct server *server)
{
    if (server->count == 0)
        return;
    bare_store_commit(&server->store);
    for (size_t i = 0; i < server->count; i++)
        evbuffer_add_printf(bufferevent_get_output(server->answers[i].client),
                            "{\"ok\":true,\"id\":%lld,\"state\":\"pending\",\"position\":1,"
                            "\"eta_ms\":0}\n",
                            (long long)server->answers[i].id);
    server->count = 0;
}

static void take_line(struct server *server, struct bufferevent *client, const char *line)
{
    json_t *request = json_loads(line, 0, NULL);
    const char *to = json_string_value(json_object_get(request, "to"));
    const char *content = json_string_value(json_object_get(request, "content"));
    if (!to || !content)
        die("not a message: %s", line);
    if (server->count == 0)
        bare_store_begin(&server->store);
    server->answers[server->count++] =
        (struct answer){ .client = client,
                         .id = bare_store_add(&server->store, strtol(to + 1, NULL, 10), content) };
    json_decref(request);
    if (server->count == MOST_CHANGES)
        end_turn(server);
}

static void on_readable(struct bufferevent *client, void *context)
{
    for (char *line;
         (line = evbuffer_readln(bufferevent_get_input(client), NULL, EVBUFFER_EOL_LF));) {
        take_line(context, client, line);
        free(line);
    }
}

static void on_event(struct bufferevent *client, short what, void *context)
{
    (void)what;
    end_turn(context);
    bufferevent_free(client);
}

static void on_client(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *context)
{
    (void)listener;
    (void)address;
    (void)length;
    struct server *server = context;
    struct bufferevent *client = bufferevent_socket_new(server->loop, fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(client, on_readable, NULL, on_event, server);
    bufferevent_enable(client, EV_READ | EV_WRITE);
}

int main(int argc, char **argv)
{
    static struct server server;
    if (argc != 3)
        die("usage: bare_accept DATABASE SOCKET");
    bare_store_open(&server.store, argv[1]);
    server.loop = event_base_new();
    int fd = listen_unix(argv[2]);
    evutil_make_socket_nonblocking(fd);
    if (!evconnlistener_new(server.loop, on_client, &server, 0, 0, fd))
        die("cannot listen on %s", argv[2]);
    while (event_base_loop(server.loop, EVLOOP_ONCE) == 0)
        end_turn(&server);
    return 0;
}
