/*
 * test_dispatcher_control.c - hands on a queue that is at work
 */
#include "queue/diagnosis.h"
#include "queue/dispatcher_control.h"
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>

static void make(void)
{
    stage_open(3);
    stage.routes[2].place = 0; /* a second name of thread 0's remote thread */
    stage_configure();
}

TestSuite(dispatcher_control, .init = make, .fini = stage_close);

static enum control_verdict control(enum control what, int64_t id)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    enum control_verdict verdict =
        dispatcher_control(stage.dispatcher, what, &message, "root", stage.now);
    stage_commit();
    message_clear(&message);
    return verdict;
}

static int64_t thread_number(int thread)
{
    return lane_thread(stage_lane(thread, PRIORITY_NORMAL));
}

static const int64_t none[] = { 0 };

Test(dispatcher_control, a_cancelled_message_is_not_sent_and_the_next_goes)
{
    int64_t first = stage_add(0, PRIORITY_NORMAL), second = stage_add(0, PRIORITY_NORMAL);
    cr_expect(control(CONTROL_CANCEL, first) == CONTROL_DONE);
    cr_expect(stage_id(stage_next_send()) == second);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_state(first) == MESSAGE_CANCELLED);
}

Test(dispatcher_control, a_released_message_goes_before_those_that_came_after_it)
{
    int64_t first = stage_add(0, PRIORITY_NORMAL), second = stage_add(0, PRIORITY_NORMAL);
    control(CONTROL_HOLD, first);
    control(CONTROL_HOLD, second);
    cr_expect(stage_next() == NULL);
    int64_t third = stage_add(0, PRIORITY_NORMAL);
    control(CONTROL_RELEASE, second);
    control(CONTROL_RELEASE, first);
    static const char *const order = "first, second, third";
    int64_t expected[] = { first, second, third };
    for (size_t i = 0; i < 3; i++) {
        struct work *work = stage_next_send();
        cr_expect(stage_id(work) == expected[i], "%s", order);
        stage_sent(work);
    }
}

Test(dispatcher_control, a_message_brought_back_goes_last)
{
    int64_t first = stage_add(0, PRIORITY_NORMAL), second = stage_add(0, PRIORITY_NORMAL);
    control(CONTROL_CANCEL, first);
    cr_expect(control(CONTROL_RETRY, first) == CONTROL_DONE);
    int64_t third = stage_add(0, PRIORITY_NORMAL);
    int64_t expected[] = { second, first, third };
    for (size_t i = 0; i < 3; i++) {
        struct work *work = stage_next_send();
        cr_expect(stage_id(work) == expected[i]);
        stage_sent(work);
    }
}

Test(dispatcher_control, what_is_under_way_is_cancelled_when_it_was_refused)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cr_expect(control(CONTROL_CANCEL, id) == CONTROL_WISHED);
    cr_expect(stage_state(id) == MESSAGE_PENDING);
    stage_refused(work, 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    cr_expect(stage_state(id) == MESSAGE_CANCELLED && stage.told[0].state == MESSAGE_CANCELLED);
    stage_pass(3600000);
    cr_expect(stage_next() == NULL);
}

Test(dispatcher_control, what_is_under_way_is_sent_if_it_was_taken)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    control(CONTROL_CANCEL, id);
    stage_sent(work);
    cr_expect(stage_state(id) == MESSAGE_SENT);
}

Test(dispatcher_control, what_is_in_doubt_is_looked_for_and_then_held)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_doubt(stage_next_send());
    cr_expect(control(CONTROL_HOLD, id) == CONTROL_WISHED);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, none);
    cr_expect(stage_state(id) == MESSAGE_HELD && !stage_in_doubt(id));
    cr_expect(stage_next() == NULL);
    control(CONTROL_RELEASE, id);
    cr_expect(stage_id(stage_next_send()) == id);
}

Test(dispatcher_control, what_is_in_doubt_and_there_is_sent_whatever_was_wished)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_doubt(stage_next_send());
    control(CONTROL_CANCEL, id);
    stage_pass(STAGE_SETTLE_MS);
    const int64_t found[] = { id, 0 };
    stage_looked(stage_next_look(), true, found);
    cr_expect(stage_state(id) == MESSAGE_SENT);
}

Test(dispatcher_control, a_wish_outlives_a_crash)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_next_send();
    control(CONTROL_CANCEL, id);
    stage_crash(5000);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, none);
    cr_expect(stage_state(id) == MESSAGE_CANCELLED);
}

