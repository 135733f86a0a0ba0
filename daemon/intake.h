/*
 * intake.h - the socket where scripts hand in messages, and its connections
 *
 * Everybody gets a fair share of a turn: the users in rotation, and of each of
 * them the connections, at most 16 KiB at a time, until the turn is full; the
 * rest waits in its buffer. Who never pauses delays nobody else, however many
 * connections that may be.
 */
#ifndef CHATRELAY_DAEMON_INTAKE_H
#define CHATRELAY_DAEMON_INTAKE_H

#include "daemon/peer.h"

struct intake;

enum {
    INTAKE_MOST_PEERS = 1000,
    INTAKE_MOST_BYTES = 64 * 1024 * 1024, /* of all connections; beyond, who holds most gives way */
    INTAKE_LONGEST_MS = 25, /* of a turn, but for the line that begins before and ends after */
    INTAKE_LONGEST_IDLE_MS = 10 * 60 * 1000,
};

struct intake_setup {
    struct event_base *loop; /* borrowed, as all below */
    struct waits *waits;
    const struct clock *clock;
    int listen_fd;     /* taken over */
    size_t most_peers; /* users_share() of them for any one user but root and ourselves */
    /* True when the connection's user may pass open files. */
    bool (*may_pass_files)(void *context, const struct asker *asker);
    /* Handle one line of a connection. */
    void (*handle)(void *context, struct peer *peer, const char *line, size_t length);
    /* True when the turn can take no more. */
    bool (*is_full)(void *context);
    void *context;
};

struct intake *intake_new(const struct intake_setup *setup);

/* Close all connections at once. NULL is fine. */
void intake_free(struct intake *intake);

/*
 * Handle the lines that have come. `turn` is the one that is open: refusals of
 * lines that are too long are among its answers. Outside of turn_end().
 */
void intake_process(struct intake *intake, struct turn *turn, struct moment now);

/* True when intake_process() left something over, or something needs it at once. */
bool intake_has_work(const struct intake *intake);

/* Take no new connections and handle no more lines; answers still go out. */
void intake_close_door(struct intake *intake);

/* We end, in no good order: tell everybody why. What anybody has said and got no answer to is void.
 */
void intake_excuse(struct intake *intake, const struct refusal *refusal);

/* How long until a connection has been idle for too long; MSEC_NEVER when there is none. */
msec_t intake_next_ms(const struct intake *intake, struct moment now);

#endif
