/* A 400 that may be the message's fault or the thread's. */
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>

enum { SAME_PLACE = 1, OTHER_PLACE = 2 };

/* Threads 0 and 1 lead to one place. */
static void open_stage(void)
{
    stage_open(3);
    stage.routes[SAME_PLACE].place = stage.routes[0].place;
    stage_configure();
}

TestSuite(inspect, .init = open_stage, .fini = stage_close);

static void refuse_with_400(struct work *work)
{
    stage_refused(work, 400, SCOPE_UNCLEAR, DELIVERY_NO_WAIT);
}

/* A message in the lane of thread 0 that was refused with 400 once. */
static int64_t suspect(void)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    refuse_with_400(stage_next_send());
    cr_expect(stage_state(id) == MESSAGE_PENDING);
    cr_expect(!stage_in_doubt(id), "a refusal leaves no doubt");
    return id;
}

static void cancel(int64_t id)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    outbox_move(stage.outbox, &message, MESSAGE_CANCELLED);
    dispatcher_changed(stage.dispatcher, message.lane, stage.now);
    message_clear(&message);
}

Test(inspect, it_is_the_message_s_when_the_thread_answers_for_itself)
{
    int64_t bad = suspect(), good = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_inspection();
    cr_expect_str_eq(work->inspection.sender, "s0");
    stage_answered(work);
    work = stage_next_send();
    cr_expect(stage_id(work) == bad, "order is kept");
    refuse_with_400(work);
    cr_expect(stage_state(bad) == MESSAGE_DEAD);
    cr_expect(stage_scope(SCOPE_THREAD, "1").failures == 0);
    work = stage_next_send();
    cr_expect(stage_id(work) == good, "the lane goes on");
    stage_sent(work);
}

Test(inspect, it_is_the_thread_s_when_that_is_refused_too)
{
    int64_t id = suspect();
    stage_inspection_failed(stage_next_inspection(), 400, SCOPE_THREAD);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 60000);
    stage_pass(60000);
    refuse_with_400(stage_next_send());
    stage_inspection_failed(stage_next_inspection(), 400, SCOPE_THREAD);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 120000, "the wait doubles: only a send resets it");
    cr_expect(stage_state(id) == MESSAGE_PENDING);
}

Test(inspect, the_answer_serves_one_message_only)
{
    for (int i = 0; i < 3; i++) {
        int64_t bad = suspect();
        stage_answered(stage_next_inspection());
        refuse_with_400(stage_next_send());
        cr_expect(stage_state(bad) == MESSAGE_DEAD);
    }
}

Test(inspect, a_400_that_passes_costs_no_message)
{
    int64_t first = suspect(), second = stage_add(0, PRIORITY_NORMAL);
    stage_answered(stage_next_inspection());
    stage_sent(stage_next_send());
    refuse_with_400(stage_next_send());
    cr_expect(stage_state(second) == MESSAGE_PENDING);
    stage_answered(stage_next_inspection());
    stage_sent(stage_next_send());
    cr_expect(stage_state(first) == MESSAGE_SENT && stage_state(second) == MESSAGE_SENT);
}

Test(inspect, the_answer_is_forgotten_when_the_thread_fails)
{
    int64_t id = suspect();
    stage_answered(stage_next_inspection());
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, 1000);
    stage_pass(1000);
    refuse_with_400(stage_next_send());
    cr_expect(stage_state(id) == MESSAGE_PENDING);
}

Test(inspect, the_answer_is_of_the_thread_that_the_settings_led_to)
{
    int64_t id = suspect();
    stage_answered(stage_next_inspection());
    stage.routes[0].place = stage.routes[OTHER_PLACE].place;
    stage_configure();
    refuse_with_400(stage_next_send());
    cr_expect(stage_state(id) == MESSAGE_PENDING);
}

Test(inspect, the_answer_dies_with_a_message_that_is_cancelled)
{
    int64_t id = suspect(), next = stage_add(0, PRIORITY_NORMAL);
    stage_answered(stage_next_inspection());
    cancel(id);
    refuse_with_400(stage_next_send());
    cr_expect(stage_state(next) == MESSAGE_PENDING, "it is another's refusal that was proved");
}

Test(inspect, only_the_lane_of_the_message_waits_for_the_answer)
{
    suspect();
    struct work *question = stage_next_inspection();
    int64_t urgent = stage_add(0, PRIORITY_URGENT), other = stage_add(OTHER_PLACE, PRIORITY_NORMAL);
    stage_sent(stage_next_send());
    stage_sent(stage_next_send());
    cr_expect(stage_state(urgent) == MESSAGE_SENT && stage_state(other) == MESSAGE_SENT);
    cr_expect(stage_next() == NULL);
    stage_answered(question);
    refuse_with_400(stage_next_send());
}

Test(inspect, every_lane_asks_for_itself)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_add(SAME_PLACE, PRIORITY_NORMAL);
    struct work *one = stage_next_send(), *other = stage_next_send();
    refuse_with_400(one);
    struct work *question = stage_next_inspection();
    refuse_with_400(other);
    stage_answered(question);
    refuse_with_400(stage_next_send());
    cr_expect(stage.told[0].state == MESSAGE_DEAD);
    stage_answered(stage_next_inspection());
    refuse_with_400(stage_next_send());
    cr_expect(stage.told[0].state == MESSAGE_DEAD);
}

Test(inspect, a_question_that_comes_to_nothing_is_charged_to_its_scope)
{
    int64_t id = suspect();
    stage.dice = 1000;
    stage_inspection_failed(stage_next_inspection(), 503, SCOPE_ENDPOINT);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_scope(SCOPE_ENDPOINT, "https://e0.example").failures == 1);
    cr_expect(stage_scope(SCOPE_THREAD, "1").failures == 0);
    stage_pass(stage.again_ms);
    cr_expect(stage_id(stage_next_send()) == id);
}

Test(inspect, an_unexplained_failure_makes_the_thread_wait)
{
    suspect();
    stage_inspection_failed(stage_next_inspection(), 0, SCOPE_NONE);
    cr_expect(stage_next() == NULL, "it must not be asked again at once");
    cr_expect(stage.again_ms == 60000);
}

Test(inspect, reading_is_no_proof_that_the_thread_takes_messages)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    stage_pass(60000);
    refuse_with_400(stage_next_send());
    stage_answered(stage_next_inspection());
    cr_expect(stage_scope(SCOPE_THREAD, "1").failures == 1);
}

Test(inspect, after_a_crash_it_is_sent_and_asked_again)
{
    int64_t id = suspect();
    stage_next_inspection();
    stage_crash(1000);
    refuse_with_400(stage_next_send());
    cr_expect(stage_state(id) == MESSAGE_PENDING);
    stage_answered(stage_next_inspection());
    refuse_with_400(stage_next_send());
    cr_expect(stage_state(id) == MESSAGE_DEAD);
}

Test(inspect, a_message_cancelled_meanwhile_is_not_asked_for)
{
    int64_t id = suspect();
    struct work *question = stage_next_inspection();
    cancel(id);
    stage_answered(question);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_state(id) == MESSAGE_CANCELLED);
}
