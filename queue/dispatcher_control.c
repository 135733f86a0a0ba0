#include "queue/dispatcher_control.h"

#include "base/memory.h"
#include "queue/change.h"
#include "queue/dispatcher_state.h"

#include <stdlib.h>

/* ---- messages -------------------------------------------------------------------------------- */

/* The copy of a message that is under way, which decides what becomes of it at its end. */
static struct message *under_way(struct dispatcher *dispatcher, int64_t id)
{
    for (struct work *work = dispatcher->works; work; work = work->cargo->next)
        for (size_t i = 0; i < work->cargo->count; i++)
            if (work->cargo->passengers[i].message.id == id)
                return &work->cargo->passengers[i].message;
    return NULL;
}

static void tell_under_way(struct dispatcher *dispatcher, const struct message *message)
{
    struct message *copy = under_way(dispatcher, message->id);
    if (copy)
        replace_text(&copy->wish, xstrdup_or_null(message->wish));
}

/* It has left its lane or come into it, and may have a time to watch for. */
static void follow(struct dispatcher *dispatcher, const struct message *message,
                   enum message_state before, struct moment now)
{
    dispatcher_watch_expiry(dispatcher, message);
    if (message->state == MESSAGE_SCHEDULED)
        dispatcher->next_due_at = msec_min(dispatcher->next_due_at, message->due_at);
    if (before == MESSAGE_PENDING || message->state == MESSAGE_PENDING)
        dispatcher_changed(dispatcher, message->lane, now);
}

enum control_verdict dispatcher_control(struct dispatcher *dispatcher, enum control control,
                                        struct message *message, const char *by, struct moment now)
{
    enum message_state before = message->state, state = before;
    if (control == CONTROL_RETRY && message_state_is_final(before) &&
        change_is_replaced(dispatcher, message))
        return CONTROL_ALREADY;
    enum control_verdict verdict = control_apply(control, message, by, now.at, &state);
    if (verdict != CONTROL_DONE && verdict != CONTROL_WISHED)
        return verdict;
    if (state == MESSAGE_PENDING && message->rank == 0)
        message->rank = outbox_next_number(dispatcher->outbox);
    if (message_state_is_final(state))
        dispatcher_recall_doubt(dispatcher, message);
    outbox_move(dispatcher->outbox, message, state);
    if (state == MESSAGE_CANCELLED)
        change_given_up(dispatcher, message);
    else if (message_state_is_final(before))
        change_brought_back(dispatcher, message);
    if (state == before)
        tell_under_way(dispatcher, message);
    else
        follow(dispatcher, message, before, now);
    return verdict;
}

/* Its wish is another: wherever it is, it stays there. */
static void store_wish(struct dispatcher *dispatcher, struct message *message)
{
    outbox_move(dispatcher->outbox, message, message->state);
    tell_under_way(dispatcher, message);
}

void dispatcher_unsend(struct dispatcher *dispatcher, struct message *message, const char *by)
{
    control_unsend(message, by);
    store_wish(dispatcher, message);
}

void dispatcher_forget_unsend(struct dispatcher *dispatcher, struct message *message)
{
    if (control_forget_unsend(message))
        store_wish(dispatcher, message);
}

/* ---- threads --------------------------------------------------------------------------------- */

bool dispatcher_pause(struct dispatcher *dispatcher, int64_t thread, msec_t until_at,
                      struct moment now)
{
    struct route *route = routes_find(dispatcher->routes, thread);
    if (!route)
        return false;
    struct scope_state *scope = &route->place->scope;
    scope->record.paused_until = until_at;
    outbox_set_scope(dispatcher->outbox, &scope->record);
    dispatcher_requeue_place(dispatcher, route->place, now);
    return true;
}

/* ---- waits ----------------------------------------------------------------------------------- */

/* False when it has to wait all the same. */
static bool flush_scope(struct dispatcher *dispatcher, struct scope_state *scope,
                        struct flushed *flushed, struct moment now)
{
    if (scope->opens_steady_at <= now.steady_at)
        return true;
    if (!scope_flush(scope))
        return false;
    flushed->forgotten++;
    outbox_set_scope(dispatcher->outbox, &scope->record);
    return true;
}

static void flush_route(struct dispatcher *dispatcher, struct route *route, struct flushed *flushed,
                        struct moment now)
{
    struct scope_state *scopes[ROUTE_MOST_SCOPES];
    bool is_open = true;
    size_t count = route_scopes(route, scopes);
    for (size_t i = 0; i < count; i++)
        is_open = flush_scope(dispatcher, scopes[i], flushed, now) && is_open;
    flushed->kept += !is_open;
}

struct flushed dispatcher_flush(struct dispatcher *dispatcher, int64_t thread, struct moment now)
{
    struct flushed flushed = { 0 };
    struct routes *routes = dispatcher->routes;
    for (struct route *route = routes_next(routes, NULL); route; route = routes_next(routes, route))
        if (thread < 0 || route->thread == thread)
            flush_route(dispatcher, route, &flushed, now);
    dispatcher_requeue_all(dispatcher, now);
    return flushed;
}
