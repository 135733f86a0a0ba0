#include "daemon/upkeep.h"

#include "base/memory.h"
#include "queue/diagnosis.h"

#include <stdlib.h>

/* A start is for what waits: the first requests would leave a millisecond later. */
enum { REST_MS = 1000 };

void upkeep_open(struct upkeep *upkeep, struct outbox *outbox, bool restored, struct moment now)
{
    adoption_begin(&upkeep->adoption, outbox, restored);
    retention_begin(&upkeep->retention, outbox);
    upkeep->lines_after = -1;
    upkeep->rests_until_steady_at = now.steady_at + REST_MS;
}

void upkeep_close(struct upkeep *upkeep)
{
    free(upkeep->successions);
    *upkeep = (struct upkeep){ 0 };
}

/* A lane whose messages have changed: the dispatcher must not go by what it remembers. */
static void tell_of_thread(struct dispatcher *dispatcher, int64_t thread, struct moment now)
{
    for (enum priority priority = PRIORITY_URGENT; priority <= PRIORITY_BULK; priority++)
        dispatcher_changed(dispatcher, lane_of(thread, priority), now);
}

/* ---- adoption ---- */

static void tell_of_all(struct outbox *outbox, struct dispatcher *dispatcher, struct moment now)
{
    enum { AT_ONCE = 128 };
    lane_id lanes[AT_ONCE], after = -1;
    size_t count = 0;
    do {
        count = outbox_lanes(outbox, after, lanes, AT_ONCE);
        for (size_t i = 0; i < count; i++)
            dispatcher_changed(dispatcher, after = lanes[i], now);
    } while (count == AT_ONCE);
}

bool upkeep_adopt(struct upkeep *upkeep, struct outbox *outbox, struct dispatcher *dispatcher,
                  const char *machine_id, struct moment now)
{
    if (!upkeep->adoption.under_way)
        return false;
    adoption_step(&upkeep->adoption, outbox, machine_id, now);
    if (!upkeep->adoption.under_way)
        tell_of_all(outbox, dispatcher, now);
    return true;
}

/* ---- succession ---- */

void upkeep_configure(struct upkeep *upkeep, struct outbox *outbox,
                      const struct directory *directory)
{
    upkeep->succession_count = 0;
    upkeep->successions = xreallocarray(upkeep->successions, directory->thread_count + 1,
                                        sizeof *upkeep->successions);
    for (size_t i = 0; i < directory->thread_count; i++) {
        const struct config_thread *thread = directory->threads[i].settings;
        struct succession *next = &upkeep->successions[upkeep->succession_count];
        if (thread->was && succession_begin(next, outbox, thread->was, thread->name))
            upkeep->succession_count++;
    }
    upkeep->retention.wiping.next_at = upkeep->retention.removing.next_at = 0;
}

static bool is_under_way(void *context, int64_t id)
{
    return dispatcher_is_under_way(context, id);
}

/* The last one of the list. True when it goes on at once. */
static bool succeed(struct upkeep *upkeep, struct outbox *outbox, struct dispatcher *dispatcher,
                    struct moment now)
{
    struct succession *last = &upkeep->successions[upkeep->succession_count - 1];
    enum succession_state state = succession_step(last, outbox, is_under_way, dispatcher);
    tell_of_thread(dispatcher, last->to, now);
    if (state == SUCCESSION_DONE)
        upkeep->succession_count--;
    return state != SUCCESSION_WAITS;
}

/* ---- retention ---- */

/* A relay that is never idle must not fill its disk: so often there is a step anyway. */
enum { STEP_AFTER_MS = 10 * 1000 };

static bool may_step(struct upkeep *upkeep, bool is_idle, struct moment now)
{
    if (!is_idle && now.steady_at - upkeep->stepped_steady_at < STEP_AFTER_MS)
        return false;
    upkeep->stepped_steady_at = now.steady_at;
    return true;
}

static msec_t retain(struct upkeep *upkeep, struct outbox *outbox,
                     const struct retention_policy *policy, bool is_idle, struct moment now)
{
    msec_t wait_ms = retention_next_at(&upkeep->retention) - now.at;
    if (wait_ms > 0)
        return wait_ms;
    if (!may_step(upkeep, is_idle, now))
        return 0;
    retention_step(&upkeep->retention, outbox, policy, now.at);
    return msec_max(retention_next_at(&upkeep->retention) - now.at, 0);
}

/* ---- lines ---- */

/* A relay that sleeps is woken by it. */
enum { LINES_EVERY_MS = 60 * 60 * 1000 };

static msec_t clear_lines(struct upkeep *upkeep, struct outbox *outbox, bool is_idle,
                          struct moment now)
{
    if (now.steady_at < upkeep->lines_steady_at)
        return upkeep->lines_steady_at - now.steady_at;
    if (!may_step(upkeep, is_idle, now) || outbox_clear_lines(outbox, &upkeep->lines_after))
        return 0;
    upkeep->lines_after = -1;
    upkeep->lines_steady_at = now.steady_at + LINES_EVERY_MS;
    return LINES_EVERY_MS;
}

msec_t upkeep_step(struct upkeep *upkeep, struct outbox *outbox, struct dispatcher *dispatcher,
                   const struct retention_policy *policy, bool is_idle, struct moment now)
{
    if (upkeep->succession_count > 0 && succeed(upkeep, outbox, dispatcher, now))
        return 0;
    if (now.steady_at < upkeep->rests_until_steady_at)
        return upkeep->rests_until_steady_at - now.steady_at;
    msec_t wait_ms = retain(upkeep, outbox, policy, is_idle, now);
    return wait_ms > 0 ? msec_min(wait_ms, clear_lines(upkeep, outbox, is_idle, now)) : 0;
}
