/*
 * connection.h - what evhttp does not tell about a connection, and would not do to it
 */
#ifndef CHATRELAY_SANDBOX_CONNECTION_H
#define CHATRELAY_SANDBOX_CONNECTION_H

#include <event2/bufferevent.h>
#include <event2/http.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection {
    uint64_t requests;             /* that came in, the present one included */
    void (*closed)(void *context); /* called once when the connection ends; NULL: nobody asked */
    void *context;
};

/* By descriptor. Zeroed, it knows none. */
struct connections {
    struct connection **of;
    size_t count;
};

/* The record of the request's connection, valid until the connection ends. */
struct connection *connections_find(struct connections *connections,
                                    struct evhttp_connection *evcon);
void connections_clear(struct connections *connections);

/* Drop the peer with a TCP reset. What it sent and was not read yet is lost. */
void connection_reset(struct bufferevent *stream);

/* Write `length` bytes as they are, for what evhttp would not say; then end the connection. */
void connection_end_with(struct evhttp_connection *evcon, const char *bytes, size_t length);

#endif
