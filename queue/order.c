/*
 * Which lane goes next.
 *
 * Lanes with something to send wait in an agenda, one for each priority, under
 * the instant from which they may send as far as was known when they were put
 * in. A lane whose instant has come is asked again: its scopes or its pace may
 * have closed meanwhile, and then it goes back under the new one. What opens
 * something earlier than thought (an answer, a flush, a reload) requeues the
 * lanes that it concerns.
 */
#include "queue/dispatcher_state.h"

/* ---- when a lane may go --------------------------------------------------------------------- */

static struct agenda *agenda_of(struct dispatcher *dispatcher, const struct lane *lane)
{
    return &dispatcher->agendas[lane_priority(lane->id)];
}

static struct lane *lane_of_item(struct agenda_item *item)
{
    return (struct lane *)(void *)((char *)item - offsetof(struct lane, item));
}

msec_t dispatcher_place_opens_steady_at(const struct route *route, const struct place *place,
                                        struct moment now)
{
    const struct scope_state *member = place_member(place, route->sender);
    if (route->endpoint->crowded)
        return MSEC_NEVER;
    msec_t steady_at = scope_opens_steady_at(route->endpoint, now);
    steady_at = msec_max(steady_at, scope_opens_steady_at(route->sender, now));
    if (member)
        steady_at = msec_max(steady_at, scope_opens_steady_at(member, now));
    return msec_max(steady_at, scope_opens_steady_at(&place->scope, now));
}

static msec_t look_opens_steady_at(struct dispatcher *dispatcher, struct lane *lane,
                                   const struct head *head, struct moment now)
{
    struct place *place = dispatcher_doubted_place(dispatcher, lane, head);
    struct route *looker = place ? dispatcher_looker(dispatcher, lane->route, place) : NULL;
    if (!looker || place->harvests > 0)
        return MSEC_NEVER;
    msec_t steady_at = dispatcher_place_opens_steady_at(looker, place, now);
    steady_at = msec_max(steady_at, pacer_opens_steady_at(&place->looks, true));
    return msec_max(steady_at, lane->look_from_steady_at);
}

/*
 * Those of a higher priority go first. A lane of such that has one under way and
 * more to send is waited for, so that its next one finds a slot; but for no
 * longer than a slot takes to come up, since it may hang.
 */
static msec_t yields_until(const struct place *place, enum priority priority)
{
    const struct pace rule = pacer_rule(&place->pacer.limits);
    msec_t until_steady_at = 0;
    for (const struct route *route = place->routes; route; route = route->next_here)
        for (enum priority higher = PRIORITY_URGENT; higher < priority; higher++) {
            const struct lane *lane = route->lanes[higher];
            if (lane && lane->work && lane->work->kind == WORK_SEND && lane_has_more(lane))
                until_steady_at =
                    msec_max(until_steady_at, lane->served_steady_at + rule.window_ms / rule.sends);
        }
    return until_steady_at;
}

msec_t dispatcher_lane_opens_steady_at(struct dispatcher *dispatcher, struct lane *lane,
                                       struct moment now)
{
    if (lane->route->gone)
        return MSEC_NEVER;
    const struct head *head = lane_head(lane, dispatcher->outbox);
    if (!head)
        return MSEC_NEVER;
    if (head_needs_look(head))
        return look_opens_steady_at(dispatcher, lane, head, now);
    if (head->expires_at && head->expires_at <= now.at)
        return MSEC_NEVER; /* dispatcher_tend() will end it, and ask the lane anew */

    const struct route *route = lane->route;
    msec_t steady_at = dispatcher_place_opens_steady_at(route, route->place, now);
    /* What was lost may still arrive, and undo. */
    if (head->doubted_at)
        steady_at = msec_max(steady_at, lane->look_from_steady_at);
    if (dispatcher_asks_thread(lane))
        return steady_at; /* a question spends nothing of the pace */
    enum priority priority = lane_priority(lane->id);
    steady_at = msec_max(steady_at, yields_until(route->place, priority));
    return msec_max(steady_at,
                    pacer_opens_steady_at(&route->place->pacer, priority == PRIORITY_URGENT));
}

/* ---- lanes in the agenda -------------------------------------------------------------------- */

/* Of lanes that may go already, the one that was served longest ago comes first. */
static void enlist(struct dispatcher *dispatcher, struct lane *lane, msec_t opens_steady_at)
{
    if (opens_steady_at == MSEC_NEVER)
        agenda_remove(agenda_of(dispatcher, lane), &lane->item);
    else
        agenda_put(agenda_of(dispatcher, lane), &lane->item,
                   msec_max(opens_steady_at, lane->served_steady_at));
}

