/*
 * test_dispatcher_restart.c - what earlier runs did still counts
 */
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>

static const struct pacer_limits three_in_a_minute = { .paces = { { 3, 60000 } },
                                                       .pace_count = 1,
                                                       .pace_percent = 100 };

static void make(void)
{
    stage_open(2);
    stage.limits = three_in_a_minute;
    stage_configure();
}

TestSuite(dispatcher_restart, .init = make, .fini = stage_close);

static void add(int thread, int count)
{
    for (int i = 0; i < count; i++)
        stage_add(thread, PRIORITY_NORMAL);
    stage_commit();
}

Test(dispatcher_restart, finds_what_waits)
{
    add(0, 3);
    add(1, 2);
    stage_add_timed(1, PRIORITY_URGENT, stage.now.at + 5000, 0);
    stage_commit();
    stage_crash(5000);
    cr_expect(stage_drain_now() == 6);
}

Test(dispatcher_restart, windows_that_were_spent_stay_spent)
{
    add(0, 5);
    stage_sent(stage_next_send());
    stage_pass(10000);
    stage_sent(stage_next_send());
    stage_sent(stage_next_send());
    stage_crash(20000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 30001);
    stage_pass(30001);
    cr_expect(stage_drain_now() == 1);
    cr_expect(stage.again_ms == 10000);
}

Test(dispatcher_restart, an_attempt_counts_from_its_end_however_long_ago_it_began)
{
    add(0, 6);
    stage_sent(stage_next_send());
    stage_sent(stage_next_send());
    struct work *work = stage_next_send();
    stage_pass(50000);
    stage_sent(work);
    stage_pass(15000);
    stage_crash(1000);
    cr_expect(stage_drain_now() == 2);
    cr_expect(stage.again_ms == 44001);
}

Test(dispatcher_restart, an_attempt_whose_end_is_unknown_may_arrive_until_it_has_settled)
{
    add(0, 5);
    stage_sent(stage_next_send());
    stage_sent(stage_next_send());
    stage_next_send();
    stage_crash(1000);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (int64_t[]){ 3, 0 });
    stage_pass(50000);
    cr_expect(stage_drain_now() == 2);
    cr_expect(stage_next() == NULL);
    stage_crash(1);
    cr_expect(stage_next() == NULL);
}

Test(dispatcher_restart, an_attempt_that_was_in_doubt_counts_from_when_it_had_settled)
{
    add(0, 5);
    stage_doubt(stage_next_send());
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (int64_t[]){ 1, 0 });
    stage_crash(40000);
    cr_expect(stage_drain_now() == 2);
    cr_expect(stage.again_ms == 60001 - 40000);
}

Test(dispatcher_restart, a_doubt_is_remembered_for_a_window_from_when_it_had_settled)
{
    add(0, 5);
    stage_doubt(stage_next_send());
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (int64_t[]){ 1, 0 });
    stage_crash(55000);
    cr_expect(stage_drain_now() == 2);
    cr_expect(stage.again_ms == 60001 - 55000);
}

Test(dispatcher_restart, an_unknown_end_is_the_start_of_the_process)
{
    add(0, 4);
    stage_next_send();
    stage_crash(3600000);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (int64_t[]){ 0 });
    cr_expect(stage_drain_now() == 2);
    cr_expect(stage.again_ms == 60001);
}

Test(dispatcher_restart, ends_in_the_future_count_as_now)
{
    add(0, 5);
    for (int i = 0; i < 3; i++)
        stage_sent(stage_next_send());
    stage.now.at -= 86400000; /* set back */
    stage_crash(1000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 60001);
}

/*
 * ---- the clock was set, while the machine stayed up ----------------------------------------
 * What ended before may have been a second later: the clock may have drifted by so much.
 */

static void stay_up(void)
{
    stage.boot_id = "0123456789abcdef0123456789abcdef";
    stage_crash(0);
}

static void send(int count)
{
    for (int i = 0; i < count; i++)
        stage_sent(stage_next_send());
}

/* Three go, and the clock is set after the second. */
static void send_around_setting(msec_t by_ms)
{
    stay_up();
    add(0, 5);
    send(2);
    stage_pass(10000);
    stage.now.at += by_ms;
    send(1);
    stage_crash(10000);
}

