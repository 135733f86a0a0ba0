/*
 * In doubt: look before you post.
 *
 * One look at a place serves every lane whose first message may have appeared
 * there, and what waits behind that and may have appeared as well: after a backup
 * was restored that is all of it. It starts a little before the earliest of their attempts, on the
 * service's own clock: from the greatest message id that was known of the thread
 * when the attempt began (ids are the service's epoch milliseconds), else from
 * what the service's Date headers had said of its clock by then, else from the
 * thread's beginning. Our own wall clock has no part in it: it may have been
 * wrong, and been set since.
 */
#include "base/memory.h"
#include "queue/adoption.h"
#include "queue/dispatcher_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* An id as what it is documented to be, the service's epoch milliseconds; 0 if it is not. */
static int64_t instant_of_id(const char *remote_id)
{
    enum { LONGEST = 14 };
    int64_t instant = 0;
    for (size_t i = 0; remote_id[i]; i++) {
        if (remote_id[i] < '0' || remote_id[i] > '9' || i == LONGEST)
            return 0;
        instant = 10 * instant + (remote_id[i] - '0');
    }
    return instant;
}

void dispatcher_learn_newest(struct dispatcher *dispatcher, struct place *place,
                             const char *remote_id)
{
    enum { STORE_EVERY_MS = 60000 };
    int64_t id = instant_of_id(remote_id);
    if (id <= place->scope.record.newest_id)
        return;
    place->scope.record.newest_id = id;
    if (id - place->stored_newest_id < STORE_EVERY_MS)
        return;
    place->stored_newest_id = id;
    outbox_set_scope(dispatcher->outbox, &place->scope.record);
}

int64_t dispatcher_known_id(const struct cargo *cargo)
{
    int64_t newest_id = cargo->place->scope.record.newest_id;
    if (newest_id > 0 || !cargo->endpoint->dated)
        return newest_id;
    return cargo->began.steady_at + cargo->endpoint->clock_ahead_ms;
}

/* Where in the thread's time a message of a restored outbox cannot be before. */
static msec_t since_of_copy(struct dispatcher *dispatcher, const struct place *place,
                            msec_t doubted_at)
{
    int64_t known_id = adoption_known_id(dispatcher->outbox, place->id, doubted_at);
    return msec_max(known_id - LOOK_MARGIN_MS, 0);
}

/* Where in the thread's time the message cannot be before. 0: nothing is known. */
static msec_t since_of(struct dispatcher *dispatcher, const struct message *message,
                       const struct place *place)
{
    struct attempt attempt;
    if (!outbox_latest_attempt(dispatcher->outbox, message->id, &attempt))
        return since_of_copy(dispatcher, place, message->doubted_at);
    return msec_max(attempt.known_id - LOOK_MARGIN_MS, 0);
}

/* The lane's head, if it is in doubt about this place and may be looked for. */
static const struct head *doubted_head(struct dispatcher *dispatcher, struct lane *lane,
                                       const struct place *place, struct moment now)
{
    if (!lane || lane->look_from_steady_at > now.steady_at)
        return NULL;
    const struct head *head = lane_head(lane, dispatcher->outbox);
    return head && head_needs_look(head) &&
                   dispatcher_doubted_place(dispatcher, lane, head) == place
               ? head
               : NULL;
}

/* Of all looks under way, since they take memory; and of one, whatever others have. */
enum {
    MOST_STAMPS = 4 * LOOK_MOST_STAMPS,
    LEAST_STAMPS = 2 * DISPATCHER_MOST_LANES_PER_LOOK,
};

static struct sought *seek(struct work *work, int64_t id, const char *stamp)
{
    struct sought *sought = &work->cargo->sought[work->look.count++];
    sought->id = id;
    snprintf(sought->stamp, sizeof sought->stamp, "%s", stamp);
    return sought;
}

static void board_lane(struct dispatcher *dispatcher, struct work *work, struct lane *lane,
                       struct moment now)
{
    struct cargo *cargo = work->cargo;
    struct message message = { 0 };
    const struct head *head = doubted_head(dispatcher, lane, cargo->place, now);
    if (!head || cargo->count == DISPATCHER_MOST_LANES_PER_LOOK ||
        !dispatcher_load_head(dispatcher, lane, head, &message, now))
        return;