void dispatcher_requeue(struct dispatcher *dispatcher, struct lane *lane, struct moment now)
{
    msec_t opens_steady_at = dispatcher_lane_opens_steady_at(dispatcher, lane, now);
    enlist(dispatcher, lane, opens_steady_at);
    if (opens_steady_at == MSEC_NEVER && dispatcher_is_stranded(dispatcher, lane))
        dispatcher->has_stranded = true;
}

static void requeue_route(struct dispatcher *dispatcher, struct route *route, struct moment now)
{
    for (size_t i = 0; i < PRIORITIES; i++)
        if (route->lanes[i])
            dispatcher_requeue(dispatcher, route->lanes[i], now);
}

void dispatcher_requeue_place(struct dispatcher *dispatcher, const struct place *place,
                              struct moment now)
{
    for (struct route *route = place->routes; route; route = route->next_here)
        requeue_route(dispatcher, route, now);
}

void dispatcher_requeue_all(struct dispatcher *dispatcher, struct moment now)
{
    struct routes *routes = dispatcher->routes;
    for (struct route *route = routes_next(routes, NULL); route; route = routes_next(routes, route))
        requeue_route(dispatcher, route, now);
}

/* ---- the next one --------------------------------------------------------------------------- */

static bool owes_look(struct dispatcher *dispatcher, struct lane *lane)
{
    return head_needs_look(lane_head(lane, dispatcher->outbox));
}

static bool goes_before(const struct lane *lane, const struct lane *other)
{
    enum priority priority = lane_priority(lane->id), others = lane_priority(other->id);
    return priority < others ||
           (priority == others && lane->served_steady_at < other->served_steady_at);
}

/* Of the lanes of this endpoint that may go now, the first that looks, or if not `by_look`, that
 * sends; NULL for none. */
static struct lane *find_probe(struct dispatcher *dispatcher, const struct scope_state *endpoint,
                               bool by_look, struct moment now)
{
    struct routes *routes = dispatcher->routes;
    struct lane *first = NULL;
    for (struct route *route = routes_next(routes, NULL); route; route = routes_next(routes, route))
        for (size_t i = 0; i < PRIORITIES && route->endpoint == endpoint; i++) {
            struct lane *lane = route->lanes[i];
            if (lane && dispatcher_lane_opens_steady_at(dispatcher, lane, now) <= now.steady_at &&
                owes_look(dispatcher, lane) == by_look && (!first || goes_before(lane, first)))
                first = lane;
        }
    return first;
}

/*
 * An endpoint that failed is better probed by a look than by `lane`, since a look leaves no doubt
 * behind. But not if a look has just failed: its own thread may be what is broken.
 */
static struct lane *better_probe(struct dispatcher *dispatcher, struct lane *lane,
                                 struct moment now)
{
    const struct scope_state *endpoint = lane->route->endpoint;
    bool by_look = !endpoint->failed_look;
    if (endpoint->record.failures == 0 || owes_look(dispatcher, lane) == by_look)
        return lane;
    struct lane *other = find_probe(dispatcher, endpoint, by_look, now);
    if (!other)
        return lane;
    dispatcher_requeue(dispatcher, lane, now);
    agenda_remove(agenda_of(dispatcher, other), &other->item);
    return other;
}

/* The first lane of an agenda that may really go now, taken out of it; NULL when there is none. */
static struct lane *take_first(struct dispatcher *dispatcher, struct agenda *agenda,
                               struct moment now)
{
    struct agenda_item *item = NULL;
    while ((item = agenda_first(agenda)) && item->at <= now.steady_at) {
        struct lane *lane = lane_of_item(item);
        msec_t opens_steady_at = dispatcher_lane_opens_steady_at(dispatcher, lane, now);
        if (opens_steady_at <= now.steady_at) {
            agenda_remove(agenda, item);
            return lane;
        }
        enlist(dispatcher, lane, opens_steady_at);
    }
    return NULL;
}

struct lane *dispatcher_take_ready(struct dispatcher *dispatcher, struct moment now)
{
    struct lane *lane = NULL;
    for (size_t i = 0; i < PRIORITIES && !lane; i++)
        lane = take_first(dispatcher, &dispatcher->agendas[i], now);
    return lane ? better_probe(dispatcher, lane, now) : NULL;
}

msec_t dispatcher_next_ready_steady_at(const struct dispatcher *dispatcher)
{
    msec_t earliest_steady_at = MSEC_NEVER;
    for (size_t i = 0; i < PRIORITIES; i++) {
        const struct agenda_item *item = agenda_first(&dispatcher->agendas[i]);
        if (item)
            earliest_steady_at = msec_min(earliest_steady_at, item->at);
    }
    return earliest_steady_at;
}
