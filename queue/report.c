/*
 * After a storm its threads are told, once.
 *
 * A thread's storm begins when a scope on its way first fails, and is over when
 * none fails any more and a message was taken. Both are seen in the turn in which
 * it happens, so the report is committed with the end: a crash brings neither or both.
 * Since when scopes fail is stored with them; of a storm that is worth a report the
 * rest is stored as well.
 *
 * A report counts the messages of users. A storm that met nothing but reports has
 * none: that is why no report can cause another.
 */
#include "base/memory.h"
#include "queue/dispatcher_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whoever reads it then has forgotten the storm. */
static const msec_t report_ttl_ms = (msec_t)24 * 60 * 60 * 1000;

/* ---- what it did ---------------------------------------------------------------------------- */

static int64_t count_in(const struct dispatcher *dispatcher, const struct route *route,
                        enum message_state state)
{
    const struct tally *tally = outbox_tally(dispatcher->outbox);
    return tally_sum_of_thread(tally, route->thread, TALLY_ANY, state).messages -
           tally_sum_of_thread(tally, route->thread, RELAY_UID, state).messages;
}

static struct storm_count count_ended(const struct dispatcher *dispatcher,
                                      const struct route *route)
{
    struct storm_count count = { .expired = count_in(dispatcher, route, MESSAGE_EXPIRED) };
    for (enum message_state state = MESSAGE_SENT; state <= MESSAGE_DEAD; state++)
        count.ended += count_in(dispatcher, route, state);
    return count;
}

/* What waits and what has ended meanwhile: all of it waited for a time. */
static int64_t count_waited(const struct dispatcher *dispatcher, const struct route *route,
                            struct storm_count now)
{
    return count_in(dispatcher, route, MESSAGE_PENDING) + now.ended - route->storm.before.ended;
}

/* ---- its note ------------------------------------------------------------------------------- */

static void name_note(const struct route *route, char name[64])
{
    snprintf(name, 64, "storm_of_thread_%" PRId64, route->thread);
}

static void store(struct dispatcher *dispatcher, struct route *route)
{
    char name[64];
    CLEANUP(free_memory) char *text = storm_format(&route->storm);
    name_note(route, name);
    outbox_set_note(dispatcher->outbox, name, text);
    route->storm_is_stored = route->storm.since_at != 0;
}

/* What an earlier run left. */
static void remember(struct dispatcher *dispatcher, struct route *route)
{
    char name[64];
    if (route->storm_is_known)
        return;
    name_note(route, name);
    CLEANUP(free_memory) char *text = outbox_note(dispatcher->outbox, name);
    route->storm = storm_parse(text);
    route->storm_is_stored = route->storm.since_at != 0;
    route->storm_is_known = true;
}

/* ---- its life ------------------------------------------------------------------------------- */

/* Since when a scope on the thread's way has failed, MSEC_NEVER when none does. */
static msec_t cut_off_since(struct route *route)
{
    struct scope_state *scopes[ROUTE_MOST_SCOPES];
    msec_t since_at = MSEC_NEVER;
    size_t count = route_scopes(route, scopes);
    for (size_t i = 0; i < count; i++) {
        if (scopes[i]->record.failures == 0)
            continue;
        since_at = msec_min(since_at, scopes[i]->record.since_at);
        route->storm.causes |= storm_cause_of(&scopes[i]->record);
    }
    return since_at;
}

/* Take a look out of the window. */
static void watch(const struct dispatcher *dispatcher, struct route *route, struct moment now)
{
    struct storm *storm = &route->storm;
    msec_t since_at = cut_off_since(route);
    if (since_at == MSEC_NEVER) {
        if (storm->since_at && !storm->until_at)
            storm->until_at = now.at;
        return;
    }
    if (!storm->since_at) {
        storm->since_at = since_at;
        storm->before = count_ended(dispatcher, route);
    }
    storm->until_at = 0;
    route->storm_taken = route->place->taken;
}

static bool is_over(const struct dispatcher *dispatcher, const struct route *route)
{
    return route->storm.until_at && (route->place->taken != route->storm_taken ||
                                     count_in(dispatcher, route, MESSAGE_PENDING) == 0);
}

static bool is_long(const struct route *route, msec_t until_at)
{
    return route->report_after_ms != MSEC_NEVER &&
           until_at - route->storm.since_at > route->report_after_ms;
}

/* One that is to be told of outlives us. */
static void go_on(struct dispatcher *dispatcher, struct route *route, struct moment now)
{
    msec_t long_at = msec_add(route->storm.since_at, msec_add(route->report_after_ms, 1));
    dispatcher->storms++;
    if (route->storm_is_stored)
        return;
    if (!is_long(route, now.at))
        dispatcher->next_storm_at = msec_min(dispatcher->next_storm_at, long_at);
    else if (count_waited(dispatcher, route, count_ended(dispatcher, route)) > 0)
        store(dispatcher, route);
}

static void make(struct dispatcher *dispatcher, const struct route *route, int64_t waited,
                 int64_t expired, const char *stamp, struct moment now, struct message *report)
{
    char *content = storm_say(&route->storm, waited, expired);
    *report = (struct message){ .lane = lane_of(route->thread, PRIORITY_NORMAL),
                                .state = MESSAGE_PENDING,
                                .kind = MESSAGE_REPORT,
                                .accepted_at = now.at,
                                .expires_at = now.at + report_ttl_ms,
                                .uid = RELAY_UID,
                                .user = xstrdup("relay"),
                                .content = content,
                                .content_bytes = strlen(content) };
    snprintf(report->stamp, sizeof report->stamp, "%s", stamp);
    outbox_add(dispatcher->outbox, report);
    dispatcher_added(dispatcher, report, now);
}

/* It is over. True if it was worth a report. */
static bool end(struct dispatcher *dispatcher, struct route *route, const char *stamp,
                struct moment now, struct message *report)
{
    struct storm_count count = count_ended(dispatcher, route);
    int64_t waited = count_waited(dispatcher, route, count);
    bool worth_it = is_long(route, route->storm.until_at) && waited > 0;
    if (worth_it)
        make(dispatcher, route, waited, count.expired - route->storm.before.expired, stamp, now,
             report);
    route->storm = (struct storm){ 0 };
    if (route->storm_is_stored)
        store(dispatcher, route);
    return worth_it;
}

static bool is_due(const struct dispatcher *dispatcher, struct moment now)
{
    return dispatcher->weather_changed || dispatcher->next_storm_at <= now.at;
}

bool dispatcher_report(struct dispatcher *dispatcher, struct moment now, const char *stamp,
                       struct message *report)
{
    struct routes *routes = dispatcher->routes;
    if (!is_due(dispatcher, now))
        return false;
    dispatcher->next_storm_at = MSEC_NEVER;
    dispatcher->storms = 0;
    for (struct route *route = routes_next(routes, NULL); route;
         route = routes_next(routes, route)) {
        remember(dispatcher, route);
        watch(dispatcher, route, now);
        if (route->storm.since_at && !is_over(dispatcher, route))
            go_on(dispatcher, route, now);
        else if (route->storm.since_at && end(dispatcher, route, stamp, now, report))
            return true; /* asked again, it goes on with the others */
    }
    dispatcher->weather_changed = false;
    return false;
}
