#include "queue/diagnosis.h"

#include "queue/dispatcher_state.h"

const char *cause_name(enum cause cause)
{
    static const char *const names[CAUSES] = {
        [CAUSE_NO_THREAD] = "no-such-thread",
        [CAUSE_PAUSED] = "paused",
        [CAUSE_ENDPOINT] = "endpoint",
        [CAUSE_SENDER] = "sender",
        [CAUSE_THREAD] = "thread",
        [CAUSE_DOUBT] = "doubt",
        [CAUSE_PACE] = "pace",
        [CAUSE_UNDER_WAY] = "under-way",
        [CAUSE_BUSY] = "busy",
        [CAUSE_NOTHING] = "nothing",
    };
    return names[cause];
}

const char *level_name(enum level level)
{
    static const char *const names[] = { "well", "look", "act" };
    return names[level];
}

/* ---- the cause ------------------------------------------------------------------------------- */

static msec_t to_wall(msec_t steady_at, struct moment now)
{
    return now.at + msec_max(steady_at - now.steady_at, 0);
}

static bool is_paused(const struct place *place, struct moment now)
{
    return place->scope.record.paused_until > now.at;
}

/* Of the scopes that fail, the one that opens last. */
static const struct scope_state *trouble_of(const struct route *route)
{
    struct scope_state *scopes[ROUTE_MOST_SCOPES];
    const struct scope_state *worst = NULL;
    size_t count = route_scopes(route, scopes);
    for (size_t i = 0; i < count; i++)
        if (scopes[i]->record.failures > 0 &&
            (!worst || scopes[i]->opens_steady_at > worst->opens_steady_at))
            worst = scopes[i];
    return worst;
}

static enum cause cause_of_scope(enum scope scope)
{
    if (scope == SCOPE_ENDPOINT)
        return CAUSE_ENDPOINT;
    return scope == SCOPE_SENDER ? CAUSE_SENDER : CAUSE_THREAD;
}

/* An operator's pause is what all lanes of a route share, whatever else is the matter. */
static bool diagnose_pause(const struct route *route, struct diagnosis *diagnosis,
                           struct moment now)
{
    if (!is_paused(route->place, now))
        return false;
    diagnosis->cause = CAUSE_PAUSED;
    diagnosis->next_at = route->place->scope.record.paused_until;
    return true;
}

/* What may have appeared has first to settle, longer than the trouble keeps us away. */
static bool waits_to_look(struct dispatcher *dispatcher, struct lane *lane,
                          const struct scope_state *trouble, struct moment now)
{
    const struct head *head = lane_head(lane, dispatcher->outbox);
    return head && head_needs_look(head) &&
           lane->look_from_steady_at > msec_max(trouble->opens_steady_at, now.steady_at);
}

/*
 * Of a route in trouble, the lane among these that goes first says when and what for: that the
 * trouble lets it through is not enough, its pace must as well.
 */
static void diagnose_trouble(struct dispatcher *dispatcher, const struct scope_state *trouble,
                             struct lane *const *lanes, size_t count, struct diagnosis *diagnosis,
                             struct moment now)
{
    msec_t earliest_steady_at = MSEC_NEVER;
    diagnosis->cause = cause_of_scope(trouble->record.scope);
    for (size_t i = 0; i < count; i++) {
        if (!lanes[i])
            continue;
        bool looks = waits_to_look(dispatcher, lanes[i], trouble, now);
        msec_t opens_steady_at = dispatcher_lane_opens_steady_at(dispatcher, lanes[i], now);
        /* Until it may look, others probe what is broken. */
        if (looks && opens_steady_at == MSEC_NEVER)
            opens_steady_at = lanes[i]->look_from_steady_at;
        if (opens_steady_at >= earliest_steady_at)
            continue;
        earliest_steady_at = opens_steady_at;
        diagnosis->cause = looks ? CAUSE_DOUBT : cause_of_scope(trouble->record.scope);
    }
    diagnosis->next_at = to_wall(
        earliest_steady_at == MSEC_NEVER ? trouble->opens_steady_at : earliest_steady_at, now);
}

/* When the lane is asked again. */
static msec_t asked_at(const struct lane *lane, struct moment now)
{
    return lane->item.position == AGENDA_OUTSIDE ? 0 : to_wall(lane->item.at, now);
}

