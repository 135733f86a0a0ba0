/*
 * test_doubt.c - what the settings want of a message whose answer was lost
 */
#include "queue/dispatcher_control.h"
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>
#include <string.h>

static const int64_t nothing[] = { 0 };

static void make(void)
{
    stage_open(2);
}

TestSuite(doubt, .init = make, .fini = stage_close);

static void want(enum on_doubt on_doubt)
{
    stage.on_doubt = on_doubt;
    stage_configure();
}

/* The first message of thread 0, whose answer was lost just now; a second one waits. */
static int64_t lose_an_answer(void)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cr_assert(stage_id(work) == id);
    stage_doubt(work);
    return id;
}

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

static bool has_reason(int64_t id, const char *part)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    bool has = message.reason && strstr(message.reason, part);
    message_clear(&message);
    return has;
}

/* ---- hold ----------------------------------------------------------------------------------- */

Test(doubt, hold_sets_it_aside_in_doubt_and_its_lane_goes_on)
{
    want(ON_DOUBT_HOLD);
    int64_t id = lose_an_answer();
    cr_expect(stage.told[0].state == MESSAGE_HELD && stage.told[0].doubted);
    cr_expect(stage_state(id) == MESSAGE_HELD && stage_in_doubt(id));
    cr_expect(has_reason(id, "on_doubt = hold"));
    stage_pass(1000); /* the endpoint's wait */
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == id + 1);
    stage_sent(work);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_next() == NULL);
}

Test(doubt, one_that_is_released_is_looked_for_and_not_held_again)
{
    want(ON_DOUBT_HOLD);
    int64_t id = lose_an_answer();
    cr_expect(control(CONTROL_RELEASE, id) == CONTROL_DONE);
    cr_expect(stage_state(id) == MESSAGE_PENDING && stage_in_doubt(id));
    stage_pass(STAGE_SETTLE_MS);
    struct work *work = stage_next_look();
    cr_expect(work->look.count == 1);
    stage_look_failed(work, 503, SCOPE_ENDPOINT);
    cr_expect(stage_state(id) == MESSAGE_PENDING && stage_in_doubt(id));
    stage_pass(1000);
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_id(stage_next_send()) == id);
}

Test(doubt, one_that_was_to_be_held_anyway_and_is_released_goes_when_it_is_not_there)
{
    want(ON_DOUBT_HOLD);
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cr_expect(control(CONTROL_HOLD, id) == CONTROL_WISHED);
    stage_doubt(work);
    cr_expect(stage_state(id) == MESSAGE_HELD);
    cr_expect(control(CONTROL_RELEASE, id) == CONTROL_DONE);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_state(id) == MESSAGE_PENDING);
    cr_expect(stage_id(stage_next_send()) == id);
}

Test(doubt, one_that_was_to_be_cancelled_is_so_when_it_is_released_and_not_there)
{
    want(ON_DOUBT_HOLD);
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cr_expect(control(CONTROL_CANCEL, id) == CONTROL_WISHED);
    stage_doubt(work);
    control(CONTROL_RELEASE, id);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_state(id) == MESSAGE_CANCELLED);
}

Test(doubt, one_that_is_released_and_found_is_sent)
{
    want(ON_DOUBT_HOLD);
    int64_t id = lose_an_answer();
    control(CONTROL_RELEASE, id);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (int64_t[]){ id, 0 });
    cr_expect(stage_state(id) == MESSAGE_SENT);
}

Test(doubt, hold_goes_for_what_a_crash_left_under_way_and_tells_of_it)
{
    want(ON_DOUBT_HOLD);
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_add(0, PRIORITY_NORMAL);
    stage_next_send();
    stage_crash(1000);
    cr_expect(stage_id(stage_next_send()) == id + 1);
    cr_expect(stage.held == 1);
    cr_expect(stage_state(id) == MESSAGE_HELD && stage_in_doubt(id));
    stage_crash(1000);
    control(CONTROL_RELEASE, id);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (int64_t[]){ id, id + 1, 0 });
    cr_expect(stage_state(id) == MESSAGE_SENT);
}

Test(doubt, hold_waits_for_a_thread_that_is_not_in_the_settings)
{
    want(ON_DOUBT_HOLD);
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_next_send();
    stage.routes[0].removed = true;
    stage_crash(1000);
    cr_expect(stage_next() == NULL && stage_state(id) == MESSAGE_PENDING);
    stage.routes[0].removed = false;
    stage_configure();
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_state(id) == MESSAGE_HELD && stage_in_doubt(id));
}

Test(doubt, a_wish_stays_with_what_is_held_until_it_is_known_what_became_of_it)
{
    want(ON_DOUBT_HOLD);
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cr_expect(control(CONTROL_CANCEL, id) == CONTROL_WISHED);
    stage_doubt(work);
    cr_expect(stage_state(id) == MESSAGE_HELD);
    control(CONTROL_RELEASE, id);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_state(id) == MESSAGE_CANCELLED && !stage_in_doubt(id));
}

/* ---- out of reach --------------------------------------------------------------------------- */

/* Thread 0 leads to another place, at an endpoint of its own if `elsewhere`. */
static void leave_place(bool elsewhere)
{
    for (int thread = 0; thread < 2; thread++)
        stage.routes[thread].endpoint = elsewhere;
    stage.routes[0].place = 9;
    stage_configure();
}

static void expect_set_aside(int64_t id)
{
    cr_expect(stage_state(id) == MESSAGE_HELD && stage_in_doubt(id));
    cr_expect(has_reason(id, "cannot be searched any more"));
}

