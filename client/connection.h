/*
 * connection.h - lines to and from the relay's socket, each within a time
 *
 * Deadlines are instants of the steady clock; MSEC_NEVER waits for ever.
 */
#ifndef CHATRELAY_CLIENT_CONNECTION_H
#define CHATRELAY_CLIENT_CONNECTION_H

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

#include <stddef.h>

struct connection {
    int fd;               /* -1: closed */
    int passes_fd;        /* goes along with whatever is sent; 0 for none */
    struct text received; /* bytes that were read ... */
    size_t used;          /* ... and how many of them were handed out as lines */
};

enum connection_opened {
    CONNECTION_OPEN,
    CONNECTION_REFUSED,    /* nobody there at the moment; trying again may help */
    CONNECTION_FORBIDDEN,  /* by the permissions of the socket or a folder above it */
    CONNECTION_IMPOSSIBLE, /* the path can never lead to a socket */
};

enum connection_result {
    CONNECTION_DONE,
    CONNECTION_BROKEN, /* the other side is gone; `err` says how */
    CONNECTION_LATE,   /* the deadline came first */
};

/* On anything but CONNECTION_OPEN the connection is closed and `err` says why. */
MUST_CHECK enum connection_opened connection_open(struct connection *connection, const char *path,
                                                  struct error *err);

/* Hand over all of `bytes`; `*sent` counts those that were, also on failure. */
MUST_CHECK enum connection_result connection_send(struct connection *connection, const char *bytes,
                                                  size_t length, msec_t deadline_steady_at,
                                                  size_t *sent, struct error *err);

/* The next whole line, without its newline, borrowed until the next call. */
MUST_CHECK enum connection_result connection_receive(struct connection *connection,
                                                     msec_t deadline_steady_at, const char **line,
                                                     size_t *length, struct error *err);

/* A line that has already been read, if there is one; never waits. */
bool connection_next_line(struct connection *connection, const char **line, size_t *length);

/* Read what is there, without waiting. */
MUST_CHECK enum connection_result connection_read(struct connection *connection, struct error *err);

/* Also twice, and for one that never was open (fd -1). */
void connection_close(struct connection *connection);

/* What poll(2) is to be told: milliseconds until the deadline, -1 for ever. */
int connection_poll_timeout(msec_t deadline_steady_at);

#endif
