/*
 * peer.h - one connection to the socket: lines in, answers out
 *
 * Answers leave in the order of the requests, each after the commit of its
 * turn. The connection is read from only as long as its client reads too.
 * Garbage harms nobody else.
 */
#ifndef CHATRELAY_DAEMON_PEER_H
#define CHATRELAY_DAEMON_PEER_H

#include "daemon/access.h"
#include "daemon/answers.h"
#include "daemon/follower.h"
#include "daemon/users.h"
#include "queue/turn.h"

#include <event2/util.h>

struct event;
struct event_base;

enum {
    PEER_READ_AT_ONCE = 16 * 1024, /* bytes taken from one connection in one turn */
    PEER_MOST_UNREAD = 256 * 1024, /* bytes of answers, before we handle no more requests */
};

/* How far a connection has come; it never goes back. */
enum peer_life {
    PEER_OPEN,
    PEER_ENDED,   /* the client will send no more */
    PEER_CLOSING, /* no more requests: close when all is written */
    PEER_BROKEN,  /* nobody is there any more */
};

struct peer {
    int fd;
    struct asker asker;
    struct user *owner;
    size_t counted_bytes; /* of what it holds, among its owner's */
    bool is_counted;      /* and has not changed since */
    struct event *readable, *writable;
    void (*on_change)(void *context, struct peer *peer);
    void *context;

    enum peer_life life;
    bool deferred; /* peer_act() is among the turn's effects */
    struct text in;
    size_t in_used; /* bytes of `in` that were handled */
    struct answers answers;
    struct follower follower;

    int64_t latest_id; /* of the connection's latest send, 0 for none */
    int64_t stored_id; /* likewise, before this turn */
    bool takes_files;  /* a descriptor that comes along is kept, the latest of them */
    int file_fd;       /* that one, -1 for none */

    msec_t active_steady_at;
    bool listed; /* among those of its owner that have something to do */
    STAILQ_ENTRY(peer) next_ready;
    TAILQ_ENTRY(peer) links; /* of all connections */
};

/*
 * Take over the connection `fd` of this asker, who is taken over, too. `on_change` is called
 * whenever there may be something to do for it: lines to handle, or nothing more at all. It must
 * not free the peer.
 */
struct peer *peer_new(struct event_base *loop, int fd, const struct asker *asker,
                      struct waits *waits, void (*on_change)(void *context, struct peer *peer),
                      void *context);
void peer_free(struct peer *peer);

/*
 * The next whole line, without its newline; the last one counts without, too.
 * NULL when there is none yet, or too many answers are unread. Valid until the
 * next call.
 */
const char *peer_line(struct peer *peer, size_t *length);

/* True when peer_line() would find one. */
bool peer_has_line(const struct peer *peer);

/* True when the line that is coming is longer than any request may be. */
bool peer_line_is_too_long(const struct peer *peer);

/* Where to write the one line that answers a request; goes out after the turn's commit. */
struct text *peer_answer(struct peer *peer, struct turn *turn, const char *ref);

/* Where to write the one line of an event; when the turn is undone, nobody is told of it. */
struct text *peer_event(struct peer *peer, struct turn *turn);

/* Later answers wait until this one is over. */
void peer_add_wait(struct peer *peer, struct wait *wait);

/* Where to write the line that ends a wait; as peer_answer(). The wait is over. */
struct text *peer_end_wait(struct wait *wait, struct turn *turn);

/* So much is unread that nothing more should be said to it. */
bool peer_is_behind(const struct peer *peer);

/* It waits for nothing, and follows nothing. */
bool peer_is_idle(const struct peer *peer);

/* Something was or will be answered that its client has not read. */
bool peer_has_unread(const struct peer *peer);

/* The descriptor that came along, which is the caller's from now on; -1 for none. */
int peer_take_file(struct peer *peer);

/* Handle nothing more from it; close when its answers are written. */
void peer_close(struct peer *peer);

/* Hold nothing more for it, and tell it nothing more: it is to be freed when it is finished. */
void peer_give_up(struct peer *peer);

/* Read on or stop, as the buffers allow. Call when lines were handled. */
void peer_regulate(struct peer *peer);

/* All is said and done, and no turn's effect refers to it: it may be freed. */
bool peer_is_finished(const struct peer *peer);

/* Bytes that it holds in memory: as many as before, while nothing has taken `is_counted` back. */
size_t peer_size(const struct peer *peer);

#endif
