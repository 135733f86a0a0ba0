/*
 * Pieces of work: what they hold while they are under way, and who is charged
 * for how they ended.
 */
#include "base/memory.h"
#include "queue/dispatcher_state.h"

#include <stdlib.h>

static void count_in_scopes(struct cargo *cargo, int64_t count)
{
    cargo->endpoint->under_way += count;
    cargo->sender->under_way += count;
    cargo->place->scope.under_way += count;
    if (cargo->member)
        cargo->member->under_way += count;
}

struct work *dispatcher_begin_work(struct dispatcher *dispatcher, enum work_kind kind,
                                   struct route *route, struct place *place, size_t most,
                                   struct moment now)
{
    struct work *work = xcalloc(1, sizeof *work);
    struct cargo *cargo = xcalloc(1, sizeof *cargo + most * sizeof cargo->passengers[0]);
    work->kind = kind;
    work->cargo = cargo;
    cargo->route = route;
    cargo->place = place;
    cargo->sender = route->sender;
    cargo->endpoint = route->endpoint;
    cargo->member = place_member(place, route->sender);
    cargo->began = now;
    count_in_scopes(cargo, 1);
    if (cargo->endpoint->under_way >= DISPATCHER_MOST_PER_ENDPOINT)
        cargo->endpoint->crowded = true;

    cargo->next = dispatcher->works;
    if (cargo->next)
        cargo->next->cargo->previous = work;
    dispatcher->works = work;
    dispatcher->under_way++;
    return work;
}

const char *work_thread(const struct work *work)
{
    return work->cargo->route->name;
}

void dispatcher_board(struct work *work, struct lane *lane, struct message *message)
{
    struct cargo *cargo = work->cargo;
    lane->work = work;
    lane->served_steady_at = cargo->began.steady_at;
    cargo->passengers[cargo->count++] = (struct passenger){ lane, *message };
    *message = (struct message){ 0 };
}

/* A full endpoint takes the next ones in a batch: asking every lane for each would cost. */
static bool has_room_again(struct scope_state *endpoint)
{
    if (!endpoint->crowded || endpoint->under_way > DISPATCHER_MOST_PER_ENDPOINT * 3 / 4)
        return false;
    endpoint->crowded = false;
    return true;
}

bool dispatcher_end_work(struct dispatcher *dispatcher, struct work *work)
{
    struct cargo *cargo = work->cargo;
    count_in_scopes(cargo, -1);
    bool has_room = has_room_again(cargo->endpoint);
    for (size_t i = 0; i < cargo->count; i++) {
        cargo->passengers[i].lane->work = NULL;
        message_clear(&cargo->passengers[i].message);
    }
    if (cargo->next)
        cargo->next->cargo->previous = cargo->previous;
    if (cargo->previous)
        cargo->previous->cargo->next = cargo->next;
    else
        dispatcher->works = cargo->next;
    dispatcher->under_way--;
    dispatcher->stamps_out -= work->look.count;
    free(cargo->sought);
    free((void *)cargo->stamps);
    free(cargo->marked_content);
    free(cargo);
    free(work);
    return has_room;
}

/* ---- who is charged ------------------------------------------------------------------------- */

static void store(struct dispatcher *dispatcher, const struct scope_state *state)
{
    outbox_set_scope(dispatcher->outbox, &state->record);
}

static bool succeed(struct dispatcher *dispatcher, struct scope_state *state)
{
    if (!scope_succeed(state))
        return false;
    store(dispatcher, state);
    dispatcher->weather_changed = true;
    return true;
}

/* True when the failure counted. */
static bool fail(struct dispatcher *dispatcher, struct scope_state *state,
                 const struct cargo *cargo, const struct delivery *delivery, struct moment now,
                 uint32_t dice)
{
    const struct route *route = cargo->route;
    /* A sender waits like its endpoint: for a token service that comes back any minute. So does a
     * thread that fails in an endpoint's way. */
    bool is_of_thread = state == &cargo->place->scope || state == cargo->member;
    bool is_no_of_thread = is_of_thread && delivery->scope != SCOPE_ENDPOINT;
    const struct retry_policy *policy =
        is_no_of_thread ? &route->thread_retry : &route->endpoint_retry;
    bool counted = scope_fail(state, delivery, policy, cargo->began.steady_at, now, dice);
    store(dispatcher, state);
    dispatcher->weather_changed = true;
    return counted;
}

/* Somebody else spends the thread's budget: leave them half of what we took. */
enum { LEAST_PACE_PERCENT = 10 };

static void slow_down(struct dispatcher *dispatcher, struct place *place)
{
    place_set_pace(place, msec_max(place->scope.record.pace_percent / 2, LEAST_PACE_PERCENT));
    store(dispatcher, &place->scope);
}

/*
 * The thread has taken a message: no reason to wait any more, and the pace
 * creeps back. True when it had been waiting.
 */
static bool accept(struct dispatcher *dispatcher, const struct cargo *cargo)
{
    struct scope_state *scope = &cargo->place->scope;
    bool slowed = scope->record.pace_percent < 100;
    cargo->endpoint->throttled_count = 0;
    if (slowed)
        place_set_pace(cargo->place, scope->record.pace_percent + 1);
    bool news = scope_succeed(scope);
    bool is_member_again = cargo->member && succeed(dispatcher, cargo->member);
    cargo->place->taken++;
    if (news || dispatcher->storms > 0)
        dispatcher->weather_changed = true;
    if (news || slowed)
        store(dispatcher, scope);
    return news || is_member_again;
}

