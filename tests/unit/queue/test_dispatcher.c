/*
 * test_dispatcher.c - what goes out next, while nothing fails
 */
#include "queue/dispatcher_control.h"
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>

static void make(void)
{
    stage_open(4);
}

TestSuite(dispatcher, .init = make, .fini = stage_close);

/* ---- lanes ---------------------------------------------------------------------------------- */

Test(dispatcher, with_nothing_to_do_it_says_never)
{
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == MSEC_NEVER);
}

Test(dispatcher, a_message_goes_out_at_once_and_is_in_doubt_until_its_end)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == id);
    cr_expect_str_eq(work->parcel.endpoint, "https://e0.example");
    cr_expect_str_eq(work->parcel.thread, "19:0@thread.v2");
    cr_expect_str_eq(work->parcel.sender, "s0");
    cr_expect(stage_in_doubt(id));
    cr_expect(dispatcher_under_way(stage.dispatcher) == 1);

    stage_sent_as(work, "1700000000123");
    cr_expect(!stage_in_doubt(id));
    cr_expect(stage_state(id) == MESSAGE_SENT);
    cr_expect(dispatcher_under_way(stage.dispatcher) == 0);
    cr_expect(stage.told[0].id == id && stage.told[0].state == MESSAGE_SENT);
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    cr_expect_str_eq(message.remote_id, "1700000000123");
    cr_expect(message.ended_at == stage.now.at && message.attempts == 1);
    message_clear(&message);
}

Test(dispatcher, a_lane_sends_in_order_and_one_at_a_time)
{
    int64_t ids[40];
    for (size_t i = 0; i < 40; i++)
        ids[i] = stage_add(0, PRIORITY_NORMAL);
    for (size_t i = 0; i < 40; i++) {
        struct work *work = stage_next_send();
        cr_assert(stage_id(work) == ids[i]);
        cr_assert(stage_next() == NULL);
        stage_pass(100);
        stage_sent(work);
    }
    cr_expect(stage_next() == NULL);
}

Test(dispatcher, lanes_do_not_wait_for_each_other)
{
    for (int thread = 0; thread < 4; thread++)
        for (enum priority priority = PRIORITY_URGENT; priority <= PRIORITY_BULK; priority++)
            stage_add(thread, priority);
    for (int i = 0; i < 12; i++)
        stage_next_send();
    cr_expect(stage_next() == NULL);
}

Test(dispatcher, one_that_hangs_holds_up_its_own_lane_alone)
{
    stage_add(0, PRIORITY_NORMAL);
    int64_t second = stage_add(0, PRIORITY_NORMAL);
    struct work *hangs = stage_next_send();
    for (int i = 0; i < 20; i++) {
        stage_add(0, PRIORITY_URGENT);
        stage_add(1, PRIORITY_NORMAL);
        stage_pass(1000);
        cr_expect(stage_drain_now() == 2);
    }
    cr_expect(stage_state(second) == MESSAGE_PENDING);
    stage_sent(hangs);
    cr_expect(stage_id(stage_next_send()) == second);
}

Test(dispatcher, urgent_goes_first_and_bulk_last)
{
    stage.limits =
        (struct pacer_limits){ .paces = { { 1, 10000 } }, .pace_count = 1, .pace_percent = 100 };
    stage_configure();
    for (int i = 0; i < 3; i++)
        stage_add(0, PRIORITY_BULK);
    int64_t normal = stage_add(0, PRIORITY_NORMAL);
    int64_t urgent = stage_add(0, PRIORITY_URGENT);

    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == urgent);
    stage_sent(work);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 10001);
    stage_pass(10001);
    urgent = stage_add(0, PRIORITY_URGENT);
    work = stage_next_send();
    cr_expect(stage_id(work) == urgent);
    stage_sent(work);
    stage_pass(10001);
    work = stage_next_send();
    cr_expect(stage_id(work) == normal);
    stage_sent(work);
}

Test(dispatcher, a_slot_is_kept_for_the_next_of_a_higher_priority_but_not_for_ever)
{
    stage.limits =
        (struct pacer_limits){ .paces = { { 10, 10000 } }, .pace_count = 1, .pace_percent = 100 };
    stage_configure();
    int64_t bulk = stage_add(0, PRIORITY_BULK);
    int64_t first = stage_add(0, PRIORITY_URGENT), second = stage_add(0, PRIORITY_URGENT);
    stage_add(0, PRIORITY_URGENT);
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == first);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 1000);
    stage_pass(300);
    stage_sent(work);
    work = stage_next_send();
    cr_expect(stage_id(work) == second);
    stage_pass(999);
    cr_expect(stage_next() == NULL);
    stage_pass(1); /* a slot's time: it may hang */
    cr_expect(stage_id(stage_next_send()) == bulk);
    stage_sent(work);
    stage_next_send();
    stage_add(0, PRIORITY_BULK);
    cr_expect(stage_next() == NULL);
}

