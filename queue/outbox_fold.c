/*
 * outbox_fold.c - the front's part in several messages that go as one
 *
 * The rows are changed in one step, however many they are; the books are kept
 * for each, as they may be of several users.
 */
#include "base/memory.h"
#include "queue/outbox.h"
#include "queue/outbox_engine.h"
#include "queue/shelf.h"

#include <stdlib.h>

/* `outbox_may_change()` counts one of them. */
enum { FURTHER_CHANGES = OUTBOX_MOST_ORIGINALS - 1 };

static void book_over(struct outbox *outbox, const struct original *original,
                      enum message_state from, lane_id to_lane, enum message_state to)
{
    struct message message = { .id = original->id,
                               .lane = original->lane,
                               .uid = original->uid,
                               .state = from,
                               .booked_bytes = original->content_bytes };
    shelf_drop(outbox->shelf, message.id);
    outbox_book(outbox, &message, -1);
    message.lane = to_lane;
    message.state = to;
    outbox_book(outbox, &message, 1);
}

void outbox_fold(struct outbox *outbox, struct message *whole, const struct original *originals,
                 size_t count, msec_t now_at)
{
    if (!outbox_may_change(outbox))
        return;
    outbox->changes += FURTHER_CHANGES;
    const struct outbox_engine *engine = outbox->engine;
    whole->id = ++outbox->counter;
    for (size_t i = 0; i < count; i++)
        book_over(outbox, &originals[i], MESSAGE_PENDING, originals[i].lane, MESSAGE_FOLDED);
    if (!outbox_noted(outbox, engine->fold(outbox, whole, originals[0].rank, whole->rank, count,
                                           now_at, &outbox->failure)) ||
        !outbox_noted(outbox, engine->insert(outbox, whole, &outbox->failure)))
        return;
    whole->booked_bytes = whole->content_bytes;
    outbox_book(outbox, whole, 1);
}

static size_t parts_of(struct outbox *outbox, const struct message *whole,
                       struct original *originals)
{
    size_t count = 0;
    if (!outbox->failed)
        outbox_noted(outbox,
                     outbox->engine->parts(outbox, whole->id, originals, OUTBOX_MOST_ORIGINALS,
                                           &count, &outbox->failure));
    return outbox->failed ? 0 : count;
}

msec_t outbox_unfold(struct outbox *outbox, const struct message *whole)
{
    struct original *originals CLEANUP(free_memory) =
        xcalloc(OUTBOX_MOST_ORIGINALS, sizeof *originals);
    size_t count = parts_of(outbox, whole, originals);
    msec_t expires_at = MSEC_NEVER;
    if (count == 0 || !outbox_may_change(outbox))
        return MSEC_NEVER;
    outbox->changes += FURTHER_CHANGES;
    for (size_t i = 0; i < count; i++) {
        book_over(outbox, &originals[i], MESSAGE_FOLDED, whole->lane, MESSAGE_PENDING);
        if (originals[i].expires_at)
            expires_at = msec_min(expires_at, originals[i].expires_at);
    }
    outbox_noted(outbox, outbox->engine->unfold(outbox, whole, count, &outbox->failure));
    return expires_at;
}