    msec_t since_at = since_of(dispatcher, &message, cargo->place);
    if (cargo->count == 0 || since_at < work->look.since_at)
        work->look.since_at = since_at;
    struct sought *sought = seek(work, message.id, message.stamp);
    lane_pop(lane);
    sought->passenger = &cargo->passengers[cargo->count];
    dispatcher_board(work, lane, &message);
}

/* `served_at`: a doubt that the look starts early enough for already. */
static void take_along(struct dispatcher *dispatcher, struct work *work,
                       const struct doubted *doubted, msec_t *served_at)
{
    seek(work, doubted->id, doubted->stamp);
    if (doubted->doubted_at != *served_at)
        work->look.since_at =
            msec_min(work->look.since_at,
                     since_of_copy(dispatcher, work->cargo->place, doubted->doubted_at));
    *served_at = doubted->doubted_at;
}

/* Those behind the head that nobody here has ever tried to send: one look is for them all. */
static void seek_behind(struct dispatcher *dispatcher, struct work *work, size_t most,
                        const struct passenger *head)
{
    const struct lane *lane = head->lane;
    if (lane->route->place != work->cargo->place || work->look.count >= most)
        return;
    size_t room = most - work->look.count;
    msec_t served_at = 0;
    struct doubted *doubted = xcalloc(room, sizeof *doubted);
    size_t count = outbox_doubted(dispatcher->outbox, lane->id, head->message.rank, doubted, room);
    for (size_t i = 0; i < count; i++)
        if (doubted[i].place == 0 && doubted[i].attempts == 0)
            take_along(dispatcher, work, &doubted[i], &served_at);
    free(doubted);
}

static int by_stamp(const void *one, const void *other)
{
    return strcmp(((const struct sought *)one)->stamp, ((const struct sought *)other)->stamp);
}

static void name_stamps(struct work *work)
{
    struct cargo *cargo = work->cargo;
    qsort(cargo->sought, work->look.count, sizeof *cargo->sought, by_stamp);
    cargo->stamps = (const char **)xcalloc(work->look.count, sizeof *cargo->stamps);
    for (size_t i = 0; i < work->look.count; i++)
        cargo->stamps[i] = cargo->sought[i].stamp;
    work->look.stamps = cargo->stamps;
}

/* How many stamps one more look may have: memory is bounded, whatever waits. */
static size_t most_stamps(const struct dispatcher *dispatcher)
{
    size_t left = dispatcher->stamps_out < MOST_STAMPS ? MOST_STAMPS - dispatcher->stamps_out : 0;
    if (left < LEAST_STAMPS)
        return LEAST_STAMPS;
    return left < LOOK_MOST_STAMPS ? left : LOOK_MOST_STAMPS;
}

/* Every lane whose head is in doubt about this place, and what is behind the heads. */
static void fill(struct dispatcher *dispatcher, struct work *work, struct moment now)
{
    struct routes *routes = dispatcher->routes;
    struct cargo *cargo = work->cargo;
    size_t most = most_stamps(dispatcher);
    cargo->sought = xcalloc(most, sizeof *cargo->sought);
    for (struct route *route = routes_next(routes, NULL); route; route = routes_next(routes, route))
        for (size_t i = 0; i < PRIORITIES; i++)
            board_lane(dispatcher, work, route->lanes[i], now);
    for (size_t i = 0; i < cargo->count; i++)
        seek_behind(dispatcher, work, most, &cargo->passengers[i]);
    dispatcher->stamps_out += work->look.count;
}

struct work *dispatcher_begin_look(struct dispatcher *dispatcher, struct route *looker,
                                   struct place *place, struct moment now)
{
    struct work *work = dispatcher_begin_work(dispatcher, WORK_LOOK, looker, place,
                                              DISPATCHER_MOST_LANES_PER_LOOK, now);
    fill(dispatcher, work, now);
    if (work->look.count == 0) {
        dispatcher_end_work(dispatcher, work);
        return NULL;
    }
    work->look.endpoint = place->endpoint;
    work->look.thread = place->thread;
    work->look.sender = looker->sender->record.name;
    work->look.lists = &place->looks;
    name_stamps(work);
    return work;
}
