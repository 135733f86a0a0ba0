/*
 * test_pacer.c - windows are kept, and used up
 *
 * The long runs are judged by window_check, which counts what a service would
 * have counted at some moment of each request.
 */
#include "base/memory.h"
#include "queue/pacer.h"
#include "tests/fakes/random.h"
#include "tests/fakes/window_check.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct pacer pacer;

static const struct pacer_limits two_paces = { .paces = { { 10, 10000 }, { 30, 60000 } },
                                               .pace_count = 2,
                                               .urgent_percent = 10,
                                               .pace_percent = 100 };

static struct pacer_limits limits_of(int64_t sends, msec_t window_ms, int urgent_percent)
{
    return (struct pacer_limits){ .paces = { { sends, window_ms } },
                                  .pace_count = 1,
                                  .urgent_percent = urgent_percent,
                                  .pace_percent = 100 };
}

static void drop(void)
{
    pacer_clear(&pacer);
}

TestSuite(pacer, .fini = drop);

static void send(msec_t ended_at)
{
    pacer_begin(&pacer, false);
    pacer_end(&pacer, false, ended_at);
}

/* ---- rules ---------------------------------------------------------------------------------- */

Test(pacer, without_a_limit_it_is_always_open)
{
    pacer_limit(&pacer, &(struct pacer_limits){ .pace_percent = 100 });
    for (int i = 0; i < 100; i++) {
        cr_expect(pacer_opens_steady_at(&pacer, false) <= 5);
        send(5);
    }
}

Test(pacer, a_slot_is_free_a_full_window_after_the_answer)
{
    struct pacer_limits limits = limits_of(2, 1000, 0);
    pacer_limit(&pacer, &limits);
    send(100);
    cr_expect(pacer_opens_steady_at(&pacer, false) <= 100);
    send(300);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 1101);
    cr_expect(pacer_opens_steady_at(&pacer, true) == 1101);
    send(1150);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 1301);
}

Test(pacer, what_is_under_way_holds_its_slot_for_as_long_as_it_takes)
{
    struct pacer_limits limits = limits_of(2, 1000, 0);
    pacer_limit(&pacer, &limits);
    pacer_begin(&pacer, false);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 0);
    pacer_begin(&pacer, false);
    cr_expect(pacer_opens_steady_at(&pacer, false) == MSEC_NEVER);
    pacer_end(&pacer, false, 500000);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 501001);
    pacer_end(&pacer, false, 500400);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 501001);
}

Test(pacer, every_pace_holds)
{
    pacer_limit(&pacer, &two_paces);
    for (msec_t at = 0; at < 10; at++)
        send(at);
    cr_expect(pacer_opens_steady_at(&pacer, true) == 10001);
    for (msec_t at = 10; at < 30; at++)
        send(at * 10000);
    cr_expect(pacer_opens_steady_at(&pacer, true) == 210001);
    for (msec_t at = 291000; at < 291010; at++)
        send(at);
    cr_expect(pacer_opens_steady_at(&pacer, true) == 301001);
}

Test(pacer, ends_may_be_told_in_any_order)
{
    struct pacer_limits limits = limits_of(3, 1000, 0);
    pacer_limit(&pacer, &limits);
    pacer_begin(&pacer, false);
    pacer_begin(&pacer, false);
    pacer_begin(&pacer, false);
    pacer_end(&pacer, false, 900); /* given up: it may still arrive until then */
    pacer_end(&pacer, false, 100);
    pacer_end(&pacer, false, 400);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 1101);
    send(1101);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 1401);
    send(1401);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 1901);
    pacer_seed(&pacer, 50); /* older than all that counts */
    cr_expect(pacer_opens_steady_at(&pacer, false) == 1901);
}

Test(pacer, seeds_count_like_sends)
{
    struct pacer_limits limits = limits_of(3, 1000, 0);
    pacer_limit(&pacer, &limits);
    pacer_seed(&pacer, 700);
    pacer_seed(&pacer, -300);
    pacer_seed(&pacer, 500);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 701);
    send(800);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 1501);
}

Test(pacer, other_limits_forget_nothing)
{
    struct pacer_limits wide = limits_of(500, 1000, 0), narrow = limits_of(2, 1000, 0);
    pacer_limit(&pacer, &wide);
    for (msec_t at = 1; at <= 500; at++)
        send(at);
    pacer_begin(&pacer, false);
    pacer_limit(&pacer, &narrow);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 1501);
    pacer_end(&pacer, false, 600);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 1501);
    pacer_limit(&pacer, &wide);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 1003);
}

