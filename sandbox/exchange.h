/*
 * exchange.h - one request and its answer on a connection
 *
 *     request -> fault? -> carried out -> altered? -> waits (latency, stall) -> sent
 *                  |                                       |
 *                  +-> reset, closed, cut, garbage         +-> the client went away
 */
#ifndef CHATRELAY_SANDBOX_EXCHANGE_H
#define CHATRELAY_SANDBOX_EXCHANGE_H

#include "sandbox/call.h"
#include "sandbox/connection.h"

#include <event2/event.h>
#include <sys/queue.h>

struct exchange;
TAILQ_HEAD(exchange_list, exchange);

/* What all exchanges of a server share. */
struct exchange_host {
    struct service *service;
    struct event_base *base;
    msec_t latency_least_ms, latency_most_ms; /* of the service's time */
    bool chunked;                             /* answers come with Transfer-Encoding: chunked */
    struct exchange_list waiting;
};

/*
 * Answer the request, now or later. `call` is taken over; NULL: there is no such
 * operation. `reused`: its connection had an answer before.
 */
void exchange_begin(struct exchange_host *host, struct evhttp_request *request, struct call *call,
                    bool reused);

/* Forget all that still wait, before evhttp and its connections go. */
void exchange_abandon_all(struct exchange_host *host);

#endif
