/*
 * What earlier runs sent lately counts, as if we had never been away: of all
 * places, since one that is not in the settings may come back into them.
 */
#include "queue/dispatcher_state.h"

struct seeding {
    struct dispatcher *dispatcher;
    msec_t settle_ms;
    struct moment now;
};

/* What ended at an unknown time ended as late as it can be. */
static msec_t end_of(const struct seeding *seeding, const struct attempt *attempt)
{
    bool doubted = attempt->ended_at == 0 || attempt->outcome == OUTCOME_DOUBT;
    msec_t ended_steady_at = attempt->ended_at ? timeline_steady(&seeding->dispatcher->timeline,
                                                                 attempt->ended_at, seeding->now)
                                               : seeding->now.steady_at;
    return ended_steady_at + (doubted ? seeding->settle_ms : 0);
}

/* It may still occupy its place's windows. Nothing is kept but there: of many, the latest. */
static void plant(void *context, const struct attempt *attempt)
{
    const struct seeding *seeding = context;
    if (attempt->ended_at == 0)
        dispatcher_inherit(seeding->dispatcher, attempt->message);
    struct place *place = routes_place(seeding->dispatcher->routes, attempt->place);
    if (!place)
        return;
    pacer_seed(&place->pacer, end_of(seeding, attempt));
    if (attempt->known_id > place->scope.record.newest_id)
        place->scope.record.newest_id = attempt->known_id;
}

void dispatcher_seed_windows(struct dispatcher *dispatcher, struct moment now)
{
    struct routes *routes = dispatcher->routes;
    struct seeding seeding = { .dispatcher = dispatcher, .now = now };
    msec_t window_ms = 0;
    for (struct route *route = routes_next(routes, NULL); route;
         route = routes_next(routes, route)) {
        window_ms = msec_max(window_ms, pacer_longest_window_ms(&route->place->pacer.limits));
        seeding.settle_ms = msec_max(seeding.settle_ms, route->settle_ms);
    }
    /* What ended before is in no window any more, even if it was in doubt. */
    msec_t since_steady_at = now.steady_at - window_ms - seeding.settle_ms;
    outbox_recent(dispatcher->outbox,
                  timeline_earliest(&dispatcher->timeline, since_steady_at, now), plant, &seeding);
}
