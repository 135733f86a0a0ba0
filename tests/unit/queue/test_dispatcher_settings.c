/*
 * test_dispatcher_settings.c - other settings while messages wait and are under way
 */
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>

static void make(void)
{
    stage_open(3);
    stage.limits =
        (struct pacer_limits){ .paces = { { 3, 60000 } }, .pace_count = 1, .pace_percent = 100 };
    stage_configure();
}

TestSuite(dispatcher_settings, .init = make, .fini = stage_close);

static void add(int thread, int count)
{
    for (int i = 0; i < count; i++)
        stage_add(thread, PRIORITY_NORMAL);
    stage_commit();
}

Test(dispatcher_settings, windows_and_waits_stay)
{
    add(0, 5);
    add(1, 1);
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    stage_sent(stage_next_send());
    stage_configure();
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 60000);
    stage_pass(60001);
    cr_expect(stage_drain_now() == 3);
    stage_configure();
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 60001);
}

Test(dispatcher_settings, what_is_under_way_comes_home)
{
    add(0, 2);
    struct work *work = stage_next_send();
    stage_configure();
    cr_expect(stage_next() == NULL);
    stage_sent(work);
    cr_expect(stage_state(1) == MESSAGE_SENT);
    cr_expect(stage_drain_now() == 1);
}

Test(dispatcher_settings, a_lane_goes_on_though_its_thread_leads_elsewhere_meanwhile)
{
    add(0, 2);
    struct work *work = stage_next_send();
    stage.routes[0] = (struct stage_thread){ .place = 7, .endpoint = 1, .sender = 2 };
    stage_configure();
    stage_sent(work);
    work = stage_next_send();
    cr_expect(stage_id(work) == 2);
    cr_expect_str_eq(work->parcel.thread, "19:7@thread.v2");
    cr_expect_str_eq(work->parcel.endpoint, "https://e1.example");
    cr_expect_str_eq(work->parcel.sender, "s2");
}

Test(dispatcher_settings, a_removed_thread_waits_and_nothing_is_lost)
{
    add(0, 2);
    add(1, 1);
    struct work *work = stage_next_send();
    stage.routes[0].removed = true;
    stage_configure();
    cr_expect(stage_drain_now() == 1);
    stage_refused(work, 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_state(1) == MESSAGE_PENDING);
    stage_pass(60000);
    stage.routes[0].removed = false;
    stage_configure();
    work = stage_next_send();
    cr_expect(stage_id(work) == 1);
    stage_sent(work);
    cr_expect(stage_id(stage_next_send()) == 2);
}

Test(dispatcher_settings, what_happens_while_a_thread_is_removed_is_known_when_it_comes_back)
{
    stage_add_timed(0, PRIORITY_NORMAL, 0, stage.now.at + 5000);
    int64_t scheduled = stage_add_timed(0, PRIORITY_NORMAL, stage.now.at + 2000, 0);
    stage_add(1, PRIORITY_NORMAL);
    stage_drain_now();
    add(0, 0);
    int64_t expires = stage_add_timed(0, PRIORITY_NORMAL, 0, stage.now.at + 5000);
    stage_commit();
    stage.routes[0].removed = true;
    stage_crash(0);
    stage_pass(10000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_state(expires) == MESSAGE_EXPIRED);
    cr_expect(stage_state(scheduled) == MESSAGE_PENDING);
    stage.routes[0].removed = false;
    stage_configure();
    cr_expect(stage_id(stage_next_send()) == scheduled);
    cr_expect(stage_next() == NULL);
}

Test(dispatcher_settings, heads_that_were_read_before_a_thread_was_removed_are_read_anew)
{
    add(0, 3);
    stage_sent(stage_next_send());
    int64_t expires = stage_add_timed(0, PRIORITY_URGENT, 0, stage.now.at + 5000);
    int64_t scheduled = stage_add_timed(0, PRIORITY_NORMAL, stage.now.at + 5000, 0);
    stage.routes[0].removed = true;
    stage_configure();
    stage_pass(10000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_state(expires) == MESSAGE_EXPIRED);
    stage.routes[0].removed = false;
    stage_configure();
    stage_pass(60000);
    for (int i = 0; i < 3; i++) {
        struct work *work = stage_next_send();
        cr_expect(stage_id(work) != expires);
        stage_sent(work);
    }
    cr_expect(stage_state(scheduled) == MESSAGE_SENT);
}

Test(dispatcher_settings, no_threads_at_all_and_back_again)
{
    add(0, 5);
    for (int i = 0; i < 3; i++)
        stage_sent(stage_next_send());
    stage.threads = 0;
    stage_configure();
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == MSEC_NEVER);
    stage_pass(1000);
    stage.threads = 3;
    stage_configure();
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 59001);
}

Test(dispatcher_settings, another_pace_takes_effect_at_once_and_forgets_nothing)
{
    add(0, 10);
    cr_expect(stage_drain_now() == 3);
    stage.limits.paces[0].sends = 5;
    stage_configure();
    cr_expect(stage_drain_now() == 2);
    stage.limits.paces[0].sends = 2;
    stage_configure();
    stage_pass(60000);
    cr_expect(stage_next() == NULL);
    stage_pass(1);
    cr_expect(stage_drain_now() == 2);
}

Test(dispatcher_settings, a_renamed_thread_keeps_its_windows)
{
    add(0, 3);
    cr_expect(stage_drain_now() == 3);
    stage.routes[0].removed = true;
    stage.routes[2].place = 0;
    stage_configure();
    add(2, 1);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 60001);
}

Test(dispatcher_settings, of_two_names_of_one_thread_the_strictest_pace_holds)
{
    for (int strict = 0; strict < 2; strict++) {
        stage.routes[1].place = 0;
        stage.routes[strict].sends = 2;
        stage.routes[!strict].sends = 3;
        stage_configure();
        add(0, 2);
        add(1, 2);
        cr_expect(stage_drain_now() == 2, "the one that is named %s", strict ? "last" : "first");
        stage_pass(60001);
        cr_expect(stage_drain_now() == 2);
        stage_pass(60001);
    }
    stage.routes[1].removed = true;
    stage.routes[0].sends = 3;
    stage_configure();
    add(0, 4);
    cr_expect(stage_drain_now() == 3, "and for no longer than it is in the settings");
}