Test(dispatcher, the_last_of_a_higher_priority_holds_up_nobody)
{
    stage.limits =
        (struct pacer_limits){ .paces = { { 10, 10000 } }, .pace_count = 1, .pace_percent = 100 };
    stage_configure();
    int64_t urgent = stage_add(0, PRIORITY_URGENT), normal = stage_add(0, PRIORITY_NORMAL);
    cr_expect(stage_id(stage_next_send()) == urgent);
    cr_expect(stage_id(stage_next_send()) == normal);
}

Test(dispatcher, says_when_to_ask_again)
{
    stage.limits =
        (struct pacer_limits){ .paces = { { 2, 10000 } }, .pace_count = 1, .pace_percent = 100 };
    stage_configure();
    for (int i = 0; i < 3; i++)
        stage_add(0, PRIORITY_NORMAL);
    stage_sent(stage_next_send());
    stage_pass(3000);
    stage_sent(stage_next_send());
    stage_pass(1000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 6001);
    stage_pass(6000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 1);
    stage_pass(1);
    stage_next_send();
}

Test(dispatcher, two_names_of_one_remote_thread_share_its_windows)
{
    stage.limits =
        (struct pacer_limits){ .paces = { { 3, 10000 } }, .pace_count = 1, .pace_percent = 100 };
    stage.routes[1].place = 0;
    stage_configure();
    for (int i = 0; i < 4; i++) {
        stage_add(0, PRIORITY_NORMAL);
        stage_add(1, PRIORITY_NORMAL);
        stage_add(2, PRIORITY_NORMAL);
    }
    cr_expect(stage_drain_now() == 6);
    stage_pass(10001);
    cr_expect(stage_drain_now() == 4);
}

/* ---- times ---------------------------------------------------------------------------------- */

Test(dispatcher, scheduled_messages_join_their_lane_when_they_are_due)
{
    int64_t later = stage_add_timed(0, PRIORITY_NORMAL, stage.now.at + 5000, 0);
    int64_t sooner = stage_add_timed(0, PRIORITY_NORMAL, stage.now.at + 2000, 0);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 2000);
    stage_pass(1999);
    cr_expect(stage_next() == NULL);
    stage_pass(1);
    int64_t between = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == between);
    stage_pass(3000);
    cr_expect(stage_next() == NULL);
    stage_sent(work);
    work = stage_next_send();
    cr_expect(stage_id(work) == sooner);
    stage_sent(work);
    cr_expect(stage_id(stage_next_send()) == later);
}

Test(dispatcher, more_are_due_than_are_taken_at_once)
{
    for (int i = 0; i < 250; i++)
        stage_add_timed(0, PRIORITY_NORMAL, stage.now.at + 1000 + i, 0);
    stage_pass(2000);
    for (int64_t id = 1; id <= 250; id++) {
        struct work *work = stage_next_send();
        cr_assert(stage_id(work) == id);
        stage_sent(work);
    }
}

Test(dispatcher, what_is_worthless_expires_wherever_it_waits)
{
    struct work *work = NULL;
    stage_add(0, PRIORITY_NORMAL);
    work = stage_next_send();
    int64_t waiting = stage_add_timed(0, PRIORITY_NORMAL, 0, stage.now.at + 1000);
    int64_t scheduled =
        stage_add_timed(1, PRIORITY_NORMAL, stage.now.at + 5000, stage.now.at + 1000);
    int64_t last = stage_add(0, PRIORITY_NORMAL);
    stage_next();
    cr_expect(stage.again_ms == 1000);
    stage_pass(1000);
    stage_next();
    cr_expect(stage_state(waiting) == MESSAGE_EXPIRED);
    cr_expect(stage_state(scheduled) == MESSAGE_EXPIRED);
    cr_expect(stage.expired == 2);
    stage_sent(work);
    cr_expect(stage_id(stage_next_send()) == last);
}

static void ignore(void *context, const struct message *message)
{
    (void)context, (void)message;
}

Test(dispatcher, what_is_worthless_is_not_sent_while_others_expire)
{
    msec_t again_ms = 0;
    for (int i = 0; i < 3; i++)
        stage_add_timed(0, PRIORITY_NORMAL, 0, stage.now.at + 1000);
    int64_t last = stage_add(0, PRIORITY_NORMAL), other = stage_add(1, PRIORITY_NORMAL);
    stage_pass(1000);
    cr_expect(dispatcher_tend(stage.dispatcher, stage.now, 1, ignore, NULL));
    struct work *work = dispatcher_next(stage.dispatcher, stage.now, stage_stamp(), &again_ms);
    cr_assert(work != NULL);
    cr_expect(stage_id(work) == other);
    cr_expect(dispatcher_next(stage.dispatcher, stage.now, stage_stamp(), &again_ms) == NULL);
    cr_expect(again_ms == 0);
    stage_commit();
    cr_expect(stage_id(stage_next_send()) == last);
}

