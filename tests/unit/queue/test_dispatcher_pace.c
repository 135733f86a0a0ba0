/*
 * test_dispatcher_pace.c - what a thread may send is used, by all its lanes together
 */
#include "tests/fakes/random.h"
#include "tests/fakes/window_check.h"
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>

static void make(void)
{
    stage_open(1);
    stage.limits = (struct pacer_limits){ .paces = { { 10, 10000 }, { 30, 60000 } },
                                          .pace_count = 2,
                                          .urgent_percent = 10,
                                          .pace_percent = 100 };
    stage_configure();
}

TestSuite(dispatcher_pace, .init = make, .fini = stage_close);

enum { LASTS_MS = 40 * 60 * 1000, ALLOWED = 40 * 30, MOST = ALLOWED + 100 };

static struct flight {
    struct work *work;
    msec_t ends_at;
} flights[PRIORITIES];

static void land(void)
{
    for (struct flight *flight = flights; flight < flights + PRIORITIES; flight++)
        if (flight->work && flight->ends_at <= stage.now.steady_at) {
            stage_sent(flight->work);
            flight->work = NULL;
        }
}

/* Everything that may go leaves, and is counted by the service as it leaves. */
static size_t take_off(struct random *random, msec_t shortest_ms, msec_t longest_ms,
                       msec_t *left_at)
{
    size_t count = 0;
    for (struct work *work = stage_next(); work; work = stage_next()) {
        flights[lane_priority(work->parcel.message->lane)] =
            (struct flight){ work, stage.now.steady_at +
                                       random_between(random, shortest_ms, longest_ms) };
        left_at[count++] = stage.now.steady_at;
    }
    return count;
}

static void expect_used(enum priority first, msec_t shortest_ms, msec_t longest_ms, double percent)
{
    static msec_t left_at[MOST];
    struct random random = { 7 };
    size_t count = 0;
    msec_t until_at = stage.now.steady_at + LASTS_MS;
    for (int i = 0; i < MOST; i++)
        for (enum priority priority = first; priority <= PRIORITY_BULK; priority++)
            stage_add(0, priority);
    while (stage.now.steady_at < until_at) {
        land();
        count += take_off(&random, shortest_ms, longest_ms, left_at + count);
        msec_t next_ms = stage.again_ms;
        for (size_t i = 0; i < PRIORITIES; i++)
            if (flights[i].work)
                next_ms = msec_min(next_ms, flights[i].ends_at - stage.now.steady_at);
        stage_pass(next_ms);
    }
    double used = 100.0 * (double)count / ALLOWED;
    cr_expect(used >= percent, "%.2f %% used", used);
    for (size_t i = 0; i < stage.limits.pace_count; i++)
        cr_expect(window_check_sliding(left_at, count, &stage.limits.paces[i]) == 0);
}

Test(dispatcher_pace, one_lane_uses_it_at_short_round_trips)
{
    expect_used(PRIORITY_BULK, 0, 20, 99);
}

Test(dispatcher_pace, three_lanes_use_it_at_short_round_trips)
{
    expect_used(PRIORITY_URGENT, 0, 20, 99);
}

Test(dispatcher_pace, one_lane_uses_it_at_usual_round_trips)
{
    expect_used(PRIORITY_BULK, 300, 2000, 97);
}

Test(dispatcher_pace, three_lanes_use_it_at_usual_round_trips)
{
    expect_used(PRIORITY_URGENT, 300, 2000, 97);
}

Test(dispatcher_pace, three_lanes_use_it_even_when_a_round_trip_takes_longer_than_a_slot)
{
    expect_used(PRIORITY_URGENT, 3000, 5000, 90);
}
