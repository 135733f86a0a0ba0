/*
 * turn.h - what a turn of the loop will do once it is on disk
 *
 *     read everything  ->  write once  ->  act
 *
 * Nothing leaves the process before what it depends on is on disk: answers,
 * requests and log lines are put off with turn_defer() while the turn reads,
 * and are done by turn_end() after its commit, in the order in which they came.
 */
#ifndef CHATRELAY_QUEUE_TURN_H
#define CHATRELAY_QUEUE_TURN_H

#include "queue/outbox.h"

struct turn;

/* What a turn may hold before it is committed; one more change may go a little over. */
enum {
    TURN_MOST_CHANGES = 1000,
    /* Of these for what clients ask: what goes out must not wait until nobody asks any more. */
    TURN_MOST_ASKED = TURN_MOST_CHANGES * 3 / 4,
};

struct turn *turn_new(void);

/* Drops what was put off. NULL is fine. */
void turn_free(struct turn *turn);

/*
 * Call `act` after this turn's commit, told how the commit went: only after
 * OUTBOX_COMMITTED may it let anything out that depends on the turn. It must
 * not change the outbox, and must not put off anything itself.
 */
void turn_defer(struct turn *turn, void (*act)(void *context, enum outbox_commit how),
                void *context);

/* Likewise, but in every turn from now on, and before all that was put off. */
void turn_act_first(struct turn *turn, void (*act)(void *context, enum outbox_commit how),
                    void *context);

/* Commit, then act. The result is outbox_commit()'s, and so is `err`. */
MUST_CHECK enum outbox_commit turn_end(struct turn *turn, struct outbox *outbox, struct error *err);

/* Act without a commit, as after a storage failure whose outcome is `how`. */
void turn_abandon(struct turn *turn, enum outbox_commit how);

#endif
