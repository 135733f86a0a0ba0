#include "sandbox/server.h"

#include "base/memory.h"
#include "sandbox/exchange.h"
#include "sandbox/ledger.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_BODY_BYTES = 1024 * 1024, LARGEST_HEADERS_BYTES = 64 * 1024 };

struct server {
    struct exchange_host host;
    struct evhttp *http;
    struct evhttp_bound_socket *listener;
    struct connections connections;
};

/* Path and query, as sent: the signature covers them so. */
static char *target_of(const struct evhttp_uri *uri)
{
    const char *path = evhttp_uri_get_path(uri), *query = evhttp_uri_get_query(uri);
    return xasprintf("%s%s%s", path ? path : "", query ? "?" : "", query ? query : "");
}

static bool is_ledger(const struct evhttp_request *request, const char *target)
{
    static const char path[] = "/sandbox/messages";
    size_t length = strlen(path);
    return evhttp_request_get_command(request) == EVHTTP_REQ_GET &&
           strncmp(target, path, length) == 0 && (target[length] == '\0' || target[length] == '?');
}

static void on_request(struct evhttp_request *request, void *context)
{
    struct server *server = context;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    if (!uri) { /* evhttp could not make sense of it, and has set the status */
        evhttp_send_error(request, evhttp_request_get_response_code(request), NULL);
        return;
    }
    struct connection *connection =
        connections_find(&server->connections, evhttp_request_get_connection(request));
    connection->requests++;

    CLEANUP(free_memory) char *target = target_of(uri);
    if (is_ledger(request, target)) {
        ledger_stream(&server->host.service->store, request, connection);
        return;
    }
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    size_t length = evbuffer_get_length(body);
    struct call *call = call_new(server->host.service, evhttp_request_get_command(request), target,
                                 evhttp_request_get_input_headers(request),
                                 (const char *)evbuffer_pullup(body, -1), length);
    exchange_begin(&server->host, request, call, connection->requests > 1);
}

static void reset_accepted(evutil_socket_t fd, short events, void *context)
{
    struct bufferevent *stream = context;
    (void)fd;
    (void)events;
    connection_reset(stream);
}

/*
 * evhttp asks for a stream for each connection that it accepts, before anything
 * is read from it and before it has its descriptor. An event without a delay
 * runs once it has, and before the loop looks for input again.
 */
static struct bufferevent *on_connect(struct event_base *base, void *context)
{
    static const struct fault_target target = { .operation = OPERATION_CONNECT };
    struct server *server = context;
    struct bufferevent *stream = bufferevent_socket_new(base, -1, 0);
    if (fault_plan_match(&server->host.service->faults, &target))
        event_base_once(base, -1, EV_TIMEOUT, reset_accepted, stream, NULL);
    return stream;
}

static struct evhttp *make_http(struct server *server)
{
    struct evhttp *http = evhttp_new(server->host.base);
    evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
                                         EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE);
    evhttp_set_max_body_size(http, LARGEST_BODY_BYTES);
    evhttp_set_max_headers_size(http, LARGEST_HEADERS_BYTES);
    evhttp_set_default_content_type(http, NULL);
    evhttp_set_gencb(http, on_request, server);
    evhttp_set_bevcb(http, on_connect, server);
    return http;
}

struct server *server_new(const struct server_setup *setup, struct error *err)
{
    struct server *server = xcalloc(1, sizeof *server);
    server->host = (struct exchange_host){
        .service = setup->service,
        .base = setup->base,
        .latency_least_ms = setup->latency_least_ms,
        .latency_most_ms = setup->latency_most_ms,
        .chunked = setup->chunked,
    };
    TAILQ_INIT(&server->host.waiting);
    server->http = make_http(server);
    server->listener = evhttp_bind_socket_with_handle(server->http, setup->address, setup->port);
    if (server->listener)
        return server;
    error_set(err, "cannot listen on %s:%d: %s", setup->address, setup->port,
              strerrordesc_np(errno));
    server_free(server);
    return NULL;
}

void server_free(struct server *server)
{
    if (!server)
        return;
    exchange_abandon_all(&server->host);
    evhttp_free(server->http);
    connections_clear(&server->connections);
    free(server);
}

uint16_t server_port(const struct server *server)
{
    /* An IPv6 address is longer, and cut off, but has its port in the same place. */
    struct sockaddr_in address = { 0 };
    socklen_t length = sizeof address;
    getsockname(evhttp_bound_socket_get_fd(server->listener), (struct sockaddr *)&address, &length);
    return ntohs(address.sin_port);
}
