/*
 * What earlier runs sent lately counts, as if we had never been away: of all
 * places, since one that is not in the settings may come back into them.
 */
#include "base/memory.h"
#include "queue/dispatcher_state.h"

#include <stdlib.h>

/* An attempt of an earlier run: it may still occupy its place's windows. */
struct seed {
    int64_t place;
    int64_t known_id;
    msec_t ended_at; /* 0: never learned */
    bool doubted;
};

struct seeding {
    struct dispatcher *dispatcher;
    struct seed *seeds;
    size_t count;
};

static void note_attempt(void *context, const struct attempt *attempt)
{
    struct seeding *seeding = context;
    if (attempt->ended_at == 0)
        dispatcher_inherit(seeding->dispatcher, attempt->message);
    seeding->seeds = xreallocarray(seeding->seeds, seeding->count + 1, sizeof *seeding->seeds);
    seeding->seeds[seeding->count++] =
        (struct seed){ .place = attempt->place,
                       .known_id = attempt->known_id,
                       .ended_at = attempt->ended_at,
                       .doubted = attempt->ended_at == 0 || attempt->outcome == OUTCOME_DOUBT };
}

static void plant(const struct dispatcher *dispatcher, const struct seed *seed, msec_t settle_ms,
                  struct moment now)
{
    const struct timeline *timeline = &dispatcher->timeline;
    struct place *place = routes_place(dispatcher->routes, seed->place);
    if (!place)
        return;

    msec_t ended_steady_at = seed->ended_at ? timeline_steady(timeline, seed->ended_at, now)
                                            : now.steady_at; /* as late as it can be */
    pacer_seed(&place->pacer, ended_steady_at + (seed->doubted ? settle_ms : 0));
    if (seed->known_id > place->scope.record.newest_id)
        place->scope.record.newest_id = seed->known_id;
}

void dispatcher_seed_windows(struct dispatcher *dispatcher, struct moment now)
{
    struct routes *routes = dispatcher->routes;
    struct seeding seeding = { .dispatcher = dispatcher };
    msec_t window_ms = 0, settle_ms = 0;
    for (struct route *route = routes_next(routes, NULL); route;
         route = routes_next(routes, route)) {
        window_ms = msec_max(window_ms, pacer_longest_window_ms(&route->place->pacer.limits));
        settle_ms = msec_max(settle_ms, route->settle_ms);
    }
    /* What ended before is in no window any more, even if it was in doubt. */
    msec_t since_steady_at = now.steady_at - window_ms - settle_ms;
    outbox_recent(dispatcher->outbox,
                  timeline_earliest(&dispatcher->timeline, since_steady_at, now), note_attempt,
                  &seeding);
    for (size_t i = 0; i < seeding.count; i++)
        plant(dispatcher, &seeding.seeds[i], settle_ms, now);
    free(seeding.seeds);
}