/* True when the endpoint is to be charged as well. */
static bool charge_thread(struct dispatcher *dispatcher, const struct work *work,
                          const struct delivery *delivery, struct moment now, uint32_t dice)
{
    struct cargo *cargo = work->cargo;
    bool counted = fail(dispatcher, &cargo->place->scope, cargo, delivery, now, dice);
    if (work->kind != WORK_SEND || !delivery->throttled)
        return false;
    if (counted)
        slow_down(dispatcher, cargo->place);
    return scope_throttle(cargo->endpoint, cargo->place->id);
}

/* Its first refusal there makes it known there, and dispatcher_end_work() will leave it. */
static void charge_member(struct dispatcher *dispatcher, struct cargo *cargo,
                          const struct delivery *delivery, struct moment now, uint32_t dice)
{
    if (!cargo->member) {
        cargo->member = routes_member(dispatcher->routes, cargo->place, cargo->sender);
        cargo->member->under_way++;
    }
    fail(dispatcher, cargo->member, cargo, delivery, now, dice);
}

/* What is charged to the endpoint may be a gateway's answer, with a clock of its own. */
static void learn_clock(struct scope_state *endpoint, const struct delivery *delivery,
                        struct moment now)
{
    if (!delivery->dated || delivery->scope == SCOPE_ENDPOINT)
        return;
    endpoint->dated = true;
    endpoint->clock_ahead_ms = now.at + delivery->clock_ahead_ms - now.steady_at;
}

/*
 * What got no good answer while the endpoint answered others, or had done so just
 * before, proves its thread alone broken: one that is slow delays no other.
 */
static enum scope smallest_scope(const struct cargo *cargo, const struct delivery *delivery)
{
    enum { JUST_BEFORE_MS = 10000 };
    msec_t answered_at = cargo->endpoint->answered_steady_at;
    bool reached = delivery->outcome == OUTCOME_DOUBT;
    bool answered = answered_at && answered_at > cargo->began.steady_at - JUST_BEFORE_MS;
    return delivery->scope == SCOPE_ENDPOINT && reached && answered ? SCOPE_THREAD
                                                                    : delivery->scope;
}

/* It works, though perhaps it said no. True when that is news. */
static bool endpoint_answered(struct dispatcher *dispatcher, struct scope_state *endpoint,
                              struct moment now)
{
    endpoint->answered_steady_at = now.steady_at;
    return succeed(dispatcher, endpoint);
}

struct delivery dispatcher_fault_of(const struct delivery *answer)
{
    struct delivery fault = *answer;
    if (fault.scope == SCOPE_NONE || fault.scope == SCOPE_MESSAGE || fault.scope == SCOPE_UNCLEAR)
        fault.scope = SCOPE_THREAD;
    return fault;
}

bool dispatcher_charge(struct dispatcher *dispatcher, struct work *work,
                       const struct delivery *delivery, struct moment now, uint32_t dice)
{
    struct cargo *cargo = work->cargo;
    enum scope scope = smallest_scope(cargo, delivery);

    learn_clock(cargo->endpoint, delivery, now);
    if (scope == SCOPE_SENDER) {
        fail(dispatcher, cargo->sender, cargo, delivery, now, dice);
        if (delivery->http)
            endpoint_answered(dispatcher, cargo->endpoint, now);
        return true;
    }
    if (scope == SCOPE_MEMBER)
        charge_member(dispatcher, cargo, delivery, now, dice);
    if (scope == SCOPE_THREAD && charge_thread(dispatcher, work, delivery, now, dice))
        scope = SCOPE_ENDPOINT;
    if (scope == SCOPE_ENDPOINT) {
        cargo->endpoint->failed_look = work->kind == WORK_LOOK;
        fail(dispatcher, cargo->endpoint, cargo, delivery, now, dice);
        return true;
    }
    /* A removed participant may still read: only a send proves that the thread takes us. */
    bool took = work->kind == WORK_SEND && delivery->outcome == OUTCOME_SENT;
    bool news = took && accept(dispatcher, cargo);
    if (delivery->scope != SCOPE_ENDPOINT) {
        news = succeed(dispatcher, cargo->sender) || news;
        news = endpoint_answered(dispatcher, cargo->endpoint, now) || news;
    }
    return news || scope == SCOPE_MEMBER || cargo->place->scope.record.failures > 0;
}

/*
 * What was taken before the thread last said no does not take that back; only for
 * want of an answer it is enough that the message is there. One that is in doubt
 * for another reason than an attempt of ours may be old.
 */
static bool credit(struct dispatcher *dispatcher, struct scope_state *state,
                   const struct message *message)
{
    bool is_later = message->doubted_at >= state->record.until_at;
    return (is_later || !scope_refuses(&state->record)) && succeed(dispatcher, state);
}

void dispatcher_credit(struct dispatcher *dispatcher, struct place *place,
                       const struct passenger *passenger)
{
    const struct message *message = &passenger->message;
    struct scope_state *member = place_member(place, passenger->lane->route->sender);
    if (!message->doubted_place)
        return;
    bool news = credit(dispatcher, &place->scope, message);
    if (member)
        news = credit(dispatcher, member, message) || news;
    place->taken += news;
}
