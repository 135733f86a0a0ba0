/*
 * In doubt: look before you post.
 *
 * One look at a place serves every lane whose first message may have appeared
 * there. It starts a little before the earliest of their attempts, on the
 * service's own clock: from the greatest message id that was known of the thread
 * when the attempt began (ids are the service's epoch milliseconds), else from
 * what the service's Date headers had said of its clock by then, else from the
 * thread's beginning. Our own wall clock has no part in it: it may have been
 * wrong, and been set since.
 */
#include "queue/adoption.h"
#include "queue/dispatcher_state.h"

enum { LOOK_MARGIN_MS = 2 * 60 * 1000 };

struct route *dispatcher_looker(struct dispatcher *dispatcher, struct route *route,
                                const struct place *place)
{
    struct scope_state *endpoint = routes_endpoint(dispatcher->routes, place->endpoint);
    if (route->endpoint == endpoint)
        return route;
    for (struct route *other = routes_next(dispatcher->routes, NULL); other;
         other = routes_next(dispatcher->routes, other))
        if (other->endpoint == endpoint)
            return other;
    return NULL;
}

struct pacer *dispatcher_lists(const struct dispatcher *dispatcher, int64_t thread)
{
    struct route *route = routes_find(dispatcher->routes, thread);
    return route ? &route->place->looks : NULL;
}

struct place *dispatcher_doubted_place(struct dispatcher *dispatcher, const struct lane *lane,
                                       const struct head *head)
{
    return head->doubted_place ? routes_place(dispatcher->routes, head->doubted_place)
                               : lane->route->place;
}

static void keep_latest(void *context, const struct attempt *attempt)
{
    *(struct attempt *)context = *attempt;
}

int64_t dispatcher_known_id(const struct cargo *cargo)
{
    int64_t newest_id = cargo->place->scope.record.newest_id;
    if (newest_id > 0 || !cargo->endpoint->dated)
        return newest_id;
    return cargo->began.steady_at + cargo->endpoint->clock_ahead_ms;
}

/* Where in the thread's time the message cannot be before. 0: nothing is known. */
static msec_t since_of(struct dispatcher *dispatcher, const struct message *message,
                       const struct place *place)
{
    struct attempt attempt = { 0 };
    outbox_attempts(dispatcher->outbox, message->id, keep_latest, &attempt);
    if (attempt.number == 0)
        attempt.known_id = adoption_known_id(dispatcher->outbox, place->id);
    return msec_max(attempt.known_id - LOOK_MARGIN_MS, 0);
}

/* The lane's head, if it is in doubt about this place and may be looked for. */
static const struct head *doubted_head(struct dispatcher *dispatcher, struct lane *lane,
                                       const struct place *place, struct moment now)
{
    if (!lane || lane->work || lane->look_from_steady_at > now.steady_at)
        return NULL;
    const struct head *head = lane_head(lane, dispatcher->outbox);
    return head && head_needs_look(head) &&
                   dispatcher_doubted_place(dispatcher, lane, head) == place
               ? head
               : NULL;
}

static void board_lane(struct dispatcher *dispatcher, struct work *work, struct lane *lane,
                       struct moment now)
{
    struct cargo *cargo = work->cargo;
    struct message message = { 0 };
    const struct head *head = doubted_head(dispatcher, lane, cargo->place, now);
    if (!head || cargo->count == LOOK_MOST_STAMPS ||
        !outbox_load(dispatcher->outbox, head->id, &message))
        return;

    msec_t since_at = since_of(dispatcher, &message, cargo->place);
    if (cargo->count == 0 || since_at < work->look.since_at)
        work->look.since_at = since_at;
    lane_pop(lane);
    dispatcher_board(work, lane, &message);
}

struct work *dispatcher_begin_look(struct dispatcher *dispatcher, struct route *looker,
                                   struct place *place, struct moment now)
{
    struct routes *routes = dispatcher->routes;
    struct work *work =
        dispatcher_begin_work(dispatcher, WORK_LOOK, looker, place, LOOK_MOST_STAMPS, now);
    struct cargo *cargo = work->cargo;

    for (struct route *route = routes_next(routes, NULL); route; route = routes_next(routes, route))
        for (size_t i = 0; i < PRIORITIES; i++)
            board_lane(dispatcher, work, route->lanes[i], now);
    if (cargo->count == 0) {
        dispatcher_end_work(dispatcher, work);
        return NULL;
    }
    work->look.endpoint = place->endpoint;
    work->look.thread = place->thread;
    work->look.sender = looker->sender->record.name;
    work->look.count = cargo->count;
    for (size_t i = 0; i < cargo->count; i++)
        work->look.stamps[i] = cargo->passengers[i].message.stamp;
    pacer_begin(&place->looks, true);
    return work;
}