Test(pacer, a_slower_pace_is_fewer_sends_or_a_longer_window)
{
    struct pacer_limits limits = limits_of(4, 1000, 0);
    limits.pace_percent = 50;
    pacer_limit(&pacer, &limits);
    send(0);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 0);
    send(0);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 1001);
    limits.pace_percent = 10;
    pacer_limit(&pacer, &limits);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 2501);
    cr_expect(pacer_longest_window_ms(&limits) == 10000);
    cr_expect(pacer_longest_window_ms(&two_paces) == 60000);
}

Test(pacer, others_leave_urgent_its_share)
{
    struct pacer_limits limits = limits_of(10, 10000, 10);
    pacer_limit(&pacer, &limits);
    for (msec_t at = 0; at < 9; at++)
        send(at);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 9001);
    cr_expect(pacer_opens_steady_at(&pacer, true) == 0);
    pacer_begin(&pacer, true);
    pacer_end(&pacer, true, 9);
    cr_expect(pacer_opens_steady_at(&pacer, true) == 10001);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 10001);
}

Test(pacer, a_share_leaves_at_least_one_for_the_others)
{
    struct pacer_limits limits = limits_of(1, 1000, 99);
    pacer_limit(&pacer, &limits);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 0);
    send(0);
    cr_expect(pacer_opens_steady_at(&pacer, false) == 1001);
}

/* ---- long runs ------------------------------------------------------------------------------ */

enum { MOST_LANES = 3 };

struct lane {
    bool urgent;
    bool busy;
    msec_t wants_at; /* the next message is there; MSEC_NEVER: none ever */
    msec_t ends_at;
};

struct run {
    const struct pacer_limits *limits;
    struct random random;
    msec_t shortest_trip_ms, longest_trip_ms;
    msec_t until_at;
    msec_t now_at;
    size_t lane_count;
    struct lane lanes[MOST_LANES];
    msec_t urgent_every_ms; /* about; 0: urgent lanes are saturated like the others */
    msec_t urgent_waited_ms;
    msec_t *counted_at; /* by the service */
    size_t count;
};

static int compare(const void *one, const void *other)
{
    msec_t a = *(const msec_t *)one, b = *(const msec_t *)other;
    return (a > b) - (a < b);
}

static void begin_send(struct run *run, struct lane *lane)
{
    msec_t trip_ms = random_between(&run->random, run->shortest_trip_ms, run->longest_trip_ms);
    if (lane->urgent)
        run->urgent_waited_ms = msec_max(run->urgent_waited_ms, run->now_at - lane->wants_at);
    pacer_begin(&pacer, lane->urgent);
    lane->busy = true;
    lane->ends_at = run->now_at + trip_ms;
    run->counted_at[run->count++] = run->now_at + random_between(&run->random, 0, trip_ms);
}

static void end_send(struct run *run, struct lane *lane)
{
    pacer_end(&pacer, lane->urgent, run->now_at);
    lane->busy = false;
    lane->wants_at = run->now_at;
    if (lane->urgent && run->urgent_every_ms)
        lane->wants_at +=
            random_between(&run->random, run->urgent_every_ms / 2, run->urgent_every_ms * 3 / 2);
}

/* One lane does what it can now; returns when it will be able to do more. */
static msec_t step(struct run *run, struct lane *lane)
{
    if (lane->busy && lane->ends_at <= run->now_at)
        end_send(run, lane);
    msec_t opens_at = msec_max(pacer_opens_steady_at(&pacer, lane->urgent), lane->wants_at);
    if (!lane->busy && opens_at <= run->now_at) {
        begin_send(run, lane);
        opens_at = MSEC_NEVER;
    }
    return lane->busy ? lane->ends_at : opens_at;
}

static void play(struct run *run)
{
    int64_t most = 1;
    for (size_t i = 0; i < run->limits->pace_count; i++)
        most = msec_max(most, (run->until_at / run->limits->paces[i].window_ms + 1) *
                                  run->limits->paces[i].sends);
    run->counted_at = xcalloc((size_t)most, sizeof *run->counted_at);
    pacer_limit(&pacer, run->limits);
    while (run->now_at < run->until_at) {
        msec_t next_at = MSEC_NEVER;
        for (size_t i = 0; i < run->lane_count; i++)
            next_at = msec_min(next_at, step(run, &run->lanes[i]));
        run->now_at = msec_max(next_at, run->now_at);
    }
    qsort(run->counted_at, run->count, sizeof *run->counted_at, compare);
}

static size_t overspent(struct run *run)
{
    size_t sum = 0;
    for (size_t i = 0; i < run->limits->pace_count; i++) {
        const struct pace *pace = &run->limits->paces[i];
        sum += window_check_sliding(run->counted_at, run->count, pace);
        for (int offset = 0; offset < 20; offset++)
            sum += window_check_fixed(run->counted_at, run->count, pace,
                                      random_between(&run->random, 0, pace->window_ms - 1));
    }
    return sum;
}

