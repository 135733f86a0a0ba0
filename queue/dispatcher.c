#include "queue/dispatcher.h"

#include "base/memory.h"
#include "queue/change.h"
#include "queue/dispatcher_state.h"
#include "queue/fold.h"
#include "queue/turn.h"

#include <stdlib.h>

/* ---- start and end -------------------------------------------------------------------------- */

struct dispatcher *dispatcher_new(struct outbox *outbox, const char *boot_id, struct moment now)
{
    struct dispatcher *dispatcher = xcalloc(1, sizeof *dispatcher);
    dispatcher->outbox = outbox;
    dispatcher->started = now;
    dispatcher->wall_ahead_ms = now.at - now.steady_at;
    dispatcher->next_storm_at = MSEC_NEVER;
    dispatcher->routes = routes_new(outbox, now);
    timeline_open(&dispatcher->timeline, outbox, boot_id, now);
    return dispatcher;
}

void dispatcher_free(struct dispatcher *dispatcher)
{
    if (!dispatcher)
        return;
    while (dispatcher->works)
        dispatcher_end_work(dispatcher, dispatcher->works);
    for (size_t i = 0; i < PRIORITIES; i++)
        agenda_clear(&dispatcher->agendas[i]);
    routes_free(dispatcher->routes);
    dispatcher_forget_harvest(dispatcher);
    dispatcher_forget_passages(dispatcher);
    free(dispatcher->inherited.ids);
    free(dispatcher->ended);
    free(dispatcher);
}

static struct lane *get_lane(const struct dispatcher *dispatcher, struct route *route, lane_id id,
                             struct moment now)
{
    struct lane **lane = &route->lanes[lane_priority(id)];
    if (!*lane) {
        *lane = lane_new(id, route);
        (*lane)->look_from_steady_at = dispatcher->started.steady_at + route->settle_ms;
        (*lane)->head_since_at = now.at;
    }
    return *lane;
}

/* Lanes that had work before we knew their routes. */
static void find_lanes(struct dispatcher *dispatcher, struct moment now)
{
    enum { AT_ONCE = 128 };
    lane_id found[AT_ONCE], after = -1;
    size_t count = 0;
    do {
        count = outbox_lanes(dispatcher->outbox, after, found, AT_ONCE);
        for (size_t i = 0; i < count; i++) {
            after = found[i];
            struct route *route = routes_find(dispatcher->routes, lane_thread(after));
            if (route)
                get_lane(dispatcher, route, after, now);
        }
    } while (count == AT_ONCE);
}

void dispatcher_configure(struct dispatcher *dispatcher, const struct route_setup *setups,
                          size_t count, struct moment now)
{
    routes_configure(dispatcher->routes, setups, count, now);
    if (!dispatcher->seeded)
        dispatcher_seed_windows(dispatcher, now);
    dispatcher->seeded = true;
    dispatcher->weather_changed = true;
    dispatcher->inherited.is_due = true;
    find_lanes(dispatcher, now);
    for (size_t i = 0; i < PRIORITIES; i++)
        while (agenda_first(&dispatcher->agendas[i]))
            agenda_remove(&dispatcher->agendas[i], agenda_first(&dispatcher->agendas[i]));
    dispatcher_requeue_all(dispatcher, now);
}

/* ---- what comes in -------------------------------------------------------------------------- */

/* A time to wake up for, 0 meaning none. */
static void watch(msec_t *next_at, msec_t at)
{
    if (at && at < *next_at)
        *next_at = at;
}

void dispatcher_watch_expiry(struct dispatcher *dispatcher, const struct message *message)
{
    if (!message->doubted_at && !message_state_is_final(message->state))
        watch(&dispatcher->next_expiry_at, message->expires_at);
}

void dispatcher_added(struct dispatcher *dispatcher, const struct message *message,
                      struct moment now)
{
    dispatcher_watch_expiry(dispatcher, message);
    if (message->state == MESSAGE_SCHEDULED) {
        watch(&dispatcher->next_due_at, message->due_at);
        return;
    }
    struct route *route = routes_find(dispatcher->routes, lane_thread(message->lane));
    if (!route)
        return;

    struct lane *lane = get_lane(dispatcher, route, message->lane, now);
    struct head head = head_of(message);
    bool waits_already = lane->work || lane->item.position != AGENDA_OUTSIDE;
    lane_push(lane, &head);
    if (waits_already)
        return;
    if (lane->count == 1) {
        lane->head_since_at = now.at;
        outbox_expect(dispatcher->outbox, message);
    }
    dispatcher_requeue(dispatcher, lane, now);
}

void dispatcher_replace(struct dispatcher *dispatcher, struct message *message,
                        struct message *older, struct moment now)
{
    struct route *route = routes_find(dispatcher->routes, lane_thread(message->lane));
    dispatcher_recall_doubt(dispatcher, older);
    fold_add(dispatcher->outbox, message, older, now.at);
    dispatcher_watch_expiry(dispatcher, message);
    if (!route)
        return;
    struct lane *lane = get_lane(dispatcher, route, message->lane, now);
    struct head head = head_of(message);
    lane_replace(lane, older->id, &head);
    dispatcher_requeue(dispatcher, lane, now);
}

void dispatcher_changed(struct dispatcher *dispatcher, lane_id id, struct moment now)
{
    struct route *route = routes_find(dispatcher->routes, lane_thread(id));
    if (!route)
        return;
    struct lane *lane = get_lane(dispatcher, route, id, now);
    lane_forget(lane);
    dispatcher_requeue(dispatcher, lane, now);
}

/* ---- what time brings ----------------------------------------------------------------------- */

