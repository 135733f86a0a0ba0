/*
 * test_innocents.c - others' troubles do not delay those who have none
 *
 * Twenty threads of one endpoint and one sender, in virtual time: played once as
 * it should be, and once with one of them dead, one throttled and one slow, all
 * three with much to send. The others have the same to send at the same instants,
 * and their requests take the same time: so what differs is others' fault.
 */
#include "base/memory.h"
#include "queue/dispatcher.h"
#include "tests/fakes/outbox_memory.h"
#include "tests/fakes/random.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 20, DEAD = 0, THROTTLED = 1, SLOW = 2, TROUBLED = 3 };
enum { BACKLOG = 40, MOST_DELAYS = 20000, MOST_UNDER_WAY = 200 };
static const msec_t minute_ms = 60000, second_ms = 1000;

/* A piece of work on its way. */
struct trip {
    struct work *work;
    msec_t ends_at;
    struct delivery delivery;
    bool looked; /* WORK_LOOK: it came through */
};

static struct play {
    bool troubled;
    msec_t gap_ms; /* between two messages of an innocent thread, on average */
    struct moment now;
    struct outbox_disk *disk;
    struct outbox *outbox;
    struct dispatcher *dispatcher;
    lane_id lanes[THREADS];
    struct random random[THREADS];
    msec_t next_at[THREADS]; /* the next message comes */
    struct trip trips[MOST_UNDER_WAY];
    size_t trip_count;
    msec_t delays[MOST_DELAYS];
    size_t delay_count;
    int64_t stamps;
} play;

/* ---- settings ------------------------------------------------------------------------------- */

static void configure(void)
{
    struct route_setup setups[THREADS];
    char names[THREADS][2][24];
    for (int i = 0; i < THREADS; i++) {
        snprintf(names[i][0], sizeof names[i][0], "t%d", i);
        snprintf(names[i][1], sizeof names[i][1], "19:%d@thread.v2", i);
        setups[i] = (struct route_setup){
            .name = names[i][0],
            .thread = names[i][1],
            .endpoint = "https://e.example",
            .sender = "s",
            .limits = { .paces = { { 10, 10000 }, { 30, 60000 } },
                        .pace_count = 2,
                        .urgent_percent = 10,
                        .pace_percent = 100 },
            .thread_retry = { 60000, 3600000 },
            .endpoint_retry = { 1000, 300000 },
            .late_mark = { .after_ms = MSEC_NEVER, .limit = 28672 },
            .settle_ms = 10000,
        };
        play.lanes[i] = lane_of(outbox_thread(play.outbox, names[i][0]), PRIORITY_NORMAL);
    }
    dispatcher_configure(play.dispatcher, setups, THREADS, play.now);
}

/* ---- messages ------------------------------------------------------------------------------- */

static void add(lane_id lane)
{
    char content[] = "disk full";
    struct message message = { .lane = lane,
                               .state = MESSAGE_PENDING,
                               .accepted_at = play.now.at,
                               .content = content,
                               .content_bytes = strlen(content) };
    snprintf(message.stamp, sizeof message.stamp, "%032" PRIx64, (uint64_t)++play.stamps);
    outbox_add(play.outbox, &message);
    dispatcher_added(play.dispatcher, &message, play.now);
}

static void add_due(void)
{
    for (int i = TROUBLED; i < THREADS; i++)
        while (play.next_at[i] <= play.now.steady_at) {
            add(play.lanes[i]);
            play.next_at[i] += random_between(&play.random[i], 0, 2 * play.gap_ms);
        }
}

static void add_backlog(void)
{
    for (int thread = 0; thread < TROUBLED; thread++)
        for (int i = 0; i < BACKLOG; i++)
            for (enum priority priority = PRIORITY_URGENT; priority <= PRIORITY_BULK; priority++)
                add(lane_of(lane_thread(play.lanes[thread]), priority));
}

/* ---- the chat ------------------------------------------------------------------------------- */

static int thread_of(const char *remote)
{
    return (int)strtol(remote + 3, NULL, 10);
}

static void refuse(struct trip *trip, int http, enum outcome outcome, enum scope scope)
{
    trip->delivery.http = http;
    trip->delivery.outcome = outcome;
    trip->delivery.scope = scope;
    trip->delivery.throttled = http == 429;
}

/* By turns it answers late, too late, and with an error. */
static void drag(struct trip *trip, int64_t turn)
{
    trip->ends_at = play.now.steady_at + (turn % 3 == 2 ? 5 : 25) * second_ms;
    if (turn % 3 == 1) {
        trip->ends_at += 5 * second_ms;
        refuse(trip, 0, OUTCOME_DOUBT, SCOPE_ENDPOINT);
    } else if (turn % 3 == 2) {
        refuse(trip, 503, OUTCOME_DOUBT, SCOPE_ENDPOINT);
    }
}

