/*
 * A message whose answer was lost may have appeared. What then, the settings of
 * its thread say, once, when the doubt arises:
 *
 *     look        it stays where it is, and a look comes before the next attempt; see look.c
 *     hold        it is set aside, in doubt, and its lane goes on; released, it is looked for
 *     risk_twice  the doubt is dropped, and it goes again at once
 *
 * Where it may have appeared may be out of reach when it is to be looked for: its
 * thread leads elsewhere by now, and the old place is gone, does not let us read, or
 * is at an endpoint of no thread. Then it is set aside as well, or risked.
 *
 * A doubt arises at the end of an attempt, or when a run begins and finds an
 * attempt that has none. What waits in a restored outbox is in doubt for another
 * reason, and looked for in any case. An update or a delete is never looked for:
 * it is repeated as soon as what was lost cannot arrive any more; see change.h.
 */
#include "base/memory.h"
#include "queue/control.h"
#include "queue/dispatcher_state.h"

#include <stdlib.h>

void dispatcher_clear_doubt(struct message *message)
{
    message->doubted_at = 0;
    message->doubted_place = 0;
}

/* Somebody else must decide: what they wished for is not done before they have. */
static enum message_state set_aside(struct message *message, const char *why)
{
    replace_text(
        &message->reason,
        xasprintf("%s (%s)", message->reason ? message->reason : "its answer was lost", why));
    return MESSAGE_HELD;
}

/* One that is not wanted any more keeps the doubt: it may have appeared nevertheless. */
static enum message_state risk(struct message *message, struct moment now)
{
    enum message_state state = control_fulfil(message, now.at);
    if (state == MESSAGE_PENDING)
        dispatcher_clear_doubt(message);
    return state;
}

enum message_state dispatcher_meet_doubt(const struct route *route, struct message *message,
                                         struct moment now)
{
    if (message_kind_repeats(message->kind))
        return MESSAGE_PENDING;
    switch (route->on_doubt) {
    case ON_DOUBT_HOLD:
        return set_aside(message, "on_doubt = hold");
    case ON_DOUBT_RISK_TWICE:
        return risk(message, now);
    case ON_DOUBT_LOOK:
        break;
    }
    return MESSAGE_PENDING;
}

/* ---- what nobody can look for ---------------------------------------------------------------- */

bool dispatcher_is_stranded(struct dispatcher *dispatcher, struct lane *lane)
{
    const struct head *head = lane->work ? NULL : lane_head(lane, dispatcher->outbox);
    if (!head || !head_needs_look(head) || lane->route->gone)
        return false;
    const struct place *place = dispatcher_doubted_place(dispatcher, lane, head);
    return !place || !dispatcher_looker(dispatcher, lane->route, place);
}

enum message_state dispatcher_strand(const struct route *route, struct message *message,
                                     struct moment now)
{
    if (route->on_doubt == ON_DOUBT_RISK_TWICE)
        return risk(message, now);
    return set_aside(message, "where it may have appeared cannot be searched any more");
}

static void strand_head(struct dispatcher *dispatcher, struct lane *lane, struct moment now,
                        void (*moved)(void *context, const struct message *message), void *context)
{
    CLEANUP(message_clear) struct message message = { 0 };
    const struct head *head = lane_head(lane, dispatcher->outbox);
    if (!dispatcher_load_head(dispatcher, lane, head, &message, now))
        return;
    dispatcher_resolve(dispatcher, &message, dispatcher_strand(lane->route, &message, now), now);
    dispatcher_changed(dispatcher, message.lane, now);
    if (message.state != MESSAGE_PENDING)
        moved(context, &message);
}

void dispatcher_strand_all(struct dispatcher *dispatcher, struct moment now,
                           void (*moved)(void *context, const struct message *message),
                           void *context)
{
    struct routes *routes = dispatcher->routes;
    if (!dispatcher->has_stranded)
        return;
    dispatcher->has_stranded = false;
    for (struct route *route = routes_next(routes, NULL); route; route = routes_next(routes, route))
        for (size_t i = 0; i < PRIORITIES; i++)
            if (route->lanes[i] && dispatcher_is_stranded(dispatcher, route->lanes[i]))
                strand_head(dispatcher, route->lanes[i], now, moved, context);
}