Test(dispatcher_control, a_wish_taken_back_is_not_done)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    control(CONTROL_CANCEL, id);
    cr_expect(control(CONTROL_RETRY, id) == CONTROL_DONE);
    stage_unsent(work);
    cr_expect(stage_state(id) == MESSAGE_PENDING);
}

Test(dispatcher_control, a_message_brought_back_that_may_have_appeared_is_looked_for_first)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_doubt(stage_next_send());
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    outbox_move(stage.outbox, &message, MESSAGE_DEAD);
    message_clear(&message);
    dispatcher_changed(stage.dispatcher, stage_lane(0, PRIORITY_NORMAL), stage.now);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_next() == NULL);
    control(CONTROL_RETRY, id);
    stage_looked(stage_next_look(), true, none);
    cr_expect(stage_id(stage_next_send()) == id);
}

Test(dispatcher_control, a_message_released_too_late_expires)
{
    int64_t id = stage_add_timed(0, PRIORITY_NORMAL, 0, stage.now.at + 1000);
    control(CONTROL_HOLD, id);
    control(CONTROL_RELEASE, id);
    stage_pass(1000);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_state(id) == MESSAGE_EXPIRED);
}

/* ---- threads -------------------------------------------------------------------------------- */

Test(dispatcher_control, a_pause_holds_the_remote_thread_under_all_its_names_and_ends_by_itself)
{
    cr_expect(
        dispatcher_pause(stage.dispatcher, thread_number(0), stage.now.at + 60000, stage.now));
    stage_commit();
    stage_add(0, PRIORITY_URGENT);
    stage_add(2, PRIORITY_NORMAL);
    int64_t other = stage_add(1, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == other);
    stage_sent(work);
    cr_expect(stage_next() == NULL && stage.again_ms == 60000);
    stage_pass(60000);
    cr_expect(stage_drain_now() == 2);
}

Test(dispatcher_control, a_pause_outlives_a_crash_and_can_be_ended)
{
    dispatcher_pause(stage.dispatcher, thread_number(0), stage.now.at + 60000, stage.now);
    stage_add(0, PRIORITY_NORMAL);
    stage_commit();
    stage_crash(10000);
    cr_expect(stage_next() == NULL && stage.again_ms == 50000);
    cr_expect(dispatcher_pause(stage.dispatcher, thread_number(0), 0, stage.now));
    cr_expect(stage_drain_now() == 1);
    cr_expect_not(dispatcher_pause(stage.dispatcher, 999, 0, stage.now));
}

Test(dispatcher_control, a_flush_ends_waits_of_ours_and_no_others)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    stage_add(1, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 429, SCOPE_THREAD, 7000);
    cr_expect(stage_next() == NULL);

    struct flushed flushed = dispatcher_flush(stage.dispatcher, thread_number(1), stage.now);
    cr_expect(flushed.forgotten == 0 && flushed.kept == 1);
    cr_expect(stage_next() == NULL);
    flushed = dispatcher_flush(stage.dispatcher, -1, stage.now);
    cr_expect(flushed.forgotten == 1 && flushed.kept == 1);
    stage_sent(stage_next_send());
    cr_expect(stage_next() == NULL && stage.again_ms == 7000);
}

Test(dispatcher_control, a_flush_leaves_the_budget_alone)
{
    stage.limits =
        (struct pacer_limits){ .paces = { { 1, 10000 } }, .pace_count = 1, .pace_percent = 100 };
    stage_configure();
    stage_add(0, PRIORITY_NORMAL);
    stage_add(0, PRIORITY_NORMAL);
    stage_sent(stage_next_send());
    dispatcher_flush(stage.dispatcher, -1, stage.now);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms >= 10000, "%d", (int)stage.again_ms);
}

/* ---- why ------------------------------------------------------------------------------------ */

static enum cause cause_of(int thread)
{
    return dispatcher_diagnose(stage.dispatcher, thread_number(thread), stage.now).cause;
}

