/*
 * test_dispatcher_failures.c - every failure is charged to the smallest thing it proves broken
 */
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>

enum { SAME_PLACE = 3 }; /* a second name of thread 0's remote thread */

/* Threads 0, 1: endpoint 0, sender 0. 2: endpoint 0, sender 1. 4: endpoint 1, sender 2. */
static void make(void)
{
    stage_open(5);
    stage.routes[2].sender = 1;
    stage.routes[SAME_PLACE].place = 0;
    stage.routes[4].endpoint = 1;
    stage.routes[4].sender = 2;
    stage_configure();
}

TestSuite(dispatcher_failures, .init = make, .fini = stage_close);

/* Thread 0's first message goes out, and everybody else gets one to send. */
static struct work *first_of_many(void)
{
    stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    for (int thread = 1; thread < 5; thread++)
        stage_add(thread, PRIORITY_NORMAL);
    return work;
}

/* ---- message -------------------------------------------------------------------------------- */

Test(dispatcher_failures, a_message_that_will_never_be_taken_dies_at_once_and_its_lane_goes_on)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    int64_t next = stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 413, SCOPE_MESSAGE, DELIVERY_NO_WAIT);
    cr_expect(stage_state(id) == MESSAGE_DEAD);
    cr_expect(!stage_in_doubt(id));
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    cr_expect_str_eq(message.reason, "413");
    cr_expect(message.ended_at == stage.now.at);
    message_clear(&message);
    cr_expect(stage_id(stage_next_send()) == next);
}

/* ---- thread --------------------------------------------------------------------------------- */

Test(dispatcher_failures, a_thread_waits_under_all_its_names_and_nobody_else)
{
    struct work *work = first_of_many();
    stage_refused(work, 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    cr_expect(stage.told[0].retry_ms == 60000);
    cr_expect(stage_drain_now() == 3);
    cr_expect(stage.again_ms == 60000);
    stage_add(0, PRIORITY_URGENT);
    cr_expect(stage_next() == NULL);
}

Test(dispatcher_failures, a_thread_waits_doubling_up_to_an_hour)
{
    static const msec_t minutes[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    for (size_t i = 0; i < 8; i++) {
        stage_refused(stage_next_send(), 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
        cr_expect(stage_next() == NULL);
        cr_expect(stage.again_ms == minutes[i] * 60000);
        stage_pass(stage.again_ms);
    }
    struct scope_record record = stage_scope(SCOPE_THREAD, "1");
    cr_expect(record.failures == 8 && record.http == 403);
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == id);
    stage_sent(work);
    cr_expect(stage_scope(SCOPE_THREAD, "1").failures == 0);
}

Test(dispatcher_failures, one_probe_at_a_time_for_a_thread_that_failed)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    stage_add(0, PRIORITY_URGENT);
    stage_add(SAME_PLACE, PRIORITY_NORMAL);
    cr_expect(stage_next() == NULL);
    stage_pass(60000);
    struct work *probe = stage_next_send();
    cr_expect(stage_next() == NULL);
    stage_sent(probe);
    cr_expect(stage_drain_now() == 2);
}

Test(dispatcher_failures, too_many_requests_waits_as_long_as_the_chat_says)
{
    struct work *work = first_of_many();
    stage_refused(work, 429, SCOPE_THREAD, 7000);
    cr_expect(stage_drain_now() == 3);
    cr_expect(stage.again_ms == 7000);
    stage_pass(6999);
    cr_expect(stage_next() == NULL);
    stage_pass(1);
    stage_refused(stage_next_send(), 429, SCOPE_THREAD, DELIVERY_NO_WAIT);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 120000);
}

/* ---- sender --------------------------------------------------------------------------------- */