/* Of what the slowest pace allows, so many percent. */
static double used_percent(const struct run *run)
{
    double allowed = 1e18;
    for (size_t i = 0; i < run->limits->pace_count; i++) {
        const struct pace *pace = &run->limits->paces[i];
        double sends = (double)pace->sends * (double)run->until_at / (double)pace->window_ms;
        allowed = sends < allowed ? sends : allowed;
    }
    return 100 * (double)run->count / allowed;
}

static void expect_kept_and_used(struct run *run, double least_percent)
{
    play(run);
    cr_expect(overspent(run) == 0);
    cr_expect(used_percent(run) >= least_percent, "only %.2f %% used", used_percent(run));
    free(run->counted_at);
}

static const msec_t hour_ms = 60LL * 60 * 1000;

Test(pacer, saturated_windows_are_kept_and_used_at_short_round_trips)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct run run = { .limits = &two_paces,
                           .random = { seed },
                           .longest_trip_ms = 20,
                           .until_at = 10 * hour_ms,
                           .lane_count = seed % 3 + 1 };
        expect_kept_and_used(&run, 99);
        pacer_clear(&pacer);
    }
}

Test(pacer, saturated_windows_are_kept_and_used_at_usual_round_trips)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct run run = { .limits = &two_paces,
                           .random = { seed },
                           .shortest_trip_ms = 300,
                           .longest_trip_ms = 2000,
                           .until_at = 10 * hour_ms,
                           .lane_count = seed % 3 + 1 };
        expect_kept_and_used(&run, 97);
        pacer_clear(&pacer);
    }
}

Test(pacer, united_limits_keep_both)
{
    struct pacer_limits limits = two_paces;
    const struct pacer_limits others = { .paces = { { 5, 10000 }, { 100, 3600000 } },
                                         .pace_count = 2,
                                         .urgent_percent = 30,
                                         .pace_percent = 100 };
    pacer_limits_unite(&limits, &others);
    cr_expect(limits.pace_count == 3 && limits.urgent_percent == 30);
    cr_expect(limits.paces[0].sends == 5 && limits.paces[0].window_ms == 10000);
    cr_expect(limits.paces[1].sends == 30 && limits.paces[1].window_ms == 60000);
    cr_expect(limits.paces[2].sends == 100 && limits.paces[2].window_ms == 3600000);

    const struct pacer_limits more = { .paces = { { 7, 1000 }, { 50, 120000 } }, .pace_count = 2 };
    pacer_limits_unite(&limits, &more);
    cr_expect(limits.pace_count == PACER_MOST_PACES && limits.urgent_percent == 30);
    cr_expect(limits.paces[3].sends == 7 && limits.paces[3].window_ms == 120000,
              "a fifth window makes one of the four stricter");

    struct pacer_limits none = { .pace_percent = 100 };
    pacer_limits_unite(&none, &two_paces);
    cr_expect(none.pace_count == 2);
}

Test(pacer, any_pace_is_kept_at_any_round_trip)
{
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct random random = { seed };
        struct pacer_limits limits =
            limits_of(random_between(&random, 1, 40), random_between(&random, 50, 5000),
                      (int)random_between(&random, 0, 60));
        limits.paces[limits.pace_count++] =
            (struct pace){ random_between(&random, 1, 100), random_between(&random, 50, 60000) };
        struct run run = { .limits = &limits,
                           .random = random,
                           .longest_trip_ms = random_between(&random, 0, 20000),
                           .until_at = hour_ms / 4,
                           .lane_count = 3,
                           .lanes = { { .urgent = true } },
                           .urgent_every_ms = random_between(&random, 0, 5000) };
        expect_kept_and_used(&run, 0);
        pacer_clear(&pacer);
    }
}

Test(pacer, urgent_waits_at_most_its_share_of_the_longest_window_while_others_saturate)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct run run = { .limits = &two_paces,
                           .random = { seed },
                           .longest_trip_ms = seed % 2 ? 20 : 800,
                           .until_at = 10 * hour_ms,
                           .lane_count = 3,
                           .lanes = { { .urgent = true } },
                           .urgent_every_ms = 120000 };
        play(&run);
        cr_expect(overspent(&run) == 0);
        cr_expect(run.urgent_waited_ms <= 6000, "%lld ms", (long long)run.urgent_waited_ms);
        cr_expect(used_percent(&run) >= 98.5, "only %.2f %% used", used_percent(&run));
        free(run.counted_at);
        pacer_clear(&pacer);
    }
}
