/*
 * queue_floor.h - outbox, dispatcher and courier, as one thing that can be restarted
 *
 *     open --storage failure--> closed --(back-off)--> open
 *
 * To open is only to read: that it works again shows when something was written.
 *
 * After a storage failure memory and disk may disagree, so all of it is thrown
 * away: requests under way are given up (their messages stay in doubt), and the
 * way back leads through the ordinary start.
 */
#ifndef CHATRELAY_DAEMON_QUEUE_FLOOR_H
#define CHATRELAY_DAEMON_QUEUE_FLOOR_H

#include "chat/courier.h"
#include "daemon/dice.h"
#include "daemon/turn_cost.h"
#include "daemon/upkeep.h"
#include "queue/turn.h"

struct event_base;

struct queue_floor_setup {
    struct event_base *loop; /* borrowed, as all below */
    const struct clock *clock;
    struct dice *dice;
    /* How a message's attempt or look ended. */
    void (*settled)(void *context, const struct settlement *settlement);
    /* A report that the relay made itself. */
    void (*reported)(void *context, const struct message *report);
    /* What a thread said of itself; `thread` is its name in the settings. */
    void (*inspected)(void *context, const char *thread, const struct inspected *inspected);
    token_news *token_news; /* how a sender's token fares */
    void *context;
};

struct queue_floor {
    struct queue_floor_setup use;
    struct turn *turn;             /* there even while closed */
    struct outbox *outbox;         /* NULL while closed */
    struct dispatcher *dispatcher; /* likewise, as the courier */
    struct chat *chat;
    struct courier courier;
    struct homecomer *homecomers, **last_homecomer; /* sends that have ended, to be settled */
    size_t reads; /* of this turn, as queue_floor_note_reads() was told */
    struct upkeep upkeep;
    struct turn_cost cost;
    char *outbox_path;       /* as it was at the start, whatever was reloaded; NULL before */
    char machine_id[33];     /* of this machine, "" when it has none */
    bool restored;           /* the outbox is from a backup; until the floor is open */
    bool is_damaged;         /* closed for good: opening anew would not help */
    int64_t failures;        /* to open, in a row */
    msec_t reopen_steady_at; /* while closed: when to try again */
    int64_t unwritten;       /* failures since something was written; 0: all is well */
    msec_t prove_steady_at;  /* unwritten > 0: when we write something if nobody else does */
};

struct queue_floor *queue_floor_new(const struct queue_floor_setup *setup);

/* Undoes an open turn. NULL is fine. */
void queue_floor_free(struct queue_floor *floor);

/* Open for what the directory says. False: still closed, and reopen_steady_at says when to try
 * again. */
MUST_CHECK bool queue_floor_open(struct queue_floor *floor, struct directory *directory,
                                 struct moment now, struct error *err);

/* Take over other settings; false, with nothing changed, when they cannot be. Only while open. */
MUST_CHECK bool queue_floor_configure(struct queue_floor *floor, struct directory *directory,
                                      struct moment now, struct error *err);

/* Settle the sends that have ended, as far as the turn has room. Only while open. */
void queue_floor_settle(struct queue_floor *floor, struct moment now);

/*
 * So many messages were read to tell what became of them: each fills the turn as a change does, so
 * that what is still to be settled waits for the next one.
 */
void queue_floor_note_reads(struct queue_floor *floor, size_t count);

/*
 * Begin what may be begun now, as part of the turn. Returns how long until
 * there may be more: 0 when the turn is full.
 */
msec_t queue_floor_dispatch(struct queue_floor *floor, struct moment now,
                            void (*moved)(void *context, const struct message *message),
                            void *context);

/*
 * Look after what keeps the outbox healthy, as part of the turn. `is_idle` when
 * the turn has nothing better to do. Returns how long until there may be more.
 */
msec_t queue_floor_keep(struct queue_floor *floor, const struct retention_policy *policy,
                        bool is_idle, struct moment now);

/* Commit the turn and let out what it holds. False: there was a storage failure, and the floor is
 * closed. */
MUST_CHECK bool queue_floor_end_turn(struct queue_floor *floor, struct moment now,
                                     struct error *err);

/* True when the file system has `least_bytes` left for us, or more. */
bool queue_floor_has_room(const struct queue_floor *floor, int64_t least_bytes);

#endif