/* ---- what was risked ------------------------------------------------------------------------ */

static void keep_doubted(void *context, const struct attempt *attempt)
{
    if (attempt->outcome == OUTCOME_DOUBT)
        *(struct attempt *)context = *attempt;
}

/* Of a thread that is not in the settings any more nobody knows: then it may have been risked. */
static bool find_risked(struct dispatcher *dispatcher, const struct message *message,
                        struct attempt *risked)
{
    const struct route *route = routes_find(dispatcher->routes, lane_thread(message->lane));
    bool is_looked_for =
        route && route->on_doubt != ON_DOUBT_RISK_TWICE && !message_kind_repeats(message->kind);
    *risked = (struct attempt){ 0 };
    if (!is_looked_for && message->attempts > 0)
        outbox_attempts(dispatcher->outbox, message->id, keep_doubted, risked);
    return risked->number > 0;
}

void dispatcher_recall_doubt(struct dispatcher *dispatcher, struct message *message)
{
    struct attempt risked;
    if (message->doubted_at || !find_risked(dispatcher, message, &risked))
        return;
    message->doubted_at = risked.began_at;
    message->doubted_place = risked.place;
}

/* The attempt was this message's, too. */
static void write_down_risk(struct dispatcher *dispatcher, int64_t id, const struct attempt *risked)
{
    CLEANUP(message_clear) struct message message = { 0 };
    struct attempt attempt = *risked;
    if (!outbox_load(dispatcher->outbox, id, &message))
        return;
    attempt.message = id;
    attempt.number = ++message.attempts;
    message.doubted_at = attempt.began_at;
    message.doubted_place = attempt.place;
    outbox_begin(dispatcher->outbox, &message, &attempt);
    dispatcher_clear_doubt(&message);
    outbox_end(dispatcher->outbox, &message, message.state, &attempt);
}

void dispatcher_share_risk(struct dispatcher *dispatcher, const struct message *digest)
{
    struct attempt risked;
    int64_t originals[OUTBOX_MOST_ORIGINALS];
    if (!find_risked(dispatcher, digest, &risked))
        return;
    size_t count =
        outbox_originals(dispatcher->outbox, digest->id, 0, originals, OUTBOX_MOST_ORIGINALS);
    for (size_t i = 0; i < count; i++)
        write_down_risk(dispatcher, originals[i], &risked);
}

/* ---- what the last run left ----------------------------------------------------------------- */

void dispatcher_inherit(struct dispatcher *dispatcher, int64_t id)
{
    struct inheritance *inherited = &dispatcher->inherited;
    inherited->ids = xreallocarray(inherited->ids, inherited->count + 1, sizeof *inherited->ids);
    inherited->ids[inherited->count++] = id;
}

/* False while nobody can say what is to become of it: its thread is not in the settings. */
static bool take_over(struct dispatcher *dispatcher, int64_t id, struct moment now,
                      void (*moved)(void *context, const struct message *message), void *context)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (!outbox_load(dispatcher->outbox, id, &message) || message.state != MESSAGE_PENDING ||
        !message.doubted_at)
        return true;
    const struct route *route = routes_find(dispatcher->routes, lane_thread(message.lane));
    if (!route || route->on_doubt == ON_DOUBT_LOOK || message_kind_repeats(message.kind))
        return route != NULL;
    replace_text(&message.reason, xstrdup("we stopped before its answer came"));
    dispatcher_resolve(dispatcher, &message, dispatcher_meet_doubt(route, &message, now), now);
    dispatcher_changed(dispatcher, message.lane, now);
    if (message.state != MESSAGE_PENDING)
        moved(context, &message);
    return true;
}

void dispatcher_take_over(struct dispatcher *dispatcher, struct moment now,
                          void (*moved)(void *context, const struct message *message),
                          void *context)
{
    struct inheritance *inherited = &dispatcher->inherited;
    size_t kept = 0;
    if (!inherited->is_due)
        return;
    for (size_t i = 0; i < inherited->count; i++)
        if (!take_over(dispatcher, inherited->ids[i], now, moved, context))
            inherited->ids[kept++] = inherited->ids[i];
    inherited->count = kept;
    inherited->is_due = false;
}