Test(doubt, one_that_nobody_can_look_for_is_set_aside_and_its_lane_goes_on)
{
    int64_t id = lose_an_answer();
    leave_place(true);
    stage_pass(STAGE_SETTLE_MS);
    struct work *work = stage_next_send();
    expect_set_aside(id);
    cr_expect(stage.held == 1, "it is told");
    cr_expect(stage_id(work) == id + 1);
    stage_sent(work);

    control(CONTROL_RELEASE, id);
    cr_expect(stage_next() == NULL);
    expect_set_aside(id);
    leave_place(false);
    control(CONTROL_RELEASE, id);
    stage_looked(stage_next_look(), true, (int64_t[]){ id, 0 });
    cr_expect(stage_state(id) == MESSAGE_SENT);
}

Test(doubt, one_that_a_place_that_was_left_refuses_to_show_is_set_aside)
{
    int64_t id = lose_an_answer();
    leave_place(false);
    stage_pass(STAGE_SETTLE_MS);
    stage_look_failed(stage_next_look(), 404, SCOPE_THREAD);
    expect_set_aside(id);
    cr_expect(stage.told[0].state == MESSAGE_HELD && stage.told[0].by_look);
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == id + 1);
    stage_sent(work);

    control(CONTROL_RELEASE, id);
    stage_pass(60000);
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_state(id) == MESSAGE_PENDING && !stage_in_doubt(id));
}

Test(doubt, what_its_place_may_show_yet_is_waited_for)
{
    static const struct {
        int http;
        enum scope scope;
        bool leaves;
    } rows[] = { { 404, SCOPE_THREAD, false },
                 { 403, SCOPE_MEMBER, false },
                 { 429, SCOPE_THREAD, true },
                 { 401, SCOPE_SENDER, true },
                 { 503, SCOPE_ENDPOINT, true } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t id = lose_an_answer();
        if (rows[i].leaves)
            leave_place(false);
        stage_pass(STAGE_SETTLE_MS);
        stage_look_failed(stage_next_look(), rows[i].http, rows[i].scope);
        cr_expect(stage_state(id) == MESSAGE_PENDING && stage_in_doubt(id), "row %zu", i);
        stage_close();
        make();
    }
}

Test(doubt, one_out_of_reach_is_risked_where_that_is_wanted)
{
    int64_t id = lose_an_answer();
    want(ON_DOUBT_RISK_TWICE);
    leave_place(true);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_id(stage_next_send()) == id);
}

/* ---- risk_twice ----------------------------------------------------------------------------- */

Test(doubt, risk_twice_sends_again_without_a_look_before_all_others)
{
    want(ON_DOUBT_RISK_TWICE);
    int64_t id = lose_an_answer();
    cr_expect(stage.told[0].state == MESSAGE_PENDING && !stage.told[0].doubted);
    stage_pass(1000); /* the endpoint's wait */
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == id);
    stage_sent(work);
    cr_expect(stage_state(id) == MESSAGE_SENT && !stage_in_doubt(id));
}

Test(doubt, risk_twice_goes_for_what_a_crash_left_under_way)
{
    want(ON_DOUBT_RISK_TWICE);
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_next_send();
    stage_crash(0);
    cr_expect(stage_id(stage_next_send()) == id);
}

Test(doubt, what_may_still_arrive_counts_in_the_windows_though_it_is_risked)
{
    stage.limits =
        (struct pacer_limits){ .paces = { { 2, 10000 } }, .pace_count = 1, .pace_percent = 100 };
    want(ON_DOUBT_RISK_TWICE);
    lose_an_answer();
    stage_pass(1000);
    stage_sent(stage_next_send());
    stage_pass(10000 -
               1); /* a window after the lost one's end: but it may arrive until it settled */
    cr_expect(stage_next() == NULL);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_next_send() != NULL);
}

static bool may_have_appeared(int64_t id, enum message_state state)
{
    return stage_state(id) == state && stage_in_doubt(id);
}

Test(doubt, one_that_was_risked_and_ends_unsent_may_have_appeared)
{
    want(ON_DOUBT_RISK_TWICE);
    int64_t id = lose_an_answer();
    control(CONTROL_CANCEL, id);
    cr_expect(may_have_appeared(id, MESSAGE_CANCELLED));

    int64_t dead = id + 1;
    stage_pass(1000);
    stage_doubt(stage_next_send());
    stage_pass(2000);
    stage_refused(stage_next_send(), 413, SCOPE_MESSAGE, DELIVERY_NO_WAIT);
    cr_expect(may_have_appeared(dead, MESSAGE_DEAD));

    int64_t late = stage_add_timed(0, PRIORITY_NORMAL, 0, stage.now.at + 500);
    stage_doubt(stage_next_send());
    stage_pass(500);
    stage_next();
    cr_expect(may_have_appeared(late, MESSAGE_EXPIRED));

    int64_t untried = stage_add(1, PRIORITY_NORMAL);
    control(CONTROL_CANCEL, untried);
    cr_expect(!stage_in_doubt(untried));
}

Test(doubt, a_wish_is_done_when_a_risked_attempt_has_ended_in_doubt)
{
    want(ON_DOUBT_RISK_TWICE);
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cr_expect(control(CONTROL_CANCEL, id) == CONTROL_WISHED);
    stage_doubt(work);
    cr_expect(may_have_appeared(id, MESSAGE_CANCELLED));
}

Test(doubt, one_that_is_worthless_by_the_time_its_doubt_is_dropped_expires)
{
    want(ON_DOUBT_RISK_TWICE);
    int64_t id = stage_add_timed(0, PRIORITY_NORMAL, 0, stage.now.at + 5000);
    stage_next_send();
    stage_crash(10000);
    cr_expect(stage_next() == NULL);
    cr_expect(may_have_appeared(id, MESSAGE_EXPIRED));
}