Test(dispatcher_failures, a_refused_token_is_tried_anew_once_at_once_and_then_waits)
{
    struct work *work = first_of_many();
    int64_t id = stage_id(work);
    stage_refused(work, 401, SCOPE_SENDER, DELIVERY_NO_WAIT);
    cr_expect(stage.told[0].retry_ms == 0);
    cr_expect(!stage_scope(SCOPE_SENDER, "s0").told);

    /* One probe; threads of other senders go on. */
    size_t probes = 0;
    for (work = NULL; probes < 3; probes++) {
        struct work *next = stage_next_send();
        if (next->parcel.sender[1] == '0') {
            cr_expect(work == NULL);
            work = next;
        } else {
            stage_sent(next);
        }
    }
    cr_assert(work != NULL);
    cr_expect(stage_next() == NULL);
    stage_refused(work, 401, SCOPE_SENDER, DELIVERY_NO_WAIT);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 1000);
    stage_pass(1000);
    work = stage_next_send();
    cr_expect(stage_next() == NULL);
    stage_refused(work, 401, SCOPE_SENDER, DELIVERY_NO_WAIT);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 2000);
    stage_pass(2000);
    stage_sent(stage_next_send());
    stage_drain_now();
    cr_expect(stage_state(id) == MESSAGE_SENT);
}

Test(dispatcher_failures, many_refused_tokens_at_once_are_one_failure)
{
    struct work *works[3];
    for (int thread = 0; thread < 2; thread++)
        stage_add(thread, PRIORITY_NORMAL);
    stage_add(SAME_PLACE, PRIORITY_NORMAL);
    for (size_t i = 0; i < 3; i++)
        works[i] = stage_next_send();
    stage_pass(100);
    for (size_t i = 0; i < 3; i++)
        stage_refused(works[i], 401, SCOPE_SENDER, DELIVERY_NO_WAIT);
    cr_expect(stage_scope(SCOPE_SENDER, "s0").failures == 1);
    stage_next_send();
}

Test(dispatcher_failures, a_sender_without_a_token_says_nothing_of_its_endpoint)
{
    struct work *work = first_of_many();
    stage_settle(work, &(struct delivery){ .outcome = OUTCOME_UNSENT,
                                           .scope = SCOPE_SENDER,
                                           .wait_ms = DELIVERY_NO_WAIT,
                                           .code = "token" });
    cr_expect(stage_drain_now() == 2);
    cr_expect(stage.again_ms == 1000);
}

/* ---- endpoint ------------------------------------------------------------------------------- */

Test(dispatcher_failures, an_endpoint_waits_doubling_and_is_probed_by_one)
{
    stage.dice = 1000;
    struct work *work = first_of_many();
    stage_unsent(work);
    cr_expect(stage_drain_now() == 1);
    cr_expect(stage.again_ms == 1000);
    stage_pass(1000);
    work = stage_next_send();
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == MSEC_NEVER);
    stage.dice = 2000;
    stage_unsent(work);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 2000);
    stage_pass(2000);
    work = stage_next_send();
    cr_expect(stage_next() == NULL);
    stage_sent(work);
    cr_expect(stage_drain_now() == 3);
    cr_expect(stage_scope(SCOPE_ENDPOINT, "https://e0.example").failures == 0);
}

Test(dispatcher_failures, any_answer_in_the_chats_own_form_proves_the_endpoint)
{
    stage.dice = 1000;
    stage_unsent(first_of_many());
    stage_drain_now();
    stage_pass(1000);
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    cr_expect(stage_drain_now() >= 2);
    cr_expect(stage_scope(SCOPE_ENDPOINT, "https://e0.example").failures == 0);
}

Test(dispatcher_failures, many_requests_that_die_together_are_one_failure)
{
    struct work *works[5];
    stage.dice = 1000;
    for (int thread = 0; thread < 4; thread++)
        stage_add(thread, PRIORITY_NORMAL);
    stage_add(0, PRIORITY_BULK);
    for (size_t i = 0; i < 5; i++)
        works[i] = stage_next_send();
    for (size_t i = 0; i < 5; i++) {
        stage_pass(10);
        stage_unsent(works[i]);
    }
    cr_expect(stage_scope(SCOPE_ENDPOINT, "https://e0.example").failures == 1);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 960);
}

