/*
 * test_eta.c - what we tell of the time to come is what comes, when nothing fails
 */
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void make(void)
{
    stage_open(2);
    stage.limits = (struct pacer_limits){ .paces = { { 10, 10000 }, { 30, 60000 } },
                                          .pace_count = 2,
                                          .urgent_percent = 10,
                                          .pace_percent = 100 };
    stage_configure();
}

TestSuite(eta, .init = make, .fini = stage_close);

static struct prospect prospect(enum priority priority)
{
    return dispatcher_prospect(stage.dispatcher, stage_lane(0, priority), stage.now);
}

/* What is under way, of whichever lane. */
enum { MOST_FLIGHTS = 8 };
static struct flight {
    struct work *work;
    msec_t ends_at;
} flights[MOST_FLIGHTS];

static void land_those_due(void)
{
    for (struct flight *flight = flights; flight < flights + MOST_FLIGHTS; flight++)
        if (flight->work && flight->ends_at <= stage.now.at) {
            stage_sent(flight->work);
            flight->work = NULL;
        }
}

/* True when the message is among those that leave now. */
static bool take_off(int64_t id, msec_t trip_ms)
{
    bool left = false;
    for (struct work *work = stage_next(); work; work = stage_next()) {
        struct flight *flight = flights;
        while (flight->work)
            flight++;
        *flight = (struct flight){ work, stage.now.at + trip_ms };
        left = left || stage_id(work) == id;
    }
    return left;
}

/* Everything is answered after `trip_ms`. How long until this message leaves? */
static msec_t leaves_after_ms(int64_t id, msec_t trip_ms)
{
    msec_t began_at = stage.now.at;
    while (!take_off(id, trip_ms)) {
        msec_t wait_ms = stage.again_ms;
        for (size_t i = 0; i < MOST_FLIGHTS; i++)
            if (flights[i].work)
                wait_ms = msec_min(wait_ms, flights[i].ends_at - stage.now.at);
        cr_assert(wait_ms != MSEC_NEVER);
        stage_pass(wait_ms);
        land_those_due();
    }
    return stage.now.at - began_at;
}

static void expect_near(msec_t told_ms, msec_t true_ms, msec_t trip_ms)
{
    msec_t off_ms = llabs(told_ms - true_ms);
    cr_expect(off_ms <= true_ms / 10 || off_ms <= trip_ms, "told %lld ms, were %lld ms",
              (long long)told_ms, (long long)true_ms);
}

Test(eta, the_first_of_an_idle_lane_leaves_at_once)
{
    stage_add(0, PRIORITY_NORMAL);
    cr_expect(prospect(PRIORITY_NORMAL).position == 1);
    cr_expect(prospect(PRIORITY_NORMAL).eta_ms == 0);
}

Test(eta, one_in_doubt_is_looked_for_first)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_add(0, PRIORITY_NORMAL);
    stage_doubt(stage_next_send());
    stage_pass(1);
    cr_expect_eq(prospect(PRIORITY_NORMAL).eta_ms, STAGE_SETTLE_MS - 1);
}

Test(eta, nobody_knows_of_a_thread_that_is_not_there)
{
    stage.routes[0].removed = true;
    stage_configure();
    stage_add(0, PRIORITY_NORMAL);
    cr_expect(prospect(PRIORITY_NORMAL).eta_ms == MSEC_NEVER);
}

Test(eta, without_a_limit_it_is_a_round_trip_for_each)
{
    stage.limits = (struct pacer_limits){ .pace_percent = 100 };
    stage_configure();
    for (int i = 0; i < 11; i++)
        stage_add(0, PRIORITY_NORMAL);
    cr_expect(prospect(PRIORITY_NORMAL).position == 11);
    cr_expect(prospect(PRIORITY_NORMAL).eta_ms == 3000);
}

/* A new stage whose windows are spent and whose round trip is known. */
static void start_busy(msec_t trip_ms)
{
    int64_t id = 0;
    stage_close();
    make();
    stage.request_ms = trip_ms;
    memset(flights, 0, sizeof flights);
    for (int i = 0; i < 60; i++)
        id = stage_add(0, PRIORITY_NORMAL);
    leaves_after_ms(id, trip_ms);
}

Test(eta, is_right_at_any_depth_and_round_trip)
{
    static const int depths[] = { 1, 2, 5, 10, 20, 29, 31, 45, 90, 100, 333, 1000 };
    static const msec_t trips_ms[] = { 20, 300, 1500 };
    for (size_t d = 0; d < sizeof depths / sizeof depths[0]; d++)
        for (size_t t = 0; t < 3; t++) {
            int64_t id = 0;
            start_busy(trips_ms[t]);
            for (int i = 0; i < depths[d]; i++)
                id = stage_add(0, PRIORITY_NORMAL);
            struct prospect told = prospect(PRIORITY_NORMAL);
            cr_expect(told.position == depths[d] + 1); /* one is under way */
            expect_near(told.eta_ms, leaves_after_ms(id, trips_ms[t]), trips_ms[t]);
        }
}

Test(eta, those_of_a_higher_priority_go_first)
{
    for (enum priority own = PRIORITY_URGENT; own <= PRIORITY_BULK; own++) {
        int64_t ids[PRIORITIES] = { 0 };
        stage_close();
        make();
        memset(flights, 0, sizeof flights);
        for (int i = 0; i < 50; i++)
            for (enum priority priority = PRIORITY_URGENT; priority <= PRIORITY_BULK; priority++)
                ids[priority] = stage_add(0, priority);
        struct prospect told = prospect(own);
        cr_expect(told.position == 50);
        expect_near(told.eta_ms, leaves_after_ms(ids[own], 300), 300);
    }
}

Test(eta, another_name_of_the_same_thread_takes_its_turns)
{
    int64_t id = 0;
    stage.routes[1].place = 0;
    stage_configure();
    memset(flights, 0, sizeof flights);
    for (int i = 0; i < 200; i++)
        stage_add(1, PRIORITY_NORMAL);
    for (int i = 0; i < 60; i++)
        id = stage_add(0, PRIORITY_NORMAL);
    struct prospect told = prospect(PRIORITY_NORMAL);
    cr_expect(told.position == 60);
    expect_near(told.eta_ms, leaves_after_ms(id, 300), 300);
}
