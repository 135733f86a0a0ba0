/*
 * server.h - the sandbox's HTTP server
 */
#ifndef CHATRELAY_SANDBOX_SERVER_H
#define CHATRELAY_SANDBOX_SERVER_H

#include "base/error.h"
#include "sandbox/service.h"

#include <event2/event.h>

struct server_setup {
    struct event_base *base;
    struct service *service;
    const char *address; /* such as "127.0.0.1" */
    uint16_t port;       /* 0: any that is free */
    msec_t latency_least_ms, latency_most_ms;
    bool chunked;
};

/* Listen and serve. NULL and an error when it cannot. The service outlives the server. */
struct server *server_new(const struct server_setup *setup, struct error *err);
void server_free(struct server *server);

/* The port that it listens on. */
uint16_t server_port(const struct server *server);

#endif