Test(dispatcher_restart, a_clock_that_was_set_ahead_makes_nothing_older)
{
    send_around_setting(3600000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 41001);
}

Test(dispatcher_restart, a_clock_that_was_set_back_makes_nothing_younger)
{
    send_around_setting(-30000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 41001);
}

Test(dispatcher_restart, a_clock_may_be_set_while_we_are_away)
{
    stay_up();
    add(0, 5);
    send(3);
    stage.now.at += 3600000;
    stage_crash(10000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 51001);
}

Test(dispatcher_restart, a_clock_may_be_set_and_set_again)
{
    send_around_setting(3600000);
    stage_pass(41001);
    stage.now.at -= 7200000;
    send(2);
    add(0, 5);
    stage_crash(1000);
    stage.now.at += 1800000;
    stage_crash(1000);
    stage_pass(8000); /* the one in the middle is sixty seconds old */
    send(1);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 51001);
}

Test(dispatcher_restart, what_ended_before_the_machine_started_is_not_made_younger)
{
    const msec_t day_at = stage.now.at + 86400000;
    stay_up();
    add(0, 5);
    send(3);
    stage.boot_id = "fedcba9876543210fedcba9876543210";
    stage.now = (struct moment){ 5000, 5000 }; /* without a clock it is 1970 */
    stage_crash(0);
    add(1, 1);
    send(1);
    stage.now.at = day_at;
    stage_crash(1000);
    cr_expect(stage_drain_now() == 2);
}

Test(dispatcher_restart, a_clock_that_is_set_all_the_time_makes_nothing_older)
{
    stay_up();
    add(0, 5);
    send(3);
    for (int i = 0; i < 40; i++) {
        stage.now.at += 3600000;
        stage_crash(100);
        add(1, 1);
        stage.routes[1].place = 2 + i;
        stage_configure();
        stage_sent(stage_next_send());
    }
    stage_crash(1);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms >= 60001 - 4001 && stage.again_ms <= 60001);
}

/* ---- settings ------------------------------------------------------------------------------- */

Test(dispatcher_restart, threads_that_come_with_a_later_reload_have_their_windows_too)
{
    add(0, 5);
    for (int i = 0; i < 3; i++)
        stage_sent(stage_next_send());
    stage.routes[0].removed = true;
    stage_crash(1000);
    stage_pass(1000);
    stage.now.at += 3600000; /* set meanwhile */
    stage.routes[0].removed = false;
    stage_configure();
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 58001);
}

Test(dispatcher_restart, a_pace_that_was_narrow_meanwhile_forgets_nothing)
{
    add(0, 5);
    for (int i = 0; i < 3; i++)
        stage_sent(stage_next_send());
    stage.limits.paces[0].sends = 1;
    stage_crash(1000);
    stage.limits.paces[0].sends = 3;
    stage_configure();
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 59001);
}

Test(dispatcher_restart, the_greatest_known_id_survives_for_the_next_look)
{
    add(0, 2);
    stage_sent_as(stage_next_send(), "1700000100000");
    stage_crash(1000);
    stage_doubt(stage_next_send());
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_next_look()->look.since_at == 1700000100000 - 120000);
}

/* A crash costs at most one look per remote thread that had a request under way. */
Test(dispatcher_restart, one_look_serves_all_that_was_under_way_to_a_thread)
{
    stage.limits = (struct pacer_limits){ .pace_percent = 100 };
    stage.threads = 3;
    stage.routes[1].place = 0; /* a second name of it */
    stage_configure();
    for (enum priority priority = PRIORITY_URGENT; priority <= PRIORITY_BULK; priority++)
        for (int thread = 0; thread < 3; thread++) {
            stage_add(thread, priority);
            stage_add(thread, priority);
        }
    for (int under_way = 0; under_way < 9; under_way++)
        stage_next_send();
    cr_assert(stage_next() == NULL);
    stage_crash(1000);
    cr_expect(stage_next() == NULL, "before it has settled nobody looks");
    stage_pass(STAGE_SETTLE_MS);
    struct work *first = stage_next_look(), *second = stage_next_look();
    cr_expect(first->look.count + second->look.count == 9);
    cr_expect(stage_next() == NULL);
    stage_looked(first, true, (int64_t[]){ 0 });
    stage_looked(second, true, (int64_t[]){ 0 });
    cr_expect(stage_drain_now() == 18, "and no other look");
}
