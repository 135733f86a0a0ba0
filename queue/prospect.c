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

/* When the next may leave that has `sends` others before it. */
static msec_t eta_of(const struct route *route, enum priority priority, int64_t sends,
                     struct moment now)
{
    const struct place *place = route->place;
    msec_t open_steady_at = dispatcher_place_opens_steady_at(route, place, now);
    msec_t start_steady_at =
        open_steady_at == MSEC_NEVER ? now.steady_at : msec_max(open_steady_at, now.steady_at);
    return start_steady_at - now.steady_at +
           eta_ms(&place->pacer, priority == PRIORITY_URGENT, sends, place->round_trip_ms,
                  start_steady_at);
}

/*
 * What goes before a position of a lane: what is ahead of it, and who shares its
 * windows. Given how many sends a lane's messages make that come before a position:
 * not which of the two ways they are counted, since the one asks the other.
 */
typedef int64_t sends_within(struct dispatcher *dispatcher, const struct route *route,
                             enum priority priority, int64_t position, struct moment now);

static int64_t sends_before(struct dispatcher *dispatcher, const struct route *own,
                            enum priority own_priority, int64_t position, sends_within *within,
                            struct moment now)
{
    int64_t own_ahead = within(dispatcher, own, own_priority, position, now);
    int64_t ahead = own_ahead;
    for (const struct route *route = own->place->routes; route; route = route->next_here)
        for (enum priority priority = PRIORITY_URGENT; priority <= own_priority; priority++) {
            int64_t waiting = waiting_in(dispatcher, lane_of(route->thread, priority));
            const struct lane *lane = route->lanes[priority];
            bool is_own = route == own && priority == own_priority;
            int64_t sends =
                waiting > 0 && !is_own ? within(dispatcher, route, priority, waiting + 1, now) : 0;
            if (priority < own_priority)
                ahead += sends; /* those of a higher priority go first */
            else
                ahead += msec_min(sends, own_ahead + 1); /* another name of the thread: in turn */
            ahead -= lane && lane->work;                 /* that one has left */
        }
    return msec_max(ahead, 0);
}

static int64_t singly(struct dispatcher *dispatcher, const struct route *route,
                      enum priority priority, int64_t position, struct moment now)
{
    (void)dispatcher, (void)route, (void)priority, (void)now;
    return position - 1;
}

/*
 * How long the last of a lane would wait if all of them were sent one by one. Of a
 * long backlog what the pace alone takes is enough to know.
 */
static msec_t wait_singly_ms(struct dispatcher *dispatcher, const struct route *route,
                             enum priority priority, struct moment now)
{
    struct pace rule = pacer_rule(&route->place->pacer.limits);
    int64_t last = waiting_in(dispatcher, lane_of(route->thread, priority));
    int64_t sends = sends_before(dispatcher, route, priority, msec_max(last, 1), singly, now);
    msec_t least_ms = sends / rule.sends * rule.window_ms;
    return least_ms > route->digest.after_ms ? least_ms : eta_of(route, priority, sends, now);
}

/* Without a pace there is no budget to be spared: they go as fast as they can. */
bool dispatcher_digest_is_due(struct dispatcher *dispatcher, const struct route *route,
                              enum priority priority, struct moment now)
{
    const struct digest_rule *rule = &route->digest;
    if (rule->mode != DIGEST_BACKLOG || priority == PRIORITY_URGENT)
        return digest_is_due(rule, priority, 0);
    return pacer_rule(&route->place->pacer.limits).window_ms > 0 &&
           digest_is_due(rule, priority, wait_singly_ms(dispatcher, route, priority, now));
}

/* So many are not worth a digest, as they can be sent in time. */
static int64_t most_singly(const struct route *route)
{
    struct pace rule = pacer_rule(&route->place->pacer.limits);
    if (route->digest.mode == DIGEST_ALWAYS)
        return 1;
    return route->digest.after_ms / rule.window_ms * rule.sends +
           route->digest.after_ms % rule.window_ms * rule.sends / rule.window_ms;
}

static int64_t in_digests(struct dispatcher *dispatcher, const struct route *route,
                          enum priority priority, int64_t position, struct moment now)
{
    const struct digest_rule *rule = &route->digest;
    struct tally_sum waiting =
        tally_sum(outbox_tally(dispatcher->outbox), lane_of(route->thread, priority), TALLY_ANY,
                  MESSAGE_PENDING);
    if (!dispatcher_digest_is_due(dispatcher, route, priority, now))
        return position - 1;
    return digest_sends_before(rule, position, waiting.messages, waiting.bytes, most_singly(route));
}

/* Nothing of a lane leaves before its first, which may have appeared, is looked for. */
static msec_t until_look_ms(struct dispatcher *dispatcher, struct lane *lane, struct moment now)
{
    const struct head *head = lane ? lane_head(lane, dispatcher->outbox) : NULL;
    if (!head || !head_needs_look(head))
        return 0;
    return msec_max(lane->look_from_steady_at - now.steady_at, 0);
}

struct prospect dispatcher_prospect_at(struct dispatcher *dispatcher, lane_id id, int64_t position,
                                       struct moment now)
{
    struct prospect prospect = { .position = position, .eta_ms = MSEC_NEVER };
    const struct route *route = routes_find(dispatcher->routes, lane_thread(id));
    enum priority priority = lane_priority(id);
    if (!route)
        return prospect;
    int64_t sends = sends_before(dispatcher, route, priority, position, in_digests, now);
    prospect.eta_ms = msec_max(eta_of(route, priority, sends, now),
                               until_look_ms(dispatcher, route->lanes[priority], now));
    return prospect;
}
