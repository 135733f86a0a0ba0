/*
 * dispatcher.h - decide what goes out next, and what its end means
 *
 * The dispatcher owns no socket, no timer, no thread and no log, and calls
 * nobody back. It is asked what is to be done now, and answers with a piece of
 * work or with the time to ask again; it is told how the work ended. So the
 * whole life of a message can be played through in a test, in no time.
 *
 *     outbox -> lane -> dispatcher_next -> commit -> courier -> dispatcher_settle -> commit
 *                 ^                                                    |
 *                 '--------------- again, when its scopes allow -------'
 *
 * All it decides is written to the outbox in the turn that is open: a piece of
 * work may be given to the courier only after that turn's commit. When the
 * outbox fails, throw the dispatcher away with it and start both anew.
 */
#ifndef CHATRELAY_QUEUE_DISPATCHER_H
#define CHATRELAY_QUEUE_DISPATCHER_H

#include "queue/courier.h"
#include "queue/outbox.h"
#include "queue/route.h"

struct dispatcher;

enum {
    DISPATCHER_MOST_UNDER_WAY = 256,    /* attempts and looks, all together */
    DISPATCHER_MOST_PER_ENDPOINT = 128, /* so that one that hangs leaves room for others */
    DISPATCHER_MOST_LANES_PER_LOOK = 64,
};

enum work_kind {
    WORK_SEND,    /* courier.send(parcel) */
    WORK_LOOK,    /* courier.look(look) */
    WORK_INSPECT, /* courier.inspect(inspection) */
};

/*
 * Something for the courier, to be settled exactly once. It belongs to the
 * dispatcher; what `parcel`, `look` and `inspection` point to is valid until then.
 */
struct work {
    enum work_kind kind;
    struct parcel parcel;         /* WORK_SEND */
    struct look look;             /* WORK_LOOK */
    struct inspection inspection; /* WORK_INSPECT */
    struct cargo *cargo;          /* the dispatcher's own */
    void *carrier;                /* the caller's own: whoever has it in hand */
};

/* The name in our settings of the thread that it is about; until the next reload. */
const char *work_thread(const struct work *work);

/* How one message's attempt or look ended, for the result log. Borrowed for the call. */
struct settlement {
    const struct message *message; /* in its new state */
    const char *thread;            /* its name in our settings */
    const struct attempt *attempt; /* NULL when a look settled it */
    const struct delivery *delivery;
    msec_t queued_ms; /* from acceptance (or its due time) to the head of its lane */
    msec_t lane_ms;   /* from there to the start of this attempt */
    msec_t retry_ms;  /* when it stays pending: how long its scope waits now; 0 for not at all */
};

/*
 * `outbox` is borrowed. Reads which lanes have work, which windows are spent
 * and what is in doubt. No routes yet: nothing goes out. `boot_id` is of this
 * start of the machine, with which the steady clock began; "": nobody knows.
 */
struct dispatcher *dispatcher_new(struct outbox *outbox, const char *boot_id, struct moment now);

/* Pieces of work still out are dropped: never settle them after. NULL is fine. */
void dispatcher_free(struct dispatcher *dispatcher);

/* Replace the routes; see routes_configure(). Windows, waits and what is under way stay. */
void dispatcher_configure(struct dispatcher *dispatcher, const struct route_setup *setups,
                          size_t count, struct moment now);

/* A pending message was added behind all others of its lane. */
void dispatcher_added(struct dispatcher *dispatcher, const struct message *message,
                      struct moment now);

/* Add a pending message at the place of `older`, which fold_find() found; see fold_add(). */
void dispatcher_replace(struct dispatcher *dispatcher, struct message *message,
                        struct message *older, struct moment now);

/* A lane's messages changed in any other way: moved, held, cancelled, brought back. */
void dispatcher_changed(struct dispatcher *dispatcher, lane_id id, struct moment now);

/*
 * Move scheduled messages that are due into their lanes and end those that are
 * worthless, and write down what looks have found, up to `most` of them. `moved`
 * is called with each that has left its lane for good, and with those that the
 * last run left under way and the settings want held.
 * True when there is more to do at once.
 */
MUST_CHECK bool dispatcher_tend(struct dispatcher *dispatcher, struct moment now, size_t most,
                                void (*moved)(void *context, const struct message *message),
                                void *context);

/*
 * A thread was cut off for longer than its setting: now that this is over, a
 * report of it is added with this stamp, `report`, for the caller to clear. False
 * when there is none; to be asked until then, in every turn, after
 * dispatcher_tend().
 */
MUST_CHECK bool dispatcher_report(struct dispatcher *dispatcher, struct moment now,
                                  const char *stamp, struct message *report);

/*
 * The next piece of work that may go out now, written down as begun; NULL when
 * there is none. Then `again_ms` is how long to wait before asking again,
 * MSEC_NEVER for "not before something is added or settled", 0 also when the turn
 * is full, as of TURN_MOST_CHANGES. `stamp` is one that nobody else has, for a
 * message that is composed out of several.
 */
struct work *dispatcher_next(struct dispatcher *dispatcher, struct moment now, const char *stamp,
                             msec_t *again_ms);

/*
 * An attempt ended. `dice` is 32 random bits. `tell` is called once, before the
 * work is freed.
 */
void dispatcher_settle(struct dispatcher *dispatcher, struct work *work,
                       const struct delivery *delivery, struct moment now, uint32_t dice,
                       void (*tell)(void *context, const struct settlement *settlement),
                       void *context);

/*
 * A look ended: `tell` is called once for each first message of a lane that it
 * was about. Of those behind them dispatcher_tend() tells, when they are found.
 */
void dispatcher_settle_look(struct dispatcher *dispatcher, struct work *work,
                            const struct findings *findings, struct moment now, uint32_t dice,
                            void (*tell)(void *context, const struct settlement *settlement),
                            void *context);

/* An inspection ended. It settles no message: those that it was about are sent again. */
void dispatcher_settle_inspection(struct dispatcher *dispatcher, struct work *work,
                                  const struct inspected *inspected, struct moment now,
                                  uint32_t dice);

/* Start nothing new; what is under way still comes home. */
void dispatcher_drain(struct dispatcher *dispatcher);

/* Attempts, looks and inspections under way. */
size_t dispatcher_under_way(const struct dispatcher *dispatcher);

/*
 * What is left of the lists that the remote thread of `thread` takes: the looks
 * spend from it, and whoever else lists the thread has to (not `urgent`). NULL
 * when the thread is not in the settings. Valid as long as the dispatcher.
 */
struct pacer *dispatcher_lists(const struct dispatcher *dispatcher, int64_t thread);

/* Where a waiting message stands. */
struct prospect {
    int64_t position; /* 1 for the first of its lane */
    msec_t eta_ms;    /* until its request leaves, when nothing fails; MSEC_NEVER: nobody knows */
};

/* Of a message that was added behind all others of its lane. */
struct prospect dispatcher_prospect(struct dispatcher *dispatcher, lane_id id, struct moment now);

/* Of the message at this position of its lane. */
struct prospect dispatcher_prospect_at(struct dispatcher *dispatcher, lane_id id, int64_t position,
                                       struct moment now);

#endif
