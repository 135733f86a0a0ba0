/*
 * outbox_age.c - the front's part in what is old, and what must move
 */
#include "queue/audit.h"
#include "queue/outbox.h"
#include "queue/outbox_engine.h"
#include "queue/shelf.h"

size_t outbox_outlines(struct outbox *outbox, int64_t after, struct outline *outlines, size_t most)
{
    size_t count = 0;
    if (!outbox->failed)
        outbox_noted(outbox, outbox->engine->outlines(outbox, after, outlines, most, &count,
                                                      &outbox->failure));
    return outbox->failed ? 0 : count;
}

void outbox_wipe(struct outbox *outbox, int64_t id)
{
    if (outbox_may_change(outbox))
        outbox_noted(outbox, outbox->engine->wipe(outbox, id, &outbox->failure));
}

static struct message message_of(const struct outline *outline)
{
    return (struct message){ .id = outline->id,
                             .lane = outline->lane,
                             .uid = outline->uid,
                             .state = outline->state,
                             .booked_bytes = outline->content_bytes };
}

void outbox_remove(struct outbox *outbox, const struct outline *outline)
{
    if (!outbox_may_change(outbox))
        return;
    const struct message message = message_of(outline);
    tally_purge(outbox->tally, outline->lane, outline->uid, outline->state,
                (int64_t)outline->content_bytes);
    if (outbox->audit)
        audit_note(outbox->audit, &message, -1);
    outbox_noted(outbox, outbox->engine->remove(outbox, outline, &outbox->failure));
}

void outbox_set_lane(struct outbox *outbox, const struct outline *outline, lane_id lane)
{
    if (!outbox_may_change(outbox))
        return;
    struct message message = message_of(outline);
    shelf_drop(outbox->shelf, message.id);
    outbox_book(outbox, &message, -1);
    message.lane = lane;
    outbox_book(outbox, &message, 1);
    outbox_noted(outbox, outbox->engine->set_lane(outbox, outline->id, lane, &outbox->failure));
}

void outbox_rename_thread(struct outbox *outbox, int64_t thread, const char *name)
{
    if (outbox_may_change(outbox))
        outbox_noted(outbox, outbox->engine->rename_thread(outbox, thread, name, &outbox->failure));
}

bool outbox_clear_lines(struct outbox *outbox, lane_id *after)
{
    const struct outbox_engine *engine = outbox->engine;
    for (size_t i = 0; i < OUTBOX_LINE_LANES && !outbox->failed && engine->stale; i++) {
        lane_id lane = -1;
        size_t places = 0;
        outbox_noted(outbox, engine->stale(outbox, *after, &lane, OUTBOX_LINE_PLACES, &places,
                                           &outbox->failure));
        if (outbox->failed || lane < 0)
            return false;
        if (places == OUTBOX_LINE_PLACES)
            return outbox_may_change(outbox) &&
                   outbox_noted(outbox, engine->clear_line(outbox, lane, OUTBOX_LINE_STEP,
                                                           &outbox->failure));
        *after = lane;
    }
    return !outbox->failed && engine->stale;
}

bool outbox_shrink(struct outbox *outbox)
{
    bool more = false;
    if (!outbox->failed && !outbox->in_turn)
        outbox_noted(outbox, outbox->engine->shrink(outbox, &more, &outbox->failure));
    return more && !outbox->failed;
}

/* ---- backup --------------------------------------------------------------------------------- */

bool outbox_backup_begin(struct outbox *outbox, const char *path, struct error *err)
{
    if (outbox->failed)
        return error_set(err, "%s", outbox->failure.text);
    if (!outbox->engine->backup_begin)
        return error_set(err, "this outbox has no file that could be copied");
    return outbox->engine->backup_begin(outbox, path, err);
}

bool outbox_backup_step(struct outbox *outbox, int pages, bool *more, struct error *err)
{
    if (!outbox->failed)
        return outbox->engine->backup_step(outbox, pages, more, err);
    outbox_backup_end(outbox);
    return error_set(err, "%s", outbox->failure.text);
}

void outbox_backup_end(struct outbox *outbox)
{
    if (outbox->engine->backup_end)
        outbox->engine->backup_end(outbox);
}