Test(dispatcher_failures, no_probe_while_others_are_still_under_way)
{
    stage.dice = 500;
    stage_add(0, PRIORITY_NORMAL);
    stage_add(1, PRIORITY_NORMAL);
    struct work *first = stage_next_send(), *second = stage_next_send();
    stage_unsent(first);
    stage_pass(5000);
    cr_expect(stage_next() == NULL);
    stage_sent(second);
    stage_next_send();
}

Test(dispatcher_failures, a_definite_no_of_the_endpoint_needs_no_look)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 302, SCOPE_ENDPOINT, DELIVERY_NO_WAIT);
    cr_expect(!stage_in_doubt(id));
    cr_expect(stage_id(stage_next_send()) == id);
}

Test(dispatcher_failures, service_unavailable_waits_as_long_as_it_says)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 503, SCOPE_ENDPOINT, 30000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 30000);
}

Test(dispatcher_failures, three_throttled_threads_are_the_endpoints_trouble)
{
    struct work *works[4];
    for (int thread = 0; thread < 3; thread++)
        stage_add(thread, PRIORITY_NORMAL);
    for (size_t i = 0; i < 3; i++)
        works[i] = stage_next_send();
    stage_refused(works[0], 429, SCOPE_THREAD, 5000);
    stage_refused(works[1], 429, SCOPE_THREAD, 5000);
    cr_expect(stage_scope(SCOPE_ENDPOINT, "https://e0.example").failures == 0);
    stage_refused(works[2], 429, SCOPE_THREAD, 5000);
    cr_expect(stage_scope(SCOPE_ENDPOINT, "https://e0.example").failures == 1);
    stage_pass(5000);
    works[0] = stage_next_send();
    cr_expect(stage_next() == NULL); /* a probe */
    stage_sent(works[0]);
    cr_expect(stage_drain_now() == 2);
}

Test(dispatcher_failures, throttled_threads_with_one_accepted_in_between_are_not)
{
    for (int thread = 0; thread < 3; thread++) {
        for (int i = 0; i < 2; i++)
            stage_add(thread, PRIORITY_NORMAL);
        if (thread == 2)
            stage_sent(stage_next_send());
        stage_refused(stage_next_send(), 429, SCOPE_THREAD, 60000);
    }
    cr_expect(stage_scope(SCOPE_ENDPOINT, "https://e0.example").failures == 0);
}

/* ---- the budget is shared with others ------------------------------------------------------- */

static int64_t pace_percent(void)
{
    return stage_scope(SCOPE_THREAD, "1").pace_percent;
}

Test(dispatcher_failures, throttled_below_our_own_pace_we_go_at_half_of_it_and_creep_back)
{
    stage.limits =
        (struct pacer_limits){ .paces = { { 2, 1000 } }, .pace_count = 1, .pace_percent = 100 };
    stage_configure();
    for (int i = 0; i < 400; i++)
        stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 429, SCOPE_THREAD, 100);
    cr_expect(pace_percent() == 50);
    stage_pass(1001);
    stage_refused(stage_next_send(), 429, SCOPE_THREAD, 100);
    cr_expect(pace_percent() == 25);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 2001);
    stage_pass(10000);
    stage_sent(stage_next_send());
    cr_expect(pace_percent() > 25 && pace_percent() < 35);
    for (int i = 0; i < 200; i++) {
        stage_pass(5000);
        stage_sent(stage_next_send());
    }
    cr_expect(pace_percent() == 100);
    stage_pass(5000);
    stage_sent(stage_next_send());
    stage_sent(stage_next_send());
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 1001);
}

Test(dispatcher_failures, the_pace_has_a_floor_and_survives_a_restart)
{
    stage_add(0, PRIORITY_NORMAL);
    for (int i = 0; i < 20; i++) {
        stage_refused(stage_next_send(), 429, SCOPE_THREAD, 100);
        stage_pass(100);
    }
    cr_expect(pace_percent() >= 5);
    int64_t before = pace_percent();
    stage_crash(1000);
    cr_expect(pace_percent() == before);
}

/* ---- what survives -------------------------------------------------------------------------- */

Test(dispatcher_failures, a_wait_survives_a_restart)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    stage_crash(20000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 40000);
    stage_pass(40000);
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 120000);
}
