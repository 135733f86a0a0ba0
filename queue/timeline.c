#include "queue/timeline.h"

#include "base/memory.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SET_MS = 1000 }; /* less than that is drift */

/* Of what either was ahead, that which makes later instants. */
static void unite_oldest(struct timeline *timeline)
{
    struct epoch *epochs = timeline->epochs;
    epochs[1].since_steady_at = epochs[0].since_steady_at;
    epochs[1].ahead_ms = msec_min(epochs[0].ahead_ms, epochs[1].ahead_ms);
    memmove(epochs, epochs + 1, --timeline->count * sizeof *epochs);
}

static void add(struct timeline *timeline, struct epoch epoch)
{
    if (timeline->count == TIMELINE_MOST_EPOCHS)
        unite_oldest(timeline);
    timeline->epochs[timeline->count++] = epoch;
}

static void notice(struct timeline *timeline, struct moment now)
{
    msec_t ahead_ms = now.at - now.steady_at, since_steady_at = -MSEC_NEVER;
    if (timeline->count > 0) {
        if (llabs(ahead_ms - timeline->epochs[timeline->count - 1].ahead_ms) < SET_MS)
            return;
        since_steady_at = now.steady_at;
    }
    add(timeline, (struct epoch){ since_steady_at, ahead_ms });
    timeline->is_stored = false;
}

/* ---- on disk -------------------------------------------------------------------------------- */

/* Two numbers each. */
static void read_epochs(struct timeline *timeline, const char *at)
{
    struct epoch epoch;
    while (text_read_number(&at, &epoch.since_steady_at) && text_read_number(&at, &epoch.ahead_ms))
        add(timeline, epoch);
}

void timeline_open(struct timeline *timeline, struct outbox *outbox, const char *boot_id,
                   struct moment now)
{
    *timeline = (struct timeline){ .is_stored = true };
    snprintf(timeline->boot_id, sizeof timeline->boot_id, "%s", boot_id);
    CLEANUP(free_memory) char *text = outbox_note(outbox, OUTBOX_NOTE_TIMELINE);
    size_t length = strlen(timeline->boot_id);
    if (text && length > 0 && strncmp(text, timeline->boot_id, length) == 0)
        read_epochs(timeline, text + length);
    notice(timeline, now);
}

void timeline_keep(struct timeline *timeline, struct outbox *outbox, struct moment now)
{
    notice(timeline, now);
    if (timeline->is_stored)
        return;
    CLEANUP(text_clear) struct text text = { 0 };
    text_printf(&text, "%s", timeline->boot_id);
    for (size_t i = 0; i < timeline->count; i++)
        text_printf(&text, " %" PRId64 " %" PRId64, timeline->epochs[i].since_steady_at,
                    timeline->epochs[i].ahead_ms);
    outbox_set_note(outbox, OUTBOX_NOTE_TIMELINE, text.bytes);
    timeline->is_stored = true;
}

/* ---- from one clock to the other ------------------------------------------------------------ */

static msec_t end_of(const struct timeline *timeline, size_t epoch, struct moment now)
{
    return epoch + 1 < timeline->count ? timeline->epochs[epoch + 1].since_steady_at
                                       : now.steady_at;
}

/* The least that the wall clock may have been ahead by: of the present epoch we see the drift. */
static msec_t least_ahead_of(const struct timeline *timeline, size_t epoch, struct moment now)
{
    msec_t ahead_ms = timeline->epochs[epoch].ahead_ms;
    return epoch + 1 < timeline->count ? ahead_ms - SET_MS
                                       : msec_min(ahead_ms, now.at - now.steady_at);
}

/*
 * By the wall clock as it is now; -MSEC_NEVER if that is after the machine's start,
 * or it may have been in one of the epochs that are united.
 */
static msec_t before_start(const struct timeline *timeline, msec_t at, struct moment now)
{
    msec_t steady_at = at - (now.at - now.steady_at);
    return steady_at < 0 && timeline->count < TIMELINE_MOST_EPOCHS ? steady_at : -MSEC_NEVER;
}

msec_t timeline_steady(const struct timeline *timeline, msec_t at, struct moment now)
{
    msec_t latest_steady_at = before_start(timeline, at, now);
    for (size_t i = 0; i < timeline->count; i++) {
        msec_t steady_at = at - least_ahead_of(timeline, i, now);
        if (steady_at + SET_MS >= timeline->epochs[i].since_steady_at &&
            steady_at - 2LL * SET_MS <= end_of(timeline, i, now))
            latest_steady_at = msec_max(latest_steady_at, steady_at);
    }
    /* At no time: as late as it can be. */
    return latest_steady_at == -MSEC_NEVER ? now.steady_at
                                           : msec_min(latest_steady_at, now.steady_at);
}

msec_t timeline_earliest(const struct timeline *timeline, msec_t steady_at, struct moment now)
{
    msec_t least_ahead_ms = now.at - now.steady_at;
    for (size_t i = 0; i < timeline->count; i++)
        if (end_of(timeline, i, now) >= steady_at)
            least_ahead_ms = msec_min(least_ahead_ms, least_ahead_of(timeline, i, now));
    return steady_at + least_ahead_ms - SET_MS;
}