static void start(struct work *work)
{
    const char *remote = work->kind == WORK_SEND ? work->parcel.thread : work->look.thread;
    int thread = thread_of(remote);
    struct random *random = &play.random[thread];
    struct trip *trip = &play.trips[play.trip_count++];
    cr_assert(play.trip_count < MOST_UNDER_WAY && work->kind != WORK_INSPECT);
    *trip = (struct trip){
        .work = work,
        .ends_at = play.now.steady_at + random_between(random, 100, 600),
        .delivery = { .outcome = OUTCOME_SENT, .http = 201, .wait_ms = DELIVERY_NO_WAIT }
    };
    if (thread == DEAD)
        refuse(trip, 403, OUTCOME_REFUSED, SCOPE_THREAD);
    else if (thread == THROTTLED && random_percent(random, 50)) {
        refuse(trip, 429, OUTCOME_REFUSED, SCOPE_THREAD);
        trip->delivery.wait_ms = 20 * second_ms;
    } else if (thread == SLOW)
        drag(trip, random_between(random, 0, 2));
    trip->looked = trip->delivery.outcome == OUTCOME_SENT;
    if (trip->looked)
        snprintf(trip->delivery.remote_id, sizeof trip->delivery.remote_id, "%" PRId64,
                 play.now.at);
    if (work->kind == WORK_LOOK)
        pacer_begin(work->look.lists, true);
}

static void on_settled(void *context, const struct settlement *settlement)
{
    const struct message *message = settlement->message;
    (void)context;
    if (message->state == MESSAGE_SENT && message->lane >= play.lanes[TROUBLED])
        play.delays[play.delay_count++] = play.now.at - message->accepted_at;
    cr_assert(play.delay_count < MOST_DELAYS);
}

static void end(struct trip *trip)
{
    struct work *work = trip->work;
    if (work->kind == WORK_SEND) {
        dispatcher_settle(play.dispatcher, work, &trip->delivery, play.now, UINT32_MAX / 2,
                          on_settled, NULL);
        return;
    }
    struct finding *nothing = xcalloc(work->look.count, sizeof *nothing);
    const struct findings findings = { .complete = trip->looked,
                                       .found = nothing,
                                       .answer = trip->delivery };
    pacer_end(work->look.lists, true, play.now.steady_at);
    dispatcher_settle_look(play.dispatcher, work, &findings, play.now, UINT32_MAX / 2, on_settled,
                           NULL);
    free(nothing);
}

/* ---- the loop ------------------------------------------------------------------------------- */

static void end_due(void)
{
    for (size_t i = 0; i < play.trip_count;) {
        if (play.trips[i].ends_at > play.now.steady_at) {
            i++;
            continue;
        }
        struct trip trip = play.trips[i];
        play.trips[i] = play.trips[--play.trip_count];
        end(&trip);
    }
}

static void ignore(void *context, const struct message *message)
{
    (void)context;
    (void)message;
}

static msec_t begin_due(void)
{
    msec_t again_ms = 0;
    cr_assert(!dispatcher_tend(play.dispatcher, play.now, 1000, ignore, NULL));
    struct work *work = NULL;
    while ((work = dispatcher_next(play.dispatcher, play.now, "", &again_ms)))
        start(work);
    cr_assert(outbox_commit(play.outbox, NULL) == OUTBOX_COMMITTED);
    return again_ms;
}

static void pass_time(msec_t again_ms)
{
    msec_t next_at = msec_add(play.now.steady_at, again_ms);
    for (size_t i = 0; i < play.trip_count; i++)
        next_at = msec_min(next_at, play.trips[i].ends_at);
    for (int i = TROUBLED; i < THREADS; i++)
        next_at = msec_min(next_at, play.next_at[i]);
    msec_t step_ms = msec_max(next_at - play.now.steady_at, 0);
    play.now.at += step_ms;
    play.now.steady_at += step_ms;
}

static int compare(const void *one, const void *other)
{
    msec_t a = *(const msec_t *)one, b = *(const msec_t *)other;
    return (a > b) - (a < b);
}

/* The 99th percentile of the innocents' delays, in half an hour. */
static msec_t p99_of(bool troubled, uint64_t seed, msec_t gap_ms)
{
    memset(&play, 0, sizeof play);
    play.troubled = troubled;
    play.gap_ms = gap_ms;
    play.now = (struct moment){ .at = 1700000000000, .steady_at = 0 };
    for (int i = 0; i < THREADS; i++)
        play.random[i].state = seed * THREADS + (uint64_t)i;
    play.disk = outbox_disk_new();
    play.outbox = outbox_open_memory(play.disk, &(struct outbox_setup){ 0 }, NULL);
    play.dispatcher = dispatcher_new(play.outbox, "", play.now);
    configure();
    if (troubled)
        add_backlog();
    while (play.now.steady_at < 30 * minute_ms) {
        end_due();
        add_due();
        pass_time(begin_due());
    }
    dispatcher_free(play.dispatcher);
    outbox_close(play.outbox);
    outbox_disk_free(play.disk);
    qsort(play.delays, play.delay_count, sizeof play.delays[0], compare);
    return play.delays[play.delay_count * 99 / 100];
}

static void expect_undisturbed(msec_t gap_ms)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        msec_t without_ms = p99_of(false, seed, gap_ms), with_ms = p99_of(true, seed, gap_ms);
        cr_expect(with_ms * 10 <= without_ms * 11,
                  "seed %" PRIu64 ", every %" PRId64 " ms: %" PRId64 " ms instead of %" PRId64,
                  seed, gap_ms, with_ms, without_ms);
    }
}

Test(innocents, wait_for_their_own_requests_only)
{
    expect_undisturbed(20 * second_ms);
}

Test(innocents, wait_for_their_own_budget_only)
{
    expect_undisturbed(2500);
}