static enum cause cause_of_lane(struct dispatcher *dispatcher, struct lane *lane, struct moment now)
{
    if (lane->work)
        return lane->work->kind == WORK_LOOK ? CAUSE_DOUBT : CAUSE_UNDER_WAY;
    const struct head *head = lane_head(lane, dispatcher->outbox);
    if (!head)
        return CAUSE_NOTHING;
    if (head_needs_look(head))
        return CAUSE_DOUBT;
    bool urgent = lane_priority(lane->id) == PRIORITY_URGENT;
    if (pacer_opens_steady_at(&lane->route->place->pacer, urgent) > now.steady_at)
        return CAUSE_PACE;
    return lane->route->endpoint->crowded || dispatcher->under_way >= DISPATCHER_MOST_UNDER_WAY
               ? CAUSE_BUSY
               : CAUSE_NOTHING;
}

static void take_lane(struct dispatcher *dispatcher, struct lane *lane, struct diagnosis *diagnosis,
                      struct moment now)
{
    enum cause cause = lane ? cause_of_lane(dispatcher, lane, now) : CAUSE_NOTHING;
    if (cause >= diagnosis->cause)
        return;
    diagnosis->cause = cause;
    diagnosis->next_at = asked_at(lane, now);
}

static int64_t count_under_way(const struct route *route)
{
    int64_t count = 0;
    for (size_t i = 0; i < PRIORITIES; i++)
        count += route->lanes[i] && route->lanes[i]->work;
    return count;
}

static struct diagnosis describe(const struct route *route)
{
    if (!route)
        return (struct diagnosis){ .cause = CAUSE_NO_THREAD };
    return (struct diagnosis){ .cause = CAUSE_NOTHING,
                               .place = &route->place->scope.record,
                               .endpoint = route->place->endpoint,
                               .remote_thread = route->place->thread,
                               .limits = &route->place->pacer.limits,
                               .under_way = count_under_way(route) };
}

static struct diagnosis diagnose(struct dispatcher *dispatcher, const struct route *route,
                                 struct lane *const *lanes, size_t count, struct moment now)
{
    struct diagnosis diagnosis = describe(route);
    const struct scope_state *trouble = trouble_of(route);
    if (trouble)
        diagnosis.trouble = &trouble->record;
    if (diagnose_pause(route, &diagnosis, now))
        return diagnosis;
    if (trouble)
        diagnose_trouble(dispatcher, trouble, lanes, count, &diagnosis, now);
    else
        for (size_t i = 0; i < count; i++)
            take_lane(dispatcher, lanes[i], &diagnosis, now);
    return diagnosis;
}

struct diagnosis dispatcher_diagnose(struct dispatcher *dispatcher, int64_t thread,
                                     struct moment now)
{
    const struct route *route = routes_find(dispatcher->routes, thread);
    return route ? diagnose(dispatcher, route, route->lanes, PRIORITIES, now) : describe(NULL);
}

struct diagnosis dispatcher_diagnose_lane(struct dispatcher *dispatcher, lane_id lane,
                                          struct moment now)
{
    const struct route *route = routes_find(dispatcher->routes, lane_thread(lane));
    return route ? diagnose(dispatcher, route, &route->lanes[lane_priority(lane)], 1, now)
                 : describe(NULL);
}

bool dispatcher_is_under_way(const struct dispatcher *dispatcher, int64_t id)
{
    for (const struct work *work = dispatcher->works; work; work = work->cargo->next)
        for (size_t i = 0; i < work->cargo->count; i++)
            if (work->cargo->passengers[i].message.id == id)
                return true;
    return false;
}

/* ---- who else waits ------------------------------------------------------------------------ */

/* Its thread takes others' messages, as far as is known. */
static bool is_refused_alone(const struct route *route)
{
    const struct scope_state *member = place_member(route->place, route->sender);
    return member && member->record.failures > 0 && route->place->scope.record.failures == 0;
}

static bool shares_cause(const struct route *one, const struct route *other, enum cause cause)
{
    if (cause == CAUSE_ENDPOINT)
        return one->endpoint == other->endpoint;
    bool same_sender = one->sender == other->sender;
    if (cause == CAUSE_SENDER)
        return same_sender;
    return one->place == other->place && (same_sender || !is_refused_alone(one));
}

