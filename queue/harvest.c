/*
 * What a look says of messages behind the heads of their lanes.
 *
 * There may be thousands: more than one turn should write. So it is kept and
 * written down over several turns, and meanwhile nothing else is looked for in
 * that place. A crash in between loses nothing: what is still in doubt is looked
 * for again.
 */
#include "base/memory.h"
#include "queue/dispatcher_state.h"

#include <stdlib.h>

struct crop {
    int64_t id;
    struct finding finding;
};

struct harvest {
    struct harvest *next;
    struct place *place;
    size_t count, taken_in;
    struct crop crops[];
};

static struct harvest *gather(const struct work *work, const struct findings *findings)
{
    const struct sought *sought = work->cargo->sought;
    struct harvest *harvest =
        xcalloc(1, sizeof *harvest + work->look.count * sizeof harvest->crops[0]);
    for (size_t i = 0; i < work->look.count; i++)
        if (!sought[i].passenger && (findings->complete || findings->found[i].remote_id[0]))
            harvest->crops[harvest->count++] = (struct crop){ sought[i].id, findings->found[i] };
    return harvest;
}

void dispatcher_harvest(struct dispatcher *dispatcher, const struct work *work,
                        const struct findings *findings)
{
    struct harvest *harvest = gather(work, findings);
    if (harvest->count == 0) {
        free(harvest);
        return;
    }
    harvest->place = work->cargo->place;
    harvest->place->harvests++;
    harvest->next = dispatcher->harvest;
    dispatcher->harvest = harvest;
}

void dispatcher_forget_harvest(struct dispatcher *dispatcher)
{
    for (struct harvest *harvest = dispatcher->harvest; harvest; harvest = dispatcher->harvest) {
        dispatcher->harvest = harvest->next;
        free(harvest);
    }
}

/* Still as it was when the look began: in doubt, and never tried by us. */
static bool is_ripe(const struct message *message)
{
    return message->state == MESSAGE_PENDING && message->doubted_at && !message->doubted_place &&
           message->attempts == 0;
}

static bool leads_to(struct dispatcher *dispatcher, lane_id lane, const struct place *place)
{
    const struct route *route = routes_find(dispatcher->routes, lane_thread(lane));
    return route && route->place == place;
}

static void take_in(struct dispatcher *dispatcher, struct place *place, const struct crop *crop,
                    struct moment now, void (*moved)(void *context, const struct message *message),
                    void *context)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (!outbox_load(dispatcher->outbox, crop->id, &message) || !is_ripe(&message))
        return;
    if (!dispatcher_adopt(dispatcher, place, &message, &crop->finding, now) &&
        leads_to(dispatcher, message.lane, place))
        dispatcher_forget_doubt(dispatcher, &message, now);
    if (!leads_to(dispatcher, message.lane, place)) /* meanwhile; others are told when all is in */
        dispatcher_changed(dispatcher, message.lane, now);
    if (message.state != MESSAGE_PENDING)
        moved(context, &message);
}

static void forget_heads(struct place *place)
{
    for (struct route *route = place->routes; route; route = route->next_here)
        for (size_t i = 0; i < PRIORITIES; i++)
            if (route->lanes[i])
                lane_forget(route->lanes[i]);
}

/* It is all written down: what is in doubt there may be looked for again. */
static void finish(struct dispatcher *dispatcher, struct moment now)
{
    struct harvest *harvest = dispatcher->harvest;
    dispatcher->harvest = harvest->next;
    harvest->place->harvests--;
    forget_heads(harvest->place);
    free(harvest);
    dispatcher_requeue_all(dispatcher, now);
}

size_t dispatcher_take_in_harvest(struct dispatcher *dispatcher, struct moment now, size_t most,
                                  void (*moved)(void *context, const struct message *message),
                                  void *context)
{
    size_t done = 0;
    while (dispatcher->harvest && done < most) {
        struct harvest *harvest = dispatcher->harvest;
        take_in(dispatcher, harvest->place, &harvest->crops[harvest->taken_in++], now, moved,
                context);
        done++;
        if (harvest->taken_in == harvest->count)
            finish(dispatcher, now);
    }
    return done;
}