Test(dispatcher, what_is_under_way_does_not_expire_but_its_next_try_may)
{
    int64_t id = stage_add_timed(0, PRIORITY_NORMAL, 0, stage.now.at + 1000);
    struct work *work = stage_next_send();
    stage_pass(2000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_state(id) == MESSAGE_PENDING);
    stage_refused(work, 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    cr_expect(stage_state(id) == MESSAGE_PENDING);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_state(id) == MESSAGE_EXPIRED);
}

Test(dispatcher, what_came_too_late_though_it_was_worthless_is_sent_all_the_same)
{
    int64_t id = stage_add_timed(0, PRIORITY_NORMAL, 0, stage.now.at + 1000);
    struct work *work = stage_next_send();
    stage_pass(2000);
    stage_sent(work);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_state(id) == MESSAGE_SENT);
}

Test(dispatcher, times_are_by_the_wall_clock_and_windows_by_the_steady_one)
{
    stage.limits =
        (struct pacer_limits){ .paces = { { 1, 10000 } }, .pace_count = 1, .pace_percent = 100 };
    stage_configure();
    stage_add(0, PRIORITY_NORMAL);
    stage_add(0, PRIORITY_NORMAL);
    int64_t scheduled = stage_add_timed(1, PRIORITY_NORMAL, stage.now.at + 3600000, 0);
    stage_sent(stage_next_send());
    stage.now.at += 3600000;
    cr_expect(stage_id(stage_next_send()) == scheduled);
    cr_expect(stage_next() == NULL);
    stage.now.at -= 2LL * 3600000;
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 10001);
}

Test(dispatcher, a_pause_ends_by_the_wall_clock_though_it_was_set_meanwhile)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    int64_t thread = lane_thread(stage_lane(0, PRIORITY_NORMAL));
    cr_expect(dispatcher_pause(stage.dispatcher, thread, stage.now.at + 3600000, stage.now));
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 3600000);
    stage.now.at += 3000000;
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 600000);
    stage.now.at += 600000;
    cr_expect(stage_id(stage_next_send()) == id);
}

/* ---- what operators do ---------------------------------------------------------------------- */

static void move(int64_t id, enum message_state state)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    outbox_move(stage.outbox, &message, state);
    dispatcher_changed(stage.dispatcher, message.lane, stage.now);
    message_clear(&message);
}

Test(dispatcher, what_is_taken_out_of_a_lane_is_passed_over_and_may_come_back)
{
    int64_t first = stage_add(0, PRIORITY_NORMAL);
    int64_t second = stage_add(0, PRIORITY_NORMAL);
    int64_t third = stage_add(0, PRIORITY_NORMAL);
    move(first, MESSAGE_HELD);
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == second);
    move(first, MESSAGE_PENDING);
    move(third, MESSAGE_CANCELLED);
    cr_expect(stage_next() == NULL);
    stage_sent(work);
    work = stage_next_send();
    cr_expect(stage_id(work) == first);
    stage_sent(work);
    cr_expect(stage_next() == NULL);
}

Test(dispatcher, a_lane_emptied_by_hand_is_quiet)
{
    int64_t only = stage_add(0, PRIORITY_NORMAL);
    move(only, MESSAGE_CANCELLED);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == MSEC_NEVER);
    int64_t next = stage_add(0, PRIORITY_NORMAL);
    cr_expect(stage_id(stage_next_send()) == next);
}

Test(dispatcher, a_head_that_is_not_what_it_was_is_not_sent)
{
    int64_t first = stage_add(0, PRIORITY_NORMAL);
    int64_t second = stage_add(0, PRIORITY_NORMAL);
    struct message message;
    cr_assert(outbox_load(stage.outbox, first, &message));
    outbox_move(stage.outbox, &message, MESSAGE_CANCELLED); /* and nobody says so */
    message_clear(&message);
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == second);
}

Test(dispatcher, draining_begins_nothing_new)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_add(0, PRIORITY_NORMAL);
    stage_add(1, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    dispatcher_drain(stage.dispatcher);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == MSEC_NEVER);
    cr_expect(dispatcher_under_way(stage.dispatcher) == 1);
    stage_sent(work);
    cr_expect(stage_next() == NULL);
    cr_expect(dispatcher_under_way(stage.dispatcher) == 0);
}

/* ---- what is told of it --------------------------------------------------------------------- */

Test(dispatcher, tells_how_long_a_message_waited_in_its_lane_and_at_its_head)
{
    stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    stage_pass(100);
    stage_add(0, PRIORITY_NORMAL);
    stage_pass(400);
    stage_sent(work);
    stage_pass(30);
    work = stage_next_send();
    stage_pass(1);
    stage_sent(work);
    cr_expect(stage.told[0].queued_ms == 400);
    cr_expect(stage.told[0].lane_ms == 30);
}

Test(dispatcher, what_was_created_without_a_name_is_sent_and_its_id_unknown)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_sent_as(stage_next_send(), "");
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    cr_expect(message.state == MESSAGE_SENT && !message.doubted_at && !message.remote_id);
    message_clear(&message);
}
