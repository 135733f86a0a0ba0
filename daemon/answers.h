/*
 * answers.h - what a connection is told, in the order of its requests
 *
 *     draft ---- wait ---- wait
 *                  |         |
 *                answer    answer     of its own, when it is over
 *                behind    behind     of the requests that came after it
 *
 * Whatever was drafted in a turn is final with its commit; what a wait holds up follows when that
 * is over.
 */
#ifndef CHATRELAY_DAEMON_ANSWERS_H
#define CHATRELAY_DAEMON_ANSWERS_H

#include "daemon/wait.h"
#include "queue/outbox.h"

/* Zeroed but for `waits`, there are none. */
struct answers {
    struct draft draft;
    struct waits *waits;       /* those of all connections */
    struct wait *first, *last; /* ours, in the order of their requests */
};

/* Where the answer to the latest request goes. */
struct draft *answers_latest(struct answers *answers);

/* Later answers wait until this one is over. */
void answers_add_wait(struct answers *answers, struct wait *wait);

/* The turn is over: what it drafted is final when it was committed, and else a refusal. */
void answers_settle(struct answers *answers, enum outbox_commit how);

enum answers_written {
    ANSWERS_WRITTEN, /* all that was final */
    ANSWERS_BLOCKED, /* the socket takes no more for now */
    ANSWERS_BROKEN,  /* nobody reads them any more */
};

enum answers_written answers_write(struct answers *answers, int fd);

/* Nothing that is final is left to be written, and nothing waited for. */
bool answers_are_told(const struct answers *answers);

/*
 * Bytes that the client has not been given, also of what still waits for its commit or for a wait's
 * end. A wait takes memory as well, so it counts like an answer.
 */
size_t answers_untold_bytes(const struct answers *answers);

/* Bytes that they hold in memory. */
size_t answers_size(const struct answers *answers);

/* Nobody is to be told anything. */
void answers_clear(struct answers *answers);

#endif
