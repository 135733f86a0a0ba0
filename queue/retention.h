/*
 * retention.h - what is kept of a message after its end, and for how long
 *
 *     ended --keep_content--> content and metadata wiped --keep_record--> no row any more
 *
 * Nothing that waits is ever touched. Counted from its own end, or from the end
 * of the message that it was folded into: until that is settled, its content
 * may be needed again.
 *
 * The rows are gone through by id, in steps. Rows are added in the order of
 * their acceptance, so a pass ends at the first that was accepted too lately to
 * be old, and the next one begins at the first that was not old yet:
 *
 *     removed  wiped...  waits  wiped  sent  sent...  sent yesterday
 *                        ^ next pass begins here      ^ this one ends here
 *
 * Where it begins is kept in the outbox, so that old rows cost nothing.
 */
#ifndef CHATRELAY_QUEUE_RETENTION_H
#define CHATRELAY_QUEUE_RETENTION_H

#include "queue/outbox.h"

struct retention_policy {
    msec_t keep_content_ms, keep_record_ms;
    msec_t once_window_ms; /* a message with a `once` is kept so long after its acceptance */
};

/* One of the two: wiping, or removing. */
struct retention_pass {
    int64_t from;   /* ids up to here are done */
    int64_t stored; /* `from` as it is in the outbox */
    int64_t cursor; /* of the pass under way */
    int64_t oldest; /* the id before the first that had to be left, -1 for none so far */
    msec_t next_at; /* wall clock: when there may be something to do */
};

struct retention {
    struct retention_pass wiping, removing;
};

/* Read where to begin. */
void retention_begin(struct retention *retention, struct outbox *outbox);

/* When there may be something to do: an instant in the past if there is now. */
msec_t retention_next_at(const struct retention *retention);

/* One step: at most RETENTION_ROWS rows are looked at, as part of the open turn. */
enum { RETENTION_ROWS = 250 };
void retention_step(struct retention *retention, struct outbox *outbox,
                    const struct retention_policy *policy, msec_t now_at);

#endif
