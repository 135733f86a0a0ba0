#include "queue/route.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A list of pointers that only grows: what is in it stays where it is. */
struct list {
    void **items;
    size_t count;
};

struct routes {
    struct outbox *outbox;
    struct list routes, places, scopes; /* scopes: of senders and endpoints */
    struct scope_record *stored;        /* as they were at the start */
    size_t stored_count;
    struct moment started;
};

static void *list_add(struct list *list, void *item)
{
    list->items = (void **)xreallocarray(list->items, list->count + 1, sizeof item);
    list->items[list->count++] = item;
    return item;
}

/* Called with each record that is stored. */
static void remember_record(void *context, const struct scope_record *record)
{
    struct routes *routes = context;
    routes->stored =
        xreallocarray(routes->stored, routes->stored_count + 1, sizeof *routes->stored);
    routes->stored[routes->stored_count++] = *record;
}

struct routes *routes_new(struct outbox *outbox, struct moment now)
{
    struct routes *routes = xcalloc(1, sizeof *routes);
    routes->outbox = outbox;
    routes->started = now;
    outbox_scopes(outbox, remember_record, routes);
    return routes;
}

static void free_route(struct route *route)
{
    for (size_t i = 0; i < PRIORITIES; i++)
        lane_free(route->lanes[i]);
    free(route->name);
    free(route);
}

static void free_place(struct place *place)
{
    while (place->members) {
        struct member *member = place->members;
        place->members = member->next;
        free(member);
    }
    pacer_clear(&place->pacer);
    pacer_clear(&place->looks);
    free(place->endpoint);
    free(place->thread);
    free(place);
}

void routes_free(struct routes *routes)
{
    if (!routes)
        return;
    for (size_t i = 0; i < routes->routes.count; i++)
        free_route(routes->routes.items[i]);
    for (size_t i = 0; i < routes->places.count; i++)
        free_place(routes->places.items[i]);
    for (size_t i = 0; i < routes->scopes.count; i++)
        free(routes->scopes.items[i]);
    free(routes->routes.items);
    free(routes->places.items);
    free(routes->scopes.items);
    free(routes->stored);
    free(routes);
}

/* NULL: it never failed. */
static const struct scope_record *find_stored(const struct routes *routes, enum scope scope,
                                              const char *name)
{
    for (size_t i = 0; i < routes->stored_count; i++)
        if (routes->stored[i].scope == scope && strcmp(routes->stored[i].name, name) == 0)
            return &routes->stored[i];
    return NULL;
}

/* A scope that is new to this run: as it was stored, or else as one that works. */
static void start_scope(const struct routes *routes, struct scope_state *state, enum scope scope,
                        const char *name)
{
    const struct scope_record *record = find_stored(routes, scope, name);
    scope_init(state, scope, name);
    if (record)
        scope_restore(state, record, routes->started);
}

/* The scope of a sender or an endpoint, made when it is asked for first. */
static struct scope_state *get_scope(struct routes *routes, enum scope scope, const char *name)
{
    for (size_t i = 0; i < routes->scopes.count; i++) {
        struct scope_state *state = routes->scopes.items[i];
        if (state->record.scope == scope && strcmp(state->record.name, name) == 0)
            return state;
    }
    struct scope_state *state = xcalloc(1, sizeof *state);
    start_scope(routes, state, scope, name);
    return list_add(&routes->scopes, state);
}

/* ---- senders in places ---------------------------------------------------------------------- */

struct scope_state *place_member(const struct place *place, const struct scope_state *sender)
{
    for (struct member *member = place->members; member; member = member->next)
        if (member->sender == sender)
            return &member->scope;
    return NULL;
}

static char *name_of_member(const struct place *place, const struct scope_state *sender)
{
    return xasprintf("%" PRId64 " %s", place->id, sender->record.name);
}

struct scope_state *routes_member(struct routes *routes, struct place *place,
                                  const struct scope_state *sender)
{
    struct scope_state *known = place_member(place, sender);
    if (known)
        return known;
    CLEANUP(free_memory) char *name = name_of_member(place, sender);
    struct member *member = xcalloc(1, sizeof *member);
    member->sender = sender;
    start_scope(routes, &member->scope, SCOPE_MEMBER, name);
    member->next = place->members;
    place->members = member;
    return &member->scope;
}

/* A refusal that an earlier run met is waited out. */
static void restore_member(struct routes *routes, struct place *place,
                           const struct scope_state *sender)
{
    CLEANUP(free_memory) char *name = name_of_member(place, sender);
    if (find_stored(routes, SCOPE_MEMBER, name))
        routes_member(routes, place, sender);
}

/* ---- places and routes ---------------------------------------------------------------------- */

/* ACS: lists are limited to 50 in 10 s and 200 in 60 s per user and thread. */
static const struct pacer_limits look_limits = {
    .paces = { { 50, 10000 }, { 200, 60000 } },
    .pace_count = 2,
    .pace_percent = 100,
};

/* ACS: sends recorded in 2021 took 116 to 273 ms; users report medians of 350 to 600 ms. */
enum { TYPICAL_ROUND_TRIP_MS = 300 };

static struct place *new_place(struct routes *routes, int64_t id, const char *endpoint,
                               const char *thread)
{
    static const struct pacer_limits no_limits = { .pace_percent = 100 };
    struct place *place = xcalloc(1, sizeof *place);
    char name[32];
    place->id = id;
    place->endpoint = xstrdup(endpoint);
    place->thread = xstrdup(thread);
    pacer_limit(&place->pacer, &no_limits);
    pacer_limit(&place->looks, &look_limits);
    place->round_trip_ms = TYPICAL_ROUND_TRIP_MS;
    snprintf(name, sizeof name, "%" PRId64, id);
    start_scope(routes, &place->scope, SCOPE_THREAD, name);
    place->stored_newest_id = place->scope.record.newest_id;
    return list_add(&routes->places, place);
}

