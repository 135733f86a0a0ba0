/*
 * follower.h - a connection that follows the log or a thread
 *
 *     none -> awaited -> joined -> lasting
 *       \------------------^
 *
 * It handles no more requests then. Should the turn in which it joined be undone, it never did.
 */
#ifndef CHATRELAY_DAEMON_FOLLOWER_H
#define CHATRELAY_DAEMON_FOLLOWER_H

#include "queue/turn.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct peer;

enum follower_state {
    FOLLOWER_NONE,
    FOLLOWER_AWAITED, /* it asked for it, and is not answered yet */
    FOLLOWER_JOINED,  /* in this turn */
    FOLLOWER_LASTING,
};

/* Of a peer; zeroed, it follows nothing. */
struct follower {
    enum follower_state state;
    struct peer *next, **link; /* once it has joined: in the list of those who do */
    int64_t thread;            /* of the log: -1: all */
    char *ref;                 /* of its request; NULL for none */
    int64_t missed;            /* events, since it is behind */
    int64_t told; /* in this turn, missed ones among them: should it be undone, none was */
};

/* It is about to join, or not to. */
void follower_await(struct peer *peer, bool is_awaited);

/* It is in the list `followers` from now on, and in no other yet. `ref` is copied. */
void follower_join(struct peer *peer, struct peer **followers, int64_t thread, const char *ref);

/* It follows nothing any more. */
void follower_leave(struct peer *peer);

/*
 * Tell it, after the turn's commit. A client that does not read misses events
 * rather than filling our memory, as does everybody when the turn is undone; the next line it
 * gets says how many.
 */
void follower_tell(struct peer *peer, struct turn *turn, const json_t *event);

/* The turn is over: it was committed, or all of it is as if it had never been. */
void follower_settle(struct peer *peer, bool committed);

#endif
