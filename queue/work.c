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

void dispatcher_board(struct work *work, struct lane *lane, struct message *message)
{
    struct cargo *cargo = work->cargo;
    lane->work = work;
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
    return true;
}

static void fail(struct dispatcher *dispatcher, struct scope_state *state,
                 const struct cargo *cargo, const struct delivery *delivery, struct moment now,
                 uint32_t dice)
{
    const struct route *route = cargo->route;
    const struct retry_policy *policy =
        state == cargo->endpoint ? &route->endpoint_retry : &route->thread_retry;
    scope_fail(state, delivery, policy, cargo->began.steady_at, now, dice);
    store(dispatcher, state);
}

/* A token that was refused may just be old: the first time, a new one is tried at once. */
static struct delivery retried_once(const struct delivery *delivery,
                                    const struct scope_state *sender)
{
    struct delivery retried = *delivery;
    if (sender->record.failures == 0 && delivery->http == 401)
        retried.wait_ms = 0;
    return retried;
}

bool dispatcher_charge(struct dispatcher *dispatcher, struct work *work,
                       const struct delivery *delivery, struct moment now, uint32_t dice)
{
    struct cargo *cargo = work->cargo;
    struct scope_state *endpoint = cargo->endpoint, *sender = cargo->sender;
    struct delivery retried = retried_once(delivery, sender);

    if (delivery->dated) {
        endpoint->dated = true;
        endpoint->clock_ahead_ms = delivery->clock_ahead_ms;
    }
    switch (delivery->scope) {
    case SCOPE_ENDPOINT:
        fail(dispatcher, endpoint, cargo, delivery, now, dice);
        return true;
    case SCOPE_SENDER:
        fail(dispatcher, sender, cargo, &retried, now, dice);
        if (delivery->http)
            succeed(dispatcher, endpoint);
        return true;
    case SCOPE_THREAD:
    case SCOPE_UNCLEAR:
        fail(dispatcher, &cargo->place->scope, cargo, delivery, now, dice);
        break;
    case SCOPE_NONE:
        /* A removed participant may still read: only a send proves that the thread takes us. */
        if (work->kind == WORK_SEND)
            succeed(dispatcher, &cargo->place->scope);
        break;
    case SCOPE_MESSAGE:
        break;
    }
    bool news = succeed(dispatcher, sender);
    return succeed(dispatcher, endpoint) || news;
}