Test(dispatcher_control, every_cause_is_told)
{
    cr_expect(cause_of(0) == CAUSE_NOTHING);
    stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cr_expect(cause_of(0) == CAUSE_UNDER_WAY);
    stage_doubt(work);
    cr_expect(cause_of(0) == CAUSE_DOUBT, "the endpoint is tried again sooner than we look");
    cr_expect(cause_of(1) == CAUSE_ENDPOINT);
    stage_pass(STAGE_SETTLE_MS);
    work = stage_next_look();
    stage_looked(work, true, none);
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, DELIVERY_NO_WAIT);

    struct diagnosis diagnosis = dispatcher_diagnose(stage.dispatcher, thread_number(0), stage.now);
    cr_expect(diagnosis.cause == CAUSE_THREAD && diagnosis.trouble->http == 403);
    cr_expect(diagnosis.next_at == stage.now.at + 60000);
    cr_expect(cause_of(1) == CAUSE_NOTHING);
    stage_add(2, PRIORITY_BULK);
    cr_expect(dispatcher_count_behind(stage.dispatcher, thread_number(0), CAUSE_THREAD) == 2);

    dispatcher_pause(stage.dispatcher, thread_number(0), stage.now.at + 1000, stage.now);
    cr_expect(cause_of(0) == CAUSE_PAUSED && cause_of(2) == CAUSE_PAUSED);
    stage.routes[0].removed = true;
    stage_configure();
    cr_expect(cause_of(0) == CAUSE_NO_THREAD);
}

/* Trouble of the endpoint must not hide it: nothing is tried before what was lost has settled. */
Test(dispatcher_control, a_doubt_is_told_with_the_time_of_the_look)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_doubt(stage_next_send());
    msec_t look_at = stage.now.at + STAGE_SETTLE_MS;
    stage_pass(STAGE_SETTLE_MS / 2);
    cr_expect(stage_next() == NULL);

    struct diagnosis of_thread = dispatcher_diagnose(stage.dispatcher, thread_number(0), stage.now);
    cr_expect(of_thread.cause == CAUSE_DOUBT && of_thread.next_at == look_at);
    struct diagnosis of_lane =
        dispatcher_diagnose_lane(stage.dispatcher, stage_lane(0, PRIORITY_NORMAL), stage.now);
    cr_expect(of_lane.cause == CAUSE_DOUBT && of_lane.next_at == look_at);
    cr_expect(level_of(&of_lane, 1, 0, stage.now.at, stage.now.at) == LEVEL_LOOK);

    stage_pass(STAGE_SETTLE_MS / 2);
    stage_next_look();
}

/* The heads that memory holds are all gone, and what is read anew is under way itself. */
Test(dispatcher_control, to_be_asked_why_while_one_is_under_way_brings_nothing_back)
{
    for (int i = 0; i < LANE_HEADS + 1; i++)
        stage_add(0, PRIORITY_NORMAL);
    for (int i = 0; i < LANE_HEADS - 1; i++)
        stage_sent(stage_next_send());
    struct work *work = stage_next_send();
    stage_add(1, PRIORITY_NORMAL);
    stage_unsent(stage_next_send());
    cr_expect(cause_of(0) == CAUSE_ENDPOINT);
    stage_sent(work);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_drain_now() == 2, "the last of each thread, and no look");
}

/* A pause that the chat asked for may be over long before the pace allows the next. */
Test(dispatcher_control, after_a_429_the_next_try_is_when_the_pace_allows_it)
{
    stage.limits =
        (struct pacer_limits){ .paces = { { 1, 10000 } }, .pace_count = 1, .pace_percent = 100 };
    stage_configure();
    stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 429, SCOPE_THREAD, 1000);
    stage_pass(2000);
    cr_expect(stage_next() == NULL && stage.again_ms >= 8000);

    struct diagnosis diagnosis = dispatcher_diagnose(stage.dispatcher, thread_number(0), stage.now);
    cr_expect(diagnosis.cause == CAUSE_THREAD);
    cr_expect(diagnosis.next_at == stage.now.at + stage.again_ms, "%d and %d",
              (int)(diagnosis.next_at - stage.now.at), (int)stage.again_ms);
}

Test(dispatcher_control, a_spent_budget_is_told)
{
    stage.limits =
        (struct pacer_limits){ .paces = { { 1, 10000 } }, .pace_count = 1, .pace_percent = 100 };
    stage_configure();
    for (int i = 0; i < 3; i++)
        stage_add(0, PRIORITY_NORMAL);
    stage_sent(stage_next_send());
    cr_expect(stage_next() == NULL);
    cr_expect(cause_of(0) == CAUSE_PACE);

    struct message last;
    cr_assert(outbox_load(stage.outbox, 3, &last));
    struct standing standing = dispatcher_standing(stage.dispatcher, &last, stage.now);
    cr_expect(standing.position == 2 && !standing.about);
    cr_expect(standing.eta_ms >= 20000 && standing.eta_ms < 21000);
    message_clear(&last);
}

