/*
 * succession.h - a thread of our settings has another name now (setting `was`)
 *
 * When the new name has no number yet, it gets the old one's, and that is all.
 * Else what waits under the old number moves to the new one in steps, each lane
 * in its order; it keeps its rank, so among what waits there already it stands
 * where it stood in time. What has ended stays where it was.
 */
#ifndef CHATRELAY_QUEUE_SUCCESSION_H
#define CHATRELAY_QUEUE_SUCCESSION_H

#include "queue/outbox.h"

struct succession {
    int64_t from, to; /* outbox_thread() */
    int64_t cursor;   /* among scheduled and held messages: an id */
};

/*
 * The thread called `was` is called `name` now. True when messages are to be
 * moved: then `succession` is set.
 */
MUST_CHECK bool succession_begin(struct succession *succession, struct outbox *outbox,
                                 const char *was, const char *name);

enum succession_state {
    SUCCESSION_MORE,  /* to be done at once */
    SUCCESSION_WAITS, /* for a message that is under way */
    SUCCESSION_DONE,
};

/*
 * One step, as part of the open turn, of at most SUCCESSION_ROWS changes.
 * `is_under_way` tells of a message that it must not be moved now. What changed
 * are the lanes of `to`; `from` has none in memory, as a `was` is the name of no
 * thread in the settings.
 */
enum { SUCCESSION_ROWS = 250 };
enum succession_state succession_step(struct succession *succession, struct outbox *outbox,
                                      bool (*is_under_way)(void *context, int64_t id),
                                      void *context);

#endif
