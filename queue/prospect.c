#include "queue/dispatcher_state.h"
#include "queue/eta.h"

/* Messages of a lane that have not left yet. */
static int64_t waiting_in(struct dispatcher *dispatcher, lane_id lane)
{
    return tally_sum(outbox_tally(dispatcher->outbox), lane, TALLY_ANY, MESSAGE_PENDING).messages;
}

struct prospect dispatcher_prospect(struct dispatcher *dispatcher, lane_id id, struct moment now)
{
    return dispatcher_prospect_at(dispatcher, id, waiting_in(dispatcher, id), now);
}

/* What goes before a position of a lane: what is ahead of it, and who shares its windows. */
static int64_t sends_before(struct dispatcher *dispatcher, const struct route *own,
                            enum priority own_priority, int64_t position)
{
    int64_t ahead = position - 1;
    for (const struct route *route = own->place->routes; route; route = route->next_here)
        for (enum priority priority = PRIORITY_URGENT; priority <= own_priority; priority++) {
            int64_t waiting = waiting_in(dispatcher, lane_of(route->thread, priority));
            const struct lane *lane = route->lanes[priority];
            if (priority < own_priority)
                ahead += waiting; /* those of a higher priority go first */
            else if (route != own)
                ahead += msec_min(waiting, position); /* another name of the thread: in turn */
            ahead -= lane && lane->work;              /* that one has left */
        }
    return msec_max(ahead, 0);
}

struct prospect dispatcher_prospect_at(struct dispatcher *dispatcher, lane_id id, int64_t position,
                                       struct moment now)
{
    struct prospect prospect = { .position = position, .eta_ms = MSEC_NEVER };
    struct route *route = routes_find(dispatcher->routes, lane_thread(id));
    if (!route)
        return prospect;

    const struct place *place = route->place;
    enum priority priority = lane_priority(id);
    msec_t open_at = dispatcher_scopes_open_at(route->endpoint, route->sender, place, now);
    msec_t start_at = open_at == MSEC_NEVER ? now.steady_at : msec_max(open_at, now.steady_at);
    prospect.eta_ms =
        start_at - now.steady_at +
        eta_ms(&place->pacer, priority == PRIORITY_URGENT,
               sends_before(dispatcher, route, priority, position), place->round_trip_ms, start_at);
    return prospect;
}