static struct place *known_place(struct routes *routes, int64_t id)
{
    for (size_t i = 0; i < routes->places.count; i++) {
        struct place *place = routes->places.items[i];
        if (place->id == id)
            return place;
    }
    return NULL;
}

struct place *routes_place(struct routes *routes, int64_t id)
{
    struct place *place = known_place(routes, id);
    char *endpoint = NULL, *thread = NULL;
    if (place || !outbox_place_name(routes->outbox, id, &endpoint, &thread))
        return place;
    place = new_place(routes, id, endpoint, thread);
    free(endpoint);
    free(thread);
    return place;
}

/* Where in the sorted list a thread's route is, or would be. */
static size_t index_of(const struct routes *routes, int64_t thread)
{
    size_t low = 0, high = routes->routes.count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (((const struct route *)routes->routes.items[middle])->thread < thread)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct route *known_route(const struct routes *routes, int64_t thread)
{
    size_t index = index_of(routes, thread);
    struct route *route = index < routes->routes.count ? routes->routes.items[index] : NULL;
    return route && route->thread == thread ? route : NULL;
}

static int compare_routes(const void *one, const void *other)
{
    const struct route *a = *(struct route *const *)one, *b = *(struct route *const *)other;
    return (a->thread > b->thread) - (a->thread < b->thread);
}

static struct route *get_route(struct routes *routes, const char *name)
{
    int64_t thread = outbox_thread(routes->outbox, name);
    struct route *route = known_route(routes, thread);
    if (route && strcmp(route->name, name) == 0)
        return route;
    if (route) { /* it was renamed: see succession.h */
        free(route->name);
        route->name = xstrdup(name);
        return route;
    }
    route = xcalloc(1, sizeof *route);
    route->thread = thread;
    route->name = xstrdup(name);
    list_add(&routes->routes, route);
    qsort(routes->routes.items, routes->routes.count, sizeof *routes->routes.items, compare_routes);
    return route;
}

/* Of several names of one remote thread the strictest pace holds. */
static void limit_place(struct place *place, const struct route_setup *setup, bool is_first)
{
    struct pacer_limits limits = setup->limits;
    if (!is_first)
        pacer_limits_unite(&limits, &place->pacer.limits);
    limits.pace_percent = place->scope.record.pace_percent;
    pacer_limit(&place->pacer, &limits);
}

static void configure_route(struct routes *routes, const struct route_setup *setup)
{
    struct route *route = get_route(routes, setup->name);
    int64_t place = outbox_place(routes->outbox, setup->endpoint, setup->thread);

    route->gone = false;
    route->place = known_place(routes, place);
    if (!route->place)
        route->place = new_place(routes, place, setup->endpoint, setup->thread);
    limit_place(route->place, setup, route->place->routes == NULL);
    route->next_here = route->place->routes;
    route->place->routes = route;
    route->sender = get_scope(routes, SCOPE_SENDER, setup->sender);
    restore_member(routes, route->place, route->sender);
    route->endpoint = get_scope(routes, SCOPE_ENDPOINT, setup->endpoint);
    route->thread_retry = setup->thread_retry;
    route->endpoint_retry = setup->endpoint_retry;
    route->late_mark = setup->late_mark;
    route->report_after_ms = setup->report_after_ms;
    route->digest = setup->digest;
    route->settle_ms = setup->settle_ms;
    route->on_doubt = setup->on_doubt;
}

static void retire(struct route *route)
{
    route->gone = true;
    for (size_t i = 0; i < PRIORITIES; i++)
        if (route->lanes[i]) {
            lane_forget(route->lanes[i]);
            route->lanes[i]->suspicion =
                (struct suspicion){ 0 }; /* another thread may answer now */
        }
}

void routes_configure(struct routes *routes, const struct route_setup *setups, size_t count,
                      struct moment now)
{
    routes->started = now;
    for (size_t i = 0; i < routes->routes.count; i++)
        retire(routes->routes.items[i]);
    for (size_t i = 0; i < routes->places.count; i++)
        ((struct place *)routes->places.items[i])->routes = NULL;
    for (size_t i = 0; i < count; i++)
        configure_route(routes, &setups[i]);
}

void place_set_pace(struct place *place, int64_t percent)
{
    place->scope.record.pace_percent = percent;
    place->pacer.limits.pace_percent = percent;
}

struct route *routes_find(struct routes *routes, int64_t thread)
{
    struct route *route = known_route(routes, thread);
    return route && !route->gone ? route : NULL;
}

struct scope_state *routes_endpoint(struct routes *routes, const char *endpoint)
{
    return get_scope(routes, SCOPE_ENDPOINT, endpoint);
}

struct route *routes_next(struct routes *routes, const struct route *after)
{
    size_t index = after ? index_of(routes, after->thread + 1) : 0;
    for (; index < routes->routes.count; index++) {
        struct route *route = routes->routes.items[index];
        if (!route->gone)
            return route;
    }
    return NULL;
}

size_t route_scopes(const struct route *route, struct scope_state *scopes[ROUTE_MOST_SCOPES])
{
    scopes[0] = route->endpoint;
    scopes[1] = route->sender;
    scopes[2] = &route->place->scope;
    scopes[3] = place_member(route->place, route->sender);
    return scopes[3] ? 4 : 3;
}
