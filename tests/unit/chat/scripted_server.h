/*
 * scripted_server.h - an HTTP server on the loop under test that misbehaves as told
 *
 * The n-th complete request, on whatever connection, gets the n-th step. It
 * listens on a free port of 127.0.0.1.
 */
#ifndef CHATRELAY_TESTS_UNIT_CHAT_SCRIPTED_SERVER_H
#define CHATRELAY_TESTS_UNIT_CHAT_SCRIPTED_SERVER_H

#include <stddef.h>

struct event_base;

enum step_kind {
    STEP_ANSWER, /* send `bytes`, keep the connection */
    STEP_CLOSE,  /* send `bytes` (NULL: none), close */
    STEP_RESET,  /* send `bytes` (NULL: none), close with a reset */
    STEP_STALL,  /* say nothing */
};

struct step {
    enum step_kind kind;
    const char *bytes;
    size_t length; /* of bytes; 0: they are a string */
};

enum { SERVER_MOST_REQUESTS = 32 };

struct scripted_server {
    int port;
    size_t request_count;                 /* that arrived whole */
    char *requests[SERVER_MOST_REQUESTS]; /* as they came */
    size_t connection_count;
    size_t orderly_ends; /* connections that the client closed */
    size_t reset_ends;   /* connections that the client reset */
    struct server_inside *inside;
};

/* `steps` is borrowed. A request beyond the last step stalls. */
struct scripted_server *scripted_server_new(struct event_base *loop, const struct step *steps,
                                            size_t count);
void scripted_server_free(struct scripted_server *server);

/* A port of 127.0.0.1 where nobody listens. */
int closed_port(void);

#endif