Test(dispatcher_control, beyond_ten_thousand_a_position_is_an_estimate)
{
    enum { MANY = 10500 };
    for (int i = 0; i < MANY; i++)
        stage_add(1, PRIORITY_NORMAL);
    stage_commit();
    struct message last;
    cr_assert(outbox_load(stage.outbox, MANY, &last));
    struct standing standing = dispatcher_standing(stage.dispatcher, &last, stage.now);
    cr_expect(standing.about);
    cr_expect(standing.position > MANY * 9 / 10 && standing.position < MANY * 11 / 10, "%d",
              (int)standing.position);
    message_clear(&last);
}

/* ---- how bad it is -------------------------------------------------------------------------- */

static enum level level_with(enum cause cause, int http, int64_t failures, msec_t since_ms)
{
    const struct scope_record trouble = { .http = http,
                                          .failures = failures,
                                          .since_at = stage.now.at - since_ms };
    const struct diagnosis diagnosis = { .cause = cause, .trouble = failures ? &trouble : NULL };
    return level_of(&diagnosis, 1, 0, stage.now.at - 1000, stage.now.at);
}

Test(dispatcher_control, what_does_not_mend_itself_needs_somebody)
{
    enum { HOUR_MS = 3600000 };
    cr_expect(level_with(CAUSE_NOTHING, 0, 0, 0) == LEVEL_WELL);
    cr_expect(level_with(CAUSE_PACE, 0, 0, 0) == LEVEL_WELL);
    cr_expect(level_with(CAUSE_PAUSED, 0, 0, 0) == LEVEL_LOOK);
    cr_expect(level_with(CAUSE_NO_THREAD, 0, 0, 0) == LEVEL_ACT);
    cr_expect(level_with(CAUSE_THREAD, 403, 1, 0) == LEVEL_ACT);
    cr_expect(level_with(CAUSE_THREAD, 0, 2, 0) == LEVEL_LOOK, "it is being looked for");
    cr_expect(level_with(CAUSE_THREAD, 408, 2, 0) == LEVEL_LOOK);
    cr_expect(level_with(CAUSE_THREAD, 200, 2, 0) == LEVEL_LOOK);
    cr_expect(level_with(CAUSE_THREAD, 408, 2, HOUR_MS) == LEVEL_ACT);
    cr_expect(level_with(CAUSE_THREAD, 429, 9, HOUR_MS) == LEVEL_LOOK);
    cr_expect(level_with(CAUSE_SENDER, 401, 1, 0) == LEVEL_LOOK, "the next token may be good");
    cr_expect(level_with(CAUSE_SENDER, 401, 2, 0) == LEVEL_ACT);
    cr_expect(level_with(CAUSE_ENDPOINT, 0, 5, 1000) == LEVEL_LOOK);
    cr_expect(level_with(CAUSE_ENDPOINT, 503, 50, HOUR_MS) == LEVEL_ACT);

    const struct scope_record outage = { .scope = SCOPE_ENDPOINT,
                                         .failures = 5,
                                         .since_at = stage.now.at - 1000 };
    const struct diagnosis doubt = { .cause = CAUSE_DOUBT, .trouble = &outage };
    cr_expect(level_of(&doubt, 1, 0, stage.now.at, stage.now.at) == LEVEL_LOOK);

    const struct diagnosis well = { .cause = CAUSE_NOTHING };
    cr_expect(level_of(&well, 0, 1, 0, stage.now.at) == LEVEL_LOOK, "somebody holds it");
    const struct scope_record refusal = { .scope = SCOPE_THREAD, .failures = 9, .http = 404 };
    const struct diagnosis refused = { .cause = CAUSE_THREAD, .trouble = &refusal };
    cr_expect(level_of(&refused, 1, 0, 0, stage.now.at) == LEVEL_ACT);
    cr_expect(level_of(&refused, 0, 0, 0, stage.now.at) == LEVEL_LOOK, "nobody tries it");
    cr_expect(level_of(&well, 1, 0, stage.now.at - HOUR_MS, stage.now.at) == LEVEL_LOOK);
}
