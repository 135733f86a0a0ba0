#include "queue/retention.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Where each pass begins; an id in decimal. */
static const char wiping_note[] = "wiped_until", removing_note[] = "removed_until";

static struct retention_pass read_pass(struct outbox *outbox, const char *note)
{
    char *text CLEANUP(free_memory) = outbox_note(outbox, note);
    int64_t from = text ? strtoll(text, NULL, 10) : 0;
    return (struct retention_pass){ .from = from, .stored = from, .cursor = from, .oldest = -1 };
}

void retention_begin(struct retention *retention, struct outbox *outbox)
{
    retention->wiping = read_pass(outbox, wiping_note);
    retention->removing = read_pass(outbox, removing_note);
}

msec_t retention_next_at(const struct retention *retention)
{
    return msec_min(retention->wiping.next_at, retention->removing.next_at);
}

/*
 * The pass is over: the next one begins at the first row that was left, when the
 * row that ended this one may be old. One that began at rows left behind would
 * not be worth it for each of them, so it is put off by a part of the time kept.
 */
static void end_pass(struct retention_pass *pass, struct outbox *outbox, const char *note,
                     msec_t keep_ms, msec_t next_at, msec_t now_at)
{
    enum { PASSES = 32 };
    char text[32];
    pass->from = pass->oldest < 0 ? pass->cursor : pass->oldest;
    pass->cursor = pass->from;
    pass->oldest = -1;
    pass->next_at = msec_max(next_at, now_at + keep_ms / PASSES + 1);
    if (pass->from == pass->stored)
        return;
    pass->stored = pass->from;
    snprintf(text, sizeof text, "%" PRId64, pass->from);
    outbox_set_note(outbox, note, text);
}

static bool is_old(const struct outline *outline, msec_t keep_ms, msec_t now_at)
{
    return outline->settled_at != 0 && outline->settled_at <= now_at - keep_ms;
}

static void pass_over(struct retention_pass *pass, const struct outline *outline, bool done)
{
    if (!done && pass->oldest < 0)
        pass->oldest = pass->cursor;
    pass->cursor = outline->id;
}

/* True when the row need not be seen again. */
static bool wipe(struct outbox *outbox, const struct outline *outline,
                 const struct retention_policy *policy, msec_t now_at)
{
    if (!is_old(outline, policy->keep_content_ms, now_at))
        return false;
    if (outline->has_content)
        outbox_wipe(outbox, outline->id);
    return true;
}

static bool remove_record(struct outbox *outbox, const struct outline *outline,
                          const struct retention_policy *policy, msec_t now_at)
{
    if (!is_old(outline, policy->keep_record_ms, now_at) ||
        (outline->has_once && outline->accepted_at > now_at - policy->once_window_ms))
        return false;
    outbox_remove(outbox, outline);
    return true;
}

struct trade {
    const char *note;
    bool (*handle)(struct outbox *outbox, const struct outline *outline,
                   const struct retention_policy *policy, msec_t now_at);
    msec_t keep_ms;
};

static void step(struct retention_pass *pass, struct outbox *outbox, const struct trade *trade,
                 const struct retention_policy *policy, msec_t now_at)
{
    struct outline outlines[RETENTION_ROWS];
    size_t count = outbox_outlines(outbox, pass->cursor, outlines, RETENTION_ROWS);
    for (size_t i = 0; i < count; i++) {
        msec_t accepted_at = outlines[i].accepted_at;
        /* One from the future, after a jump of the clock, says nothing of those behind it. */
        if (accepted_at > now_at - trade->keep_ms && accepted_at <= now_at) {
            end_pass(pass, outbox, trade->note, trade->keep_ms, accepted_at + trade->keep_ms,
                     now_at);
            return;
        }
        pass_over(pass, &outlines[i], trade->handle(outbox, &outlines[i], policy, now_at));
    }
    if (count < RETENTION_ROWS)
        end_pass(pass, outbox, trade->note, trade->keep_ms, 0, now_at);
}

void retention_step(struct retention *retention, struct outbox *outbox,
                    const struct retention_policy *policy, msec_t now_at)
{
    const struct trade wiping = { wiping_note, wipe, policy->keep_content_ms },
                       removing = { removing_note, remove_record, policy->keep_record_ms };
    if (retention->wiping.next_at <= now_at)
        step(&retention->wiping, outbox, &wiping, policy, now_at);
    else if (retention->removing.next_at <= now_at)
        step(&retention->removing, outbox, &removing, policy, now_at);
}
