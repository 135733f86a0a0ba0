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
#include "queue/dispatcher.h"

#include "base/memory.h"
#include "queue/dispatcher_state.h"
#include "queue/eta.h"
#include "queue/late_mark.h"

#include <stdlib.h>
#include <string.h>

/* ---- lanes in the agenda ----------------------------------------------------------------- */

static struct agenda *agenda_of(struct dispatcher *dispatcher, const struct lane *lane)
{
    return &dispatcher->agendas[lane_priority(lane->id)];
}

static struct lane *lane_of_item(struct agenda_item *item)
{
    return (struct lane *)(void *)((char *)item - offsetof(struct lane, item));
}

static msec_t later_of_scopes(const struct scope_state *endpoint, const struct scope_state *sender,
                              const struct place *place, struct moment now)
{
    if (endpoint->crowded)
        return MSEC_NEVER;
    msec_t at = scope_opens_at(endpoint, now);
    at = msec_max(at, scope_opens_at(sender, now));
    return msec_max(at, scope_opens_at(&place->scope, now));
}

static msec_t look_opens_at(struct dispatcher *dispatcher, struct lane *lane,
                            const struct head *head, struct moment now)
{
    struct place *place = routes_place(dispatcher->routes, head->doubted_place);
    struct route *looker = place ? dispatcher_looker(dispatcher, lane->route, place) : NULL;
    if (!looker)
        return MSEC_NEVER;
    msec_t at = later_of_scopes(looker->endpoint, looker->sender, place, now);
    at = msec_max(at, pacer_opens_at(&place->looks, true));
    return msec_max(at, lane->look_from_steady_at);
}

/*
 * Those of a higher priority go first. A lane of such that has one under way and
 * more to send is waited for, so that its next one finds a slot; but for no
 * longer than a slot takes to come up, since it may hang.
 */
static msec_t yields_until(const struct place *place, enum priority priority)
{
    const struct pace rule = pacer_rule(&place->pacer.limits);
    msec_t until_at = 0;
    for (const struct route *route = place->routes; route; route = route->next_here)
        for (enum priority higher = PRIORITY_URGENT; higher < priority; higher++) {
            const struct lane *lane = route->lanes[higher];
            if (lane && lane->work && lane->work->kind == WORK_SEND && lane_has_more(lane))
                until_at = msec_max(until_at, lane->served_steady_at + rule.window_ms / rule.sends);
        }
    return until_at;
}

/* From when on a lane's head may go; MSEC_NEVER also for a lane with nothing to send. */
static msec_t lane_opens_at(struct dispatcher *dispatcher, struct lane *lane, struct moment now)
{
    if (lane->work || lane->route->gone)
        return MSEC_NEVER;
    const struct head *head = lane_head(lane, dispatcher->outbox);
    if (!head)
        return MSEC_NEVER;
    if (head->doubted_at)
        return look_opens_at(dispatcher, lane, head, now);
    if (head->expires_at && head->expires_at <= now.at)
        return MSEC_NEVER; /* dispatcher_tend() will end it, and ask the lane anew */

    const struct route *route = lane->route;
    msec_t at = later_of_scopes(route->endpoint, route->sender, route->place, now);
    enum priority priority = lane_priority(lane->id);
    at = msec_max(at, yields_until(route->place, priority));
    return msec_max(at, pacer_opens_at(&route->place->pacer, priority == PRIORITY_URGENT));
}

/* Of lanes that may go already, the one that was served longest ago comes first. */
static void enlist(struct dispatcher *dispatcher, struct lane *lane, msec_t opens_at)
{
    if (opens_at == MSEC_NEVER)
        agenda_remove(agenda_of(dispatcher, lane), &lane->item);
    else
        agenda_put(agenda_of(dispatcher, lane), &lane->item,
                   msec_max(opens_at, lane->served_steady_at));
}