static int64_t pending_of(const struct dispatcher *dispatcher, int64_t thread)
{
    const struct tally *tally = outbox_tally(dispatcher->outbox);
    return tally_sum_of_thread(tally, thread, TALLY_ANY, MESSAGE_PENDING).messages;
}

int64_t dispatcher_count_behind(struct dispatcher *dispatcher, int64_t thread, enum cause cause)
{
    struct routes *routes = dispatcher->routes;
    const struct route *route = routes_find(routes, thread);
    int64_t count = 0;
    if (!route)
        return pending_of(dispatcher, thread);
    for (struct route *other = routes_next(routes, NULL); other; other = routes_next(routes, other))
        if (shares_cause(route, other, cause))
            count += pending_of(dispatcher, other->thread);
    return count;
}

/* ---- how bad it is ------------------------------------------------------------------------- */

/* So long a network may be down, or a backlog last, before it is worth a person's time. */
enum { PATIENCE_MS = 15 * 60 * 1000 };

static enum level level_of_trouble(const struct diagnosis *diagnosis, msec_t now_at)
{
    const struct scope_record *trouble = diagnosis->trouble;
    /* While a lost answer settles the trouble is no other. */
    enum cause cause =
        diagnosis->cause == CAUSE_DOUBT ? cause_of_scope(trouble->scope) : diagnosis->cause;
    bool lasts = now_at - trouble->since_at > PATIENCE_MS;
    if (trouble->http == 429)
        return LEVEL_LOOK;
    if (cause == CAUSE_ENDPOINT || (cause == CAUSE_THREAD && !scope_refuses(trouble)))
        return lasts ? LEVEL_ACT : LEVEL_LOOK;
    return trouble->failures > 1 || lasts || cause == CAUSE_THREAD ? LEVEL_ACT : LEVEL_LOOK;
}

enum level level_of(const struct diagnosis *diagnosis, int64_t pending, int64_t held,
                    msec_t oldest_at, msec_t now_at)
{
    if (diagnosis->cause == CAUSE_NO_THREAD && pending + held > 0)
        return LEVEL_ACT;
    if (diagnosis->trouble && diagnosis->cause != CAUSE_PAUSED) {
        enum level level = level_of_trouble(diagnosis, now_at);
        return pending == 0 && level == LEVEL_ACT ? LEVEL_LOOK : level; /* it may be over by now */
    }
    bool waits_long = pending > 0 && oldest_at > 0 && now_at - oldest_at > PATIENCE_MS;
    if (diagnosis->cause == CAUSE_PAUSED || held > 0 || waits_long)
        return LEVEL_LOOK;
    return LEVEL_WELL;
}

/* ---- where a message stands ---------------------------------------------------------------- */

enum { COUNTED_MOST = 10000 };

/*
 * As if all messages of the lane were spread evenly over their ranks. A lane is
 * fed at some rate while the counter runs on, so this is not far off.
 */
static int64_t estimate(struct dispatcher *dispatcher, const struct message *message)
{
    struct head first = { 0 };
    int64_t all =
        tally_sum(outbox_tally(dispatcher->outbox), message->lane, TALLY_ANY, MESSAGE_PENDING)
            .messages;
    int64_t last = outbox_last_number(dispatcher->outbox);
    if (outbox_heads(dispatcher->outbox, message->lane, 0, &first, 1) == 0 || last <= first.rank)
        return all;
    double share = (double)(message->rank - first.rank) / (double)(last - first.rank);
    int64_t ahead = (int64_t)((double)all * share);
    return 1 + (ahead > COUNTED_MOST ? ahead : COUNTED_MOST);
}

struct standing dispatcher_standing(struct dispatcher *dispatcher, const struct message *message,
                                    struct moment now)
{
    struct standing standing = { 0 };
    size_t ahead = outbox_ahead(dispatcher->outbox, message->lane, message->rank, COUNTED_MOST);
    standing.about = ahead == COUNTED_MOST;
    standing.position = standing.about ? estimate(dispatcher, message) : (int64_t)ahead + 1;
    standing.eta_ms =
        dispatcher_prospect_at(dispatcher, message->lane, standing.position, now).eta_ms;
    return standing;
}