enum { TEND_AT_ONCE = 100 };

static size_t take_due(struct dispatcher *dispatcher, struct moment now, size_t most)
{
    int64_t ids[TEND_AT_ONCE];
    size_t count = outbox_due(dispatcher->outbox, now.at, ids,
                              most < TEND_AT_ONCE ? most : TEND_AT_ONCE, &dispatcher->next_due_at);
    for (size_t i = 0; i < count; i++) {
        struct message message = { 0 };
        if (!outbox_load(dispatcher->outbox, ids[i], &message))
            continue;
        message.rank = outbox_next_number(dispatcher->outbox);
        outbox_move(dispatcher->outbox, &message, MESSAGE_PENDING);
        dispatcher_added(dispatcher, &message, now);
        message_clear(&message);
    }
    return count;
}

static void expire(struct dispatcher *dispatcher, int64_t id, struct moment now,
                   void (*moved)(void *context, const struct message *message), void *context)
{
    struct message message = { 0 };
    if (!outbox_load(dispatcher->outbox, id, &message))
        return;
    bool waited_in_lane = message.state == MESSAGE_PENDING;
    replace_text(&message.reason, xstrdup("not delivered before it was worthless"));
    message.ended_at = now.at;
    dispatcher_recall_doubt(dispatcher, &message);
    outbox_move(dispatcher->outbox, &message, MESSAGE_EXPIRED);
    dispatcher->weather_changed = dispatcher->weather_changed || dispatcher->storms > 0;
    if (waited_in_lane)
        dispatcher_changed(dispatcher, message.lane, now);
    moved(context, &message);
    message_clear(&message);
}

bool dispatcher_tend(struct dispatcher *dispatcher, struct moment now, size_t most,
                     void (*moved)(void *context, const struct message *message), void *context)
{
    dispatcher_take_over(dispatcher, now, moved, context);
    dispatcher_strand_all(dispatcher, now, moved, context);
    change_tell(dispatcher, moved, context);
    size_t done = dispatcher_take_in_harvest(dispatcher, now, most, moved, context);
    if (dispatcher->next_due_at <= now.at && done < most)
        done += take_due(dispatcher, now, most - done);
    if (dispatcher->next_expiry_at <= now.at && done < most) {
        int64_t ids[TEND_AT_ONCE];
        size_t room = most - done < TEND_AT_ONCE ? most - done : TEND_AT_ONCE;
        size_t count =
            outbox_expired(dispatcher->outbox, now.at, ids, room, &dispatcher->next_expiry_at);
        for (size_t i = 0; i < count; i++)
            expire(dispatcher, ids[i], now, moved, context);
    }
    return dispatcher->harvest || dispatcher->has_stranded || dispatcher->next_due_at <= now.at ||
           dispatcher->next_expiry_at <= now.at;
}

/* ---- what goes out -------------------------------------------------------------------------- */

static bool may_begin(const struct dispatcher *dispatcher)
{
    return !dispatcher->draining && dispatcher->under_way < DISPATCHER_MOST_UNDER_WAY;
}

/* How long until a due time, an expiry or the like comes, or a lane's instant if one may begin. */
static msec_t wait_ms(const struct dispatcher *dispatcher, struct moment now)
{
    msec_t shortest_ms = MSEC_NEVER;
    msec_t next_at = msec_min(dispatcher->next_due_at, dispatcher->next_expiry_at);
    next_at = msec_min(next_at, dispatcher->next_storm_at);
    if (dispatcher->ended_count > 0 || dispatcher->has_stranded)
        return 0; /* somebody is to be told */
    msec_t ready_steady_at =
        may_begin(dispatcher) ? dispatcher_next_ready_steady_at(dispatcher) : MSEC_NEVER;
    if (next_at != MSEC_NEVER)
        shortest_ms = msec_max(next_at - now.at, 0);
    if (ready_steady_at != MSEC_NEVER)
        shortest_ms = msec_min(shortest_ms, msec_max(ready_steady_at - now.steady_at, 0));
    return shortest_ms;
}

/* Pauses end by the wall clock: when it was set, every lane is asked anew. */
static void notice_clock(struct dispatcher *dispatcher, struct moment now)
{
    enum { SET_MS = 1000 }; /* less than that is drift */
    msec_t ahead_ms = now.at - now.steady_at;
    if (llabs(ahead_ms - dispatcher->wall_ahead_ms) < SET_MS)
        return;
    dispatcher->wall_ahead_ms = ahead_ms;
    dispatcher_requeue_all(dispatcher, now);
}

/* What ends by itself instead of going out is written down as well, however much of it waits. */
static bool is_turn_full(const struct dispatcher *dispatcher)
{
    return outbox_changes(dispatcher->outbox) >= TURN_MOST_CHANGES;
}

struct work *dispatcher_next(struct dispatcher *dispatcher, struct moment now, const char *stamp,
                             msec_t *again_ms)
{
    struct lane *lane = NULL;
    notice_clock(dispatcher, now);
    while (may_begin(dispatcher) && (lane = dispatcher_take_ready(dispatcher, now))) {
        struct work *work = dispatcher_begin(dispatcher, lane, now, stamp);
        if (work)
            return work;
        if (is_turn_full(dispatcher)) {
            *again_ms = 0;
            return NULL;
        }
    }
    *again_ms = wait_ms(dispatcher, now);
    return NULL;
}

void dispatcher_drain(struct dispatcher *dispatcher)
{
    dispatcher->draining = true;
}

size_t dispatcher_under_way(const struct dispatcher *dispatcher)
{
    return dispatcher->under_way;
}