void dispatcher_requeue(struct dispatcher *dispatcher, struct lane *lane, struct moment now)
{
    enlist(dispatcher, lane, lane_opens_at(dispatcher, lane, now));
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

/* ---- start and end ------------------------------------------------------------------------ */

struct dispatcher *dispatcher_new(struct outbox *outbox, struct moment now)
{
    struct dispatcher *dispatcher = xcalloc(1, sizeof *dispatcher);
    dispatcher->outbox = outbox;
    dispatcher->started = now;
    dispatcher->routes = routes_new(outbox, now);
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

/* An attempt of an earlier run: it may still occupy its place's windows. */
struct seed {
    int64_t place;
    int64_t known_id;
    msec_t ended_at; /* 0: never learned */
    bool doubted;
};

struct seeding {
    struct seed *seeds;
    size_t count;
};

static void note_attempt(void *context, const struct attempt *attempt)
{
    struct seeding *seeding = context;
    seeding->seeds = xreallocarray(seeding->seeds, seeding->count + 1, sizeof *seeding->seeds);
    seeding->seeds[seeding->count++] =
        (struct seed){ .place = attempt->place,
                       .known_id = attempt->known_id,
                       .ended_at = attempt->ended_at,
                       .doubted = attempt->ended_at == 0 || attempt->outcome == OUTCOME_DOUBT };
}

static void plant(struct routes *routes, const struct seed *seed, msec_t settle_ms,
                  struct moment now)
{
    struct place *place = routes_place(routes, seed->place);
    if (!place)
        return;

    /* An end that is unknown, or lies in the future after a jump of the clock: now. */
    msec_t ago_ms = seed->ended_at ? msec_max(now.at - seed->ended_at, 0) : 0;
    pacer_seed(&place->pacer, now.steady_at - ago_ms + (seed->doubted ? settle_ms : 0));
    if (seed->known_id > place->scope.record.newest_id)
        place->scope.record.newest_id = seed->known_id;
}

/*
 * What earlier runs sent lately counts, as if we had never been away: of all
 * places, since one that is not in the settings may come back into them.
 */
static void seed_windows(struct dispatcher *dispatcher, struct moment now)
{
    enum { LONGEST_ATTEMPT_MS = 20 * 60 * 1000 }; /* and more than its time-outs allow */
    struct routes *routes = dispatcher->routes;
    struct seeding seeding = { 0 };
    msec_t window_ms = 0, settle_ms = 0;
    for (struct route *route = routes_next(routes, NULL); route;
         route = routes_next(routes, route)) {
        window_ms = msec_max(window_ms, pacer_longest_window_ms(&route->place->pacer.limits));
        settle_ms = msec_max(settle_ms, route->settle_ms);
    }
    outbox_recent(dispatcher->outbox, now.at - window_ms - LONGEST_ATTEMPT_MS, note_attempt,
                  &seeding);
    for (size_t i = 0; i < seeding.count; i++)
        plant(routes, &seeding.seeds[i], settle_ms, now);
    free(seeding.seeds);
}

void dispatcher_configure(struct dispatcher *dispatcher, const struct route_setup *setups,
                          size_t count, struct moment now)
{
    routes_configure(dispatcher->routes, setups, count, now);
    if (!dispatcher->seeded)
        seed_windows(dispatcher, now);
    dispatcher->seeded = true;
    find_lanes(dispatcher, now);
    for (size_t i = 0; i < PRIORITIES; i++)
        while (agenda_first(&dispatcher->agendas[i]))
            agenda_remove(&dispatcher->agendas[i], agenda_first(&dispatcher->agendas[i]));
    dispatcher_requeue_all(dispatcher, now);
}

/* ---- what comes in ------------------------------------------------------------------------ */

static struct head head_of(const struct message *message)
{
    return (struct head){ .id = message->id,
                          .rank = message->rank,
                          .expires_at = message->expires_at,
                          .doubted_at = message->doubted_at,
                          .doubted_place = message->doubted_place,
                          .content_bytes = message->content_bytes };
}

/* A time to wake up for, 0 meaning none. */
static void watch(msec_t *next_at, msec_t at)
{
    if (at && at < *next_at)
        *next_at = at;
}

void dispatcher_added(struct dispatcher *dispatcher, const struct message *message,
                      struct moment now)
{
    watch(&dispatcher->next_expiry_at, message->expires_at);
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
    if (lane->count == 1)
        lane->head_since_at = now.at;
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

/* ---- what time brings ------------------------------------------------------------------------ */

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
                   void (*expired)(void *context, const struct message *message), void *context)
{
    struct message message = { 0 };
    if (!outbox_load(dispatcher->outbox, id, &message))
        return;
    bool waited_in_lane = message.state == MESSAGE_PENDING;
    free(message.reason);
    message.reason = xstrdup("not delivered before it was worthless");
    message.ended_at = now.at;
    outbox_move(dispatcher->outbox, &message, MESSAGE_EXPIRED);
    if (waited_in_lane)
        dispatcher_changed(dispatcher, message.lane, now);
    expired(context, &message);
    message_clear(&message);
}

bool dispatcher_tend(struct dispatcher *dispatcher, struct moment now, size_t most,
                     void (*expired)(void *context, const struct message *message), void *context)
{
    size_t done = 0;
    if (dispatcher->next_due_at <= now.at)
        done = take_due(dispatcher, now, most);
    if (dispatcher->next_expiry_at <= now.at && done < most) {
        int64_t ids[TEND_AT_ONCE];
        size_t room = most - done < TEND_AT_ONCE ? most - done : TEND_AT_ONCE;
        size_t count =
            outbox_expired(dispatcher->outbox, now.at, ids, room, &dispatcher->next_expiry_at);
        for (size_t i = 0; i < count; i++)
            expire(dispatcher, ids[i], now, expired, context);
    }
    return dispatcher->next_due_at <= now.at || dispatcher->next_expiry_at <= now.at;
}

/* ---- what goes out ------------------------------------------------------------------------- */

static void write_down_beginning(struct dispatcher *dispatcher, struct cargo *cargo,
                                 struct moment now)
{
    struct message *message = &cargo->passengers[0].message;
    message->attempts++;
    message->doubted_at = now.at;
    message->doubted_place = cargo->place->id;
    cargo->attempt = (struct attempt){ .message = message->id,
                                       .number = message->attempts,
                                       .place = cargo->place->id,
                                       .began_at = now.at,
                                       .known_id = dispatcher_known_id(cargo) };
    outbox_begin(dispatcher->outbox, message, &cargo->attempt);
}

/* The message of a lane's head. False if it is not what it was: then the lane is asked anew. */
static bool load_head(struct dispatcher *dispatcher, struct lane *lane, int64_t id,
                      struct message *message, struct moment now)
{
    if (outbox_load(dispatcher->outbox, id, message) && message->state == MESSAGE_PENDING &&
        message->lane == lane->id && !message->doubted_at)
        return true;
    message_clear(message);
    lane_forget(lane);
    dispatcher_requeue(dispatcher, lane, now);
    return false;
}

/* What goes out: the message, with a mark in front when it is late. */
static void address(struct cargo *cargo, const struct route *route, struct moment now)
{
    struct message *message = &cargo->passengers[0].message;
    free(message->late_mark);
    message->late_mark = late_mark_compose(&route->late_mark, message, now.at);
    cargo->letter = *message;
    if (!message->late_mark)
        return;
    cargo->marked_content = late_mark_prepend(message->late_mark, message->content);
    cargo->letter.content = cargo->marked_content;
    cargo->letter.content_bytes = strlen(cargo->marked_content);
}

static struct work *begin_send(struct dispatcher *dispatcher, struct lane *lane, int64_t id,
                               struct moment now)
{
    struct message message = { 0 };
    if (!load_head(dispatcher, lane, id, &message, now))
        return NULL;

    struct route *route = lane->route;
    struct work *work = dispatcher_begin_work(dispatcher, WORK_SEND, route, route->place, 1, now);
    struct cargo *cargo = work->cargo;
    msec_t waits_since_at = msec_max(message.accepted_at, message.due_at);
    cargo->urgent = lane_priority(lane->id) == PRIORITY_URGENT;
    cargo->queued_ms = msec_max(lane->head_since_at - waits_since_at, 0);
    cargo->lane_ms = msec_max(now.at - msec_max(lane->head_since_at, waits_since_at), 0);
    lane_pop(lane);
    dispatcher_board(work, lane, &message);
    address(cargo, route, now);
    work->parcel = (struct parcel){ .endpoint = route->place->endpoint,
                                    .thread = route->place->thread,
                                    .sender = route->sender->record.name,
                                    .message = &cargo->letter };
    pacer_begin(&route->place->pacer, cargo->urgent);
    write_down_beginning(dispatcher, cargo, now);
    return work;
}

static struct work *begin_look(struct dispatcher *dispatcher, struct lane *lane, int64_t place_id,
                               struct moment now)
{
    struct place *place = routes_place(dispatcher->routes, place_id);
    return dispatcher_begin_look(dispatcher, dispatcher_looker(dispatcher, lane->route, place),
                                 place, now);
}

/* A lane of this endpoint that may look now, NULL for none. */
static struct lane *owes_look(struct dispatcher *dispatcher, const struct scope_state *endpoint,
                              struct moment now)
{
    struct routes *routes = dispatcher->routes;
    for (struct route *route = routes_next(routes, NULL); route; route = routes_next(routes, route))
        for (size_t i = 0; i < PRIORITIES && route->endpoint == endpoint; i++) {
            struct lane *lane = route->lanes[i];
            if (lane && lane_opens_at(dispatcher, lane, now) <= now.steady_at &&
                lane_head(lane, dispatcher->outbox)->doubted_at)
                return lane;
        }
    return NULL;
}

/* An endpoint that failed is better probed by a look than by `lane`: that can do no harm. */
static struct lane *better_probe(struct dispatcher *dispatcher, struct lane *lane,
                                 struct moment now)
{
    const struct scope_state *endpoint = lane->route->endpoint;
    struct lane *owing = endpoint->record.failures ? owes_look(dispatcher, endpoint, now) : NULL;
    if (!owing || owing == lane)
        return lane;
    dispatcher_requeue(dispatcher, lane, now);
    agenda_remove(agenda_of(dispatcher, owing), &owing->item);
    return owing;
}

/* A lane whose time has come, out of the agenda, begins its work. */
static struct work *begin(struct dispatcher *dispatcher, struct lane *lane, struct moment now)
{
    lane = better_probe(dispatcher, lane, now);
    const struct head *head = lane_head(lane, dispatcher->outbox);
    return head->doubted_at ? begin_look(dispatcher, lane, head->doubted_place, now)
                            : begin_send(dispatcher, lane, head->id, now);
}

/* The first lane of an agenda that may really go now, taken out of it; NULL when there is none. */
static struct lane *take_ready(struct dispatcher *dispatcher, struct agenda *agenda,
                               struct moment now)
{
    struct agenda_item *item = NULL;
    while ((item = agenda_first(agenda)) && item->at <= now.steady_at) {
        struct lane *lane = lane_of_item(item);
        msec_t opens_at = lane_opens_at(dispatcher, lane, now);
        if (opens_at <= now.steady_at) {
            agenda_remove(agenda, item);
            return lane;
        }
        enlist(dispatcher, lane, opens_at);
    }
    return NULL;
}

static bool may_begin(const struct dispatcher *dispatcher)
{
    return !dispatcher->draining && dispatcher->under_way < DISPATCHER_MOST_UNDER_WAY;
}

/* How long until a due time or an expiry comes, or a lane's instant if one may begin. */
static msec_t wait_ms(const struct dispatcher *dispatcher, struct moment now)
{
    msec_t shortest_ms = MSEC_NEVER;
    msec_t next_at = msec_min(dispatcher->next_due_at, dispatcher->next_expiry_at);
    if (next_at != MSEC_NEVER)
        shortest_ms = msec_max(next_at - now.at, 0);
    for (size_t i = 0; i < PRIORITIES && may_begin(dispatcher); i++) {
        const struct agenda_item *item = agenda_first(&dispatcher->agendas[i]);
        if (item)
            shortest_ms = msec_min(shortest_ms, msec_max(item->at - now.steady_at, 0));
    }
    return shortest_ms;
}

struct work *dispatcher_next(struct dispatcher *dispatcher, struct moment now, msec_t *again_ms)
{
    for (size_t i = 0; i < PRIORITIES && may_begin(dispatcher); i++) {
        struct lane *lane = NULL;
        while ((lane = take_ready(dispatcher, &dispatcher->agendas[i], now))) {
            struct work *work = begin(dispatcher, lane, now);
            if (work)
                return work;
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

/* ---- when ------------------------------------------------------------------------------------ */

/* Messages of a lane that have not left yet. */
static int64_t waiting_in(struct dispatcher *dispatcher, lane_id lane)
{
    return tally_sum(outbox_tally(dispatcher->outbox), lane, TALLY_ANY, MESSAGE_PENDING).messages;
}

struct prospect dispatcher_prospect(struct dispatcher *dispatcher, lane_id id, struct moment now)
{
    return dispatcher_prospect_at(dispatcher, id, waiting_in(dispatcher, id), now);
}

struct prospect dispatcher_prospect_at(struct dispatcher *dispatcher, lane_id id, int64_t position,
                                       struct moment now)
{
    struct prospect prospect = { .position = position, .eta_ms = MSEC_NEVER };
    struct route *route = routes_find(dispatcher->routes, lane_thread(id));
    if (!route)
        return prospect;

    /* Those of a higher priority go first, and what is under way has left. */
    int64_t ahead = prospect.position - 1;
    for (enum priority priority = PRIORITY_URGENT; priority <= lane_priority(id); priority++) {
        lane_id other = lane_of(lane_thread(id), priority);
        const struct lane *lane = route->lanes[priority];
        ahead += other == id ? 0 : waiting_in(dispatcher, other);
        ahead -= lane && lane->work;
    }
    msec_t open_at = later_of_scopes(route->endpoint, route->sender, route->place, now);
    msec_t start_at = open_at == MSEC_NEVER ? now.steady_at : msec_max(open_at, now.steady_at);
    prospect.eta_ms = start_at - now.steady_at +
                      eta_ms(&route->place->pacer, lane_priority(id) == PRIORITY_URGENT,
                             msec_max(ahead, 0), route->place->round_trip_ms, start_at);
    return prospect;
}
