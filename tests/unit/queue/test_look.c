/*
 * test_look.c - in doubt: look before you post
 */
#include "queue/adoption.h"
#include "queue/change.h"
#include "queue/diagnosis.h"
#include "queue/dispatcher_control.h"
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const int64_t nothing[] = { 0 };

static void make(void)
{
    stage_open(4);
}

TestSuite(look, .init = make, .fini = stage_close);

/* A message of this lane whose answer was lost just now. */
static int64_t doubted(int thread, enum priority priority)
{
    int64_t id = stage_add(thread, priority);
    struct work *work = stage_next_send();
    cr_assert(stage_id(work) == id);
    stage_doubt(work);
    return id;
}

/* ---- the three ends of a look --------------------------------------------------------------- */

Test(look, found_is_sent_and_takes_over_its_id)
{
    int64_t id = doubted(0, PRIORITY_NORMAL);
    int64_t next = stage_add(0, PRIORITY_NORMAL);
    cr_expect(stage.told[0].doubted && stage.told[0].retry_ms == STAGE_SETTLE_MS);
    cr_expect(stage_in_doubt(id));
    stage_pass(STAGE_SETTLE_MS);
    struct work *work = stage_next_look();
    cr_expect(work->look.count == 1);
    cr_expect_str_eq(work->look.thread, "19:0@thread.v2");
    cr_expect_str_eq(work->look.endpoint, "https://e0.example");
    cr_expect_str_eq(work->look.sender, "s0");
    cr_expect(stage_next() == NULL);
    stage_looked(work, true, (int64_t[]){ id, 0 });
    cr_expect(stage_state(id) == MESSAGE_SENT && !stage_in_doubt(id));
    cr_expect(stage.told[0].by_look && stage.told[0].state == MESSAGE_SENT);
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    cr_expect_str_eq(message.remote_id, "1700000010000");
    message_clear(&message);
    cr_expect(stage_id(stage_next_send()) == next);
}

Test(look, surely_not_there_is_sent_again_before_all_others)
{
    int64_t id = doubted(0, PRIORITY_NORMAL);
    stage_add(0, PRIORITY_NORMAL);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_state(id) == MESSAGE_PENDING && !stage_in_doubt(id));
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == id);
    stage_sent(work);
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    cr_expect(message.attempts == 2);
    message_clear(&message);
}

Test(look, not_seen_on_incomplete_pages_proves_nothing)
{
    int64_t seen = doubted(0, PRIORITY_NORMAL);
    int64_t unseen = doubted(0, PRIORITY_URGENT);
    stage_pass(STAGE_SETTLE_MS);
    struct work *work = stage_next_look();
    cr_expect(work->look.count == 2);
    stage_looked(work, false, (int64_t[]){ seen, 0 });
    cr_expect(stage_state(seen) == MESSAGE_SENT);
    cr_expect(stage_in_doubt(unseen));
    cr_expect(stage_next() == NULL,
              "an answer that explains nothing must not be asked for at once");
    stage_pass(stage.again_ms);
    stage_looked(stage_next_look(), true, (int64_t[]){ unseen, 0 });
    cr_expect(stage_state(unseen) == MESSAGE_SENT);
}

Test(look, a_refused_list_waits_as_its_scope_says)
{
    static const struct {
        int http;
        enum scope scope;
    } rows[] = { { 403, SCOPE_THREAD }, { 400, SCOPE_UNCLEAR }, { 413, SCOPE_MESSAGE } };
    int64_t id = doubted(0, PRIORITY_NORMAL);
    stage_pass(STAGE_SETTLE_MS);
    msec_t expected_ms = 60000;
    for (size_t i = 0; i < 3; i++) {
        stage_look_failed(stage_next_look(), rows[i].http, rows[i].scope);
        cr_expect(stage_in_doubt(id));
        cr_expect(stage_next() == NULL);
        cr_expect(stage.again_ms == expected_ms, "row %zu", i);
        cr_expect(stage.told[0].retry_ms == expected_ms && stage.told[0].doubted);
        stage_pass(expected_ms);
        expected_ms *= 2;
    }
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(!stage_in_doubt(id));
}

Test(look, reading_is_no_proof_that_the_thread_takes_messages)
{
    int64_t id = doubted(0, PRIORITY_NORMAL);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, nothing);
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    stage_pass(60000);
    stage_doubt(stage_next_send());
    cr_expect(stage_scope(SCOPE_THREAD, "1").failures == 1);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_scope(SCOPE_THREAD, "1").failures == 1);
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    cr_expect(stage_scope(SCOPE_THREAD, "1").failures == 2);
    cr_expect(!stage_in_doubt(id));
}

/* A message whose answer was lost, which is charged to its thread: the endpoint answers others. */
static int64_t doubted_by_thread(void)
{
    stage_add(1, PRIORITY_NORMAL);
    stage_sent(stage_next_send());
    int64_t id = doubted(0, PRIORITY_NORMAL);
    cr_assert(stage_scope(SCOPE_THREAD, "1").failures == 1);
    return id;
}

static int64_t failures_after_look(bool complete, int64_t found)
{
    stage_looked(stage_next_look(), complete, (int64_t[]){ found, 0 });
    return stage_scope(SCOPE_THREAD, "1").failures;
}

Test(look, what_is_found_was_taken_so_its_lost_answer_is_no_trouble_any_more)
{
    int64_t id = doubted_by_thread();
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(failures_after_look(true, id) == 0);
    struct diagnosis diagnosis = dispatcher_diagnose(
        stage.dispatcher, lane_thread(stage_lane(0, PRIORITY_NORMAL)), stage.now);
    cr_expect(!diagnosis.trouble && diagnosis.cause == CAUSE_NOTHING);
}

Test(look, what_is_not_found_leaves_the_trouble_to_the_next_attempt)
{
    doubted_by_thread();
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(failures_after_look(true, 0) == 1);
    stage_sent(stage_next_send());
    cr_expect(stage_scope(SCOPE_THREAD, "1").failures == 0);
}

Test(look, a_look_that_found_and_then_failed_is_trouble_of_its_own)
{
    stage_add(0, PRIORITY_URGENT);
    struct work *other = stage_next_send();
    int64_t id = doubted_by_thread();
    stage_doubt(other);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(failures_after_look(false, id) == 1);
    cr_expect(stage_next() == NULL, "the list must not be asked for again at once");
}

Test(look, what_was_taken_before_the_thread_refused_us_proves_nothing)
{
    int64_t id = doubted(0, PRIORITY_NORMAL);
    stage_add(1, PRIORITY_NORMAL);
    stage_pass(1000);
    stage_sent(stage_next_send()); /* the endpoint works: no probes */
    stage_add(0, PRIORITY_URGENT);
    stage_pass(STAGE_SETTLE_MS);
    struct work *send = stage_next_send(), *look = stage_next_look();
    stage_refused(send, 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    stage_looked(look, true, (int64_t[]){ id, 0 });
    cr_expect(stage_scope(SCOPE_THREAD, "1").failures == 1);
}

Test(look, what_was_taken_after_the_thread_refused_us_proves_that_it_takes_us_again)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    stage_pass(60000);
    stage_doubt(stage_next_send());
    cr_assert(stage_scope(SCOPE_THREAD, "1").http == 403);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(failures_after_look(true, id) == 0);
}

/* ---- when ----------------------------------------------------------------------------------- */

Test(look, no_look_begins_before_the_settle_time)
{
    doubted(0, PRIORITY_NORMAL);
    stage_pass(STAGE_SETTLE_MS - 1);
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 1);
    stage_pass(1);
    stage_next_look();
}

Test(look, a_lane_in_doubt_delays_no_other)
{
    doubted(0, PRIORITY_NORMAL);
    for (int i = 0; i < 5; i++) {
        stage_add(0, PRIORITY_URGENT);
        stage_add(0, PRIORITY_BULK);
        stage_add(1, PRIORITY_NORMAL);
        cr_expect(stage_drain_now() == 3);
        stage_pass(1000);
    }
}

Test(look, one_look_serves_all_lanes_of_a_thread)
{
    stage.routes[1].place = 0;
    stage_configure();
    int64_t ids[4];
    ids[0] = doubted(0, PRIORITY_NORMAL);
    ids[1] = doubted(0, PRIORITY_URGENT);
    ids[2] = doubted(1, PRIORITY_BULK);
    int64_t elsewhere = doubted(2, PRIORITY_NORMAL);
    ids[3] = 0;
    stage_add(3, PRIORITY_NORMAL);
    stage_sent(stage_next_send()); /* the endpoint works: no probes */
    stage_pass(STAGE_SETTLE_MS);
    struct work *here = stage_next_look(), *there = stage_next_look();
    if (here->look.count == 1) {
        struct work *other = here;
        here = there;
        there = other;
    }
    cr_expect(here->look.count == 3 && there->look.count == 1);
    cr_expect(stage_next() == NULL);
    stage_looked(here, true, (int64_t[]){ ids[1], 0 });
    cr_expect(stage_state(ids[1]) == MESSAGE_SENT);
    cr_expect(stage_state(ids[0]) == MESSAGE_PENDING && !stage_in_doubt(ids[0]));
    cr_expect(stage_in_doubt(elsewhere));
    stage_looked(there, true, (int64_t[]){ elsewhere, 0 });
    cr_expect(stage_drain_now() == 2);
}

Test(look, a_lane_that_settles_later_is_not_believed_absent_by_an_earlier_look)
{
    int64_t early = doubted(0, PRIORITY_NORMAL);
    stage_pass(STAGE_SETTLE_MS / 2);
    int64_t late = doubted(0, PRIORITY_URGENT);
    stage_pass(STAGE_SETTLE_MS / 2);
    struct work *work = stage_next_look();
    cr_expect(work->look.count == 1);
    stage_looked(work, true, nothing);
    cr_expect(!stage_in_doubt(early));
    cr_expect(stage_in_doubt(late));
}

Test(look, more_lanes_than_a_look_can_carry_take_several)
{
    enum { LANES = DISPATCHER_MOST_LANES_PER_LOOK + 10 };
    stage.threads = LANES;
    for (int thread = 0; thread < LANES; thread++)
        stage.routes[thread].place = 0;
    stage_configure();
    for (int thread = 0; thread < LANES; thread++)
        doubted(thread, PRIORITY_NORMAL);
    stage_pass(STAGE_SETTLE_MS);
    size_t looked_for = 0;
    for (struct work *work = stage_next(); work; work = stage_next()) {
        if (work->kind == WORK_SEND) {
            stage_sent(work);
            continue;
        }
        looked_for += work->look.count;
        stage_looked(work, true, nothing);
    }
    cr_expect(looked_for == LANES);
}

Test(look, a_look_that_is_owed_is_the_probe_of_an_endpoint)
{
    stage.dice = 1000;
    stage_add(0, PRIORITY_URGENT);
    stage_add(1, PRIORITY_BULK);
    struct work *urgent = stage_next_send(), *bulk = stage_next_send();
    stage_doubt(bulk);
    stage_pass(STAGE_SETTLE_MS);
    stage_unsent(urgent);
    stage_pass(1000);
    stage_next_look();
    cr_expect(stage_next() == NULL);
}

/* The thread that is looked at may be what is broken: then others still show that the endpoint
 * works. */
Test(look, a_look_that_failed_is_not_the_next_probe)
{
    stage.dice = 1000;
    stage_add(0, PRIORITY_URGENT);
    stage_doubt(stage_next_send());
    stage_pass(STAGE_SETTLE_MS);
    stage_look_failed(stage_next_look(), 500, SCOPE_ENDPOINT);
    int64_t bulk = stage_add(1, PRIORITY_BULK), other = stage_add(2, PRIORITY_NORMAL);
    cr_assert(stage_next() == NULL);
    stage_pass(stage.again_ms);
    struct work *probe = stage_next_send();
    cr_expect(stage_id(probe) == other, "by priority");
    stage_unsent(probe);
    cr_assert(stage_next() == NULL);
    stage_pass(stage.again_ms);
    stage_look_failed(stage_next_look(), 500, SCOPE_ENDPOINT);
    cr_assert(stage_next() == NULL);
    stage_pass(stage.again_ms);
    stage_sent(stage_next_send());
    struct work *look = stage_next_look();
    cr_expect(stage_id(stage_next_send()) == bulk, "the endpoint works");
    stage_look_failed(look, 500, SCOPE_ENDPOINT);
}

/* ---- from where ----------------------------------------------------------------------------- */

enum { MARGIN_MS = 120000 };

Test(look, begins_at_the_greatest_id_known_before_the_attempt)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_sent_as(stage_next_send(), "1700000555000");
    stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    stage_add(0, PRIORITY_URGENT);
    stage_sent_as(stage_next_send(), "1700000777000"); /* after the attempt began */
    stage_doubt(work);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_next_look()->look.since_at == 1700000555000 - MARGIN_MS);
}

Test(look, knowing_nothing_it_begins_at_the_threads_beginning)
{
    doubted(0, PRIORITY_NORMAL);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_next_look()->look.since_at == 0);
}

Test(look, ids_that_are_no_instants_are_not_believed)
{
    static const char *const ids[] = { "99999999999999999999999", "12ab", "", "-5", "7" };
    for (size_t i = 0; i < 5; i++) {
        stage_add(0, PRIORITY_NORMAL);
        stage_sent_as(stage_next_send(), ids[i]);
    }
    doubted(0, PRIORITY_NORMAL);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_next_look()->look.since_at == 0);
}

/* The endpoint's clock is this far ahead of ours, as an answer's Date header showed. */
static void learn_clock(msec_t ahead_ms)
{
    stage_add(3, PRIORITY_NORMAL);
    stage_settle(stage_next_send(), &(struct delivery){ .outcome = OUTCOME_SENT,
                                                        .http = 201,
                                                        .wait_ms = DELIVERY_NO_WAIT,
                                                        .dated = true,
                                                        .clock_ahead_ms = ahead_ms,
                                                        .remote_id = "x" });
}

Test(look, without_an_id_it_begins_at_our_start_by_the_services_clock)
{
    static const msec_t ahead_ms[] = { 0, 600000, -600000 };
    for (int i = 0; i < 3; i++) {
        learn_clock(ahead_ms[i]);
        msec_t began_at = stage.now.at;
        doubted(i, PRIORITY_NORMAL);
        stage_pass(STAGE_SETTLE_MS);
        struct work *work = stage_next_look();
        cr_expect(work->look.since_at == began_at + ahead_ms[i] - MARGIN_MS);
        stage_looked(work, true, nothing);
        stage_drain_now();
    }
}

Test(look, a_clock_of_ours_that_is_set_in_between_changes_nothing)
{
    learn_clock(-3600000); /* we are an hour fast */
    msec_t began_at = stage.now.at - 3600000;
    doubted(0, PRIORITY_NORMAL);
    stage.now.at -= 3600000; /* and are set right */
    learn_clock(0);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_next_look()->look.since_at == began_at - MARGIN_MS);
}

Test(look, a_gateways_clock_is_not_the_services)
{
    learn_clock(0);
    stage_add(3, PRIORITY_NORMAL);
    stage_settle(stage_next_send(), &(struct delivery){ .outcome = OUTCOME_REFUSED,
                                                        .scope = SCOPE_ENDPOINT,
                                                        .http = 502,
                                                        .wait_ms = DELIVERY_NO_WAIT,
                                                        .dated = true,
                                                        .clock_ahead_ms = 3600000 });
    stage_sent_as(stage_next_send(), "x");
    msec_t began_at = stage.now.at;
    doubted(0, PRIORITY_NORMAL);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_next_look()->look.since_at == began_at - MARGIN_MS);
}

Test(look, the_earliest_of_several_decides)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_sent_as(stage_next_send(), "1700000100000");
    doubted(0, PRIORITY_NORMAL);
    stage_pass(1000); /* the thread's wait */
    stage_add(0, PRIORITY_URGENT);
    stage_sent_as(stage_next_send(), "1700000200000");
    doubted(0, PRIORITY_URGENT);
    stage_pass(STAGE_SETTLE_MS);
    struct work *work = stage_next_look();
    cr_expect(work->look.count == 2);
    cr_expect(work->look.since_at == 1700000100000 - MARGIN_MS);
}

/* ---- over a restart, or a reload ------------------------------------------------------------ */

Test(look, doubt_survives_a_restart_and_waits_for_the_settle_time_from_there)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_sent_as(stage_next_send(), "1700000100000");
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_next_send();
    int64_t next = stage_add(0, PRIORITY_NORMAL);
    stage_commit();
    stage_crash(5000);
    cr_expect(stage_in_doubt(id));
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == STAGE_SETTLE_MS);
    stage_pass(STAGE_SETTLE_MS);
    struct work *work = stage_next_look();
    cr_expect(work->look.since_at == 1700000100000 - MARGIN_MS);
    stage_looked(work, true, (int64_t[]){ id, 0 });
    cr_expect(stage_id(stage_next_send()) == next);
}

Test(look, a_restart_costs_one_look_for_a_thread_however_many_were_under_way)
{
    for (int i = 0; i < 3; i++)
        stage_add(0, PRIORITY_URGENT), stage_add(0, PRIORITY_NORMAL), stage_add(0, PRIORITY_BULK);
    for (int i = 0; i < 3; i++)
        stage_next_send();
    stage_crash(1000);
    stage_pass(STAGE_SETTLE_MS);
    struct work *work = stage_next_look();
    cr_expect(work->look.count == 3);
    cr_expect(stage_next() == NULL);
    stage_looked(work, true, nothing);
    cr_expect(stage_drain_now() == 9);
}

Test(look, a_restart_during_a_look_looks_again)
{
    int64_t id = doubted(0, PRIORITY_NORMAL);
    stage_pass(STAGE_SETTLE_MS);
    stage_next_look();
    stage_crash(1000);
    cr_expect(stage_in_doubt(id));
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_id(stage_next_send()) == id);
}

Test(look, an_attempt_that_was_never_committed_never_was)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_commit();
    msec_t again_ms = 0;
    cr_expect(dispatcher_next(stage.dispatcher, stage.now, stage_stamp(), &again_ms) != NULL);
    stage_crash(1000); /* before its commit, so that nothing left us */
    cr_expect(!stage_in_doubt(id));
    cr_expect(stage_id(stage_next_send()) == id);
}

Test(look, is_made_where_the_attempt_was_though_the_thread_leads_elsewhere_now)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    stage.routes[0].place = 9;
    stage.routes[0].sender = 5;
    stage_configure();
    cr_expect_str_eq(work->parcel.sender, "s0"); /* the courier may still need it */
    cr_expect_str_eq(work->parcel.thread, "19:0@thread.v2");
    stage_doubt(work);
    stage_pass(STAGE_SETTLE_MS);
    work = stage_next_look();
    cr_expect_str_eq(work->look.thread, "19:0@thread.v2");
    cr_expect_str_eq(work->look.sender, "s5");
    stage_looked(work, true, nothing);
    work = stage_next_send();
    cr_expect(stage_id(work) == id);
    cr_expect_str_eq(work->parcel.thread, "19:9@thread.v2");
}

Test(look, goes_on_when_its_place_works_again_though_its_thread_leads_elsewhere)
{
    int64_t id = doubted(0, PRIORITY_NORMAL);
    stage.routes[0].place = 9;
    stage.routes[1].place = 0;
    stage_configure();
    stage_add(2, PRIORITY_NORMAL);
    stage_sent(stage_next_send()); /* the endpoint works: no probes */
    stage_pass(STAGE_SETTLE_MS);
    struct work *look = stage_next_look();
    stage_add(1, PRIORITY_NORMAL);
    struct work *send = stage_next_send();
    stage_look_failed(look, 429, SCOPE_THREAD);
    cr_expect(stage_next() == NULL);
    stage_sent(send);
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_id(stage_next_send()) == id);
}

Test(look, is_made_by_whoever_may_list_the_place)
{
    int64_t id = doubted(0, PRIORITY_NORMAL);
    for (int thread = 0; thread < 3; thread++)
        stage.routes[thread].endpoint = 1;
    stage.routes[3].sender = 7;
    stage_configure();
    stage_pass(STAGE_SETTLE_MS);
    struct work *work = stage_next_look();
    cr_expect_str_eq(work->look.sender, "s7");
    cr_expect_str_eq(work->look.endpoint, "https://e0.example");
    stage_looked(work, true, nothing);
    work = stage_next_send();
    cr_expect(stage_id(work) == id);
    cr_expect_str_eq(work->parcel.endpoint, "https://e1.example");
}

Test(look, doubt_without_an_attempt_is_settled_as_well)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct message message; /* as after a restored backup: everything pending is in doubt */
    cr_assert(outbox_load(stage.outbox, id, &message));
    message.doubted_at = stage.now.at;
    message.doubted_place = outbox_place(stage.outbox, "https://e0.example", "19:0@thread.v2");
    outbox_move(stage.outbox, &message, MESSAGE_PENDING);
    message_clear(&message);
    stage_commit();
    stage_crash(1000);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_id(stage_next_send()) == id);
}

/* ---- a restored outbox ---------------------------------------------------------------------- */

/* Everything that waits may have been sent by another machine. */
static void adopt_copy(void)
{
    struct adoption adoption;
    adoption_begin(&adoption, stage.outbox, true);
    while (adoption.under_way)
        adoption_step(&adoption, stage.outbox, "this one", stage.now);
    stage_commit();
    stage_crash(0);
    stage_pass(STAGE_SETTLE_MS);
}

static void add_many(int thread, enum priority priority, int count)
{
    for (int i = 0; i < count; i++)
        stage_add(thread, priority);
    stage_commit();
}

Test(look, of_a_restored_outbox_one_look_serves_all_that_waits_for_a_thread)
{
    stage.routes[1].place = 0;
    stage_configure();
    add_many(0, PRIORITY_NORMAL, 100);
    add_many(0, PRIORITY_BULK, 50);
    add_many(1, PRIORITY_NORMAL, 7);
    add_many(2, PRIORITY_NORMAL, 9);
    adopt_copy();
    int64_t own = stage_add(0, PRIORITY_NORMAL); /* in no doubt */
    struct work *work = stage_next_look(), *elsewhere = stage_next_look();
    cr_expect(work->look.count == 157 && elsewhere->look.count == 9);
    stage_looked(work, true, (int64_t[]){ 1, 2, 50, 101, 157, 0 });
    stage_looked(elsewhere, true, nothing);
    cr_expect(stage_drain_now() == 157 + 9 - 5 + 1, "and no other look");
    cr_expect(stage.found == 3, "%zu behind the heads of their lanes", stage.found);
    cr_expect(stage_state(own) == MESSAGE_SENT && stage_state(1) == MESSAGE_SENT);
}

Test(look, what_one_look_cannot_carry_is_looked_for_by_the_next)
{
    add_many(0, PRIORITY_NORMAL, LOOK_MOST_STAMPS + 10);
    adopt_copy();
    struct work *work = stage_next_look();
    cr_expect(work->look.count == LOOK_MOST_STAMPS);
    int64_t *found = calloc(LOOK_MOST_STAMPS + 1, sizeof *found);
    for (int i = 0; i < LOOK_MOST_STAMPS; i++)
        found[i] = i + 1;
    stage_looked(work, true, found);
    free(found);
    work = stage_next_look();
    cr_expect(work->look.count == 10);
    stage_looked(work, true, (int64_t[]){ LOOK_MOST_STAMPS + 10, 0 });
    cr_expect(stage_drain_now() == 9);
}

Test(look, a_look_that_was_cut_off_finds_what_it_saw_and_says_nothing_of_the_rest)
{
    add_many(0, PRIORITY_NORMAL, 10);
    adopt_copy();
    stage_looked(stage_next_look(), false, (int64_t[]){ 1, 7, 0 });
    cr_expect(stage_next() == NULL);
    stage_pass(3600000); /* the thread's wait */
    cr_expect(stage_state(7) == MESSAGE_SENT && stage_in_doubt(2) && stage_in_doubt(10));
    cr_expect(stage_next_look()->look.count == 8);
}

Test(look, what_was_found_behind_the_heads_is_written_down_in_steps_and_survives_a_crash)
{
    add_many(0, PRIORITY_NORMAL, 10);
    adopt_copy();
    stage_looked(stage_next_look(), true, (int64_t[]){ 1, 2, 3, 9, 0 });
    size_t before = stage.found;
    cr_expect(dispatcher_tend(stage.dispatcher, stage.now, 3, stage_moved, NULL), "there is more");
    stage_commit();
    cr_expect(stage.found - before == 2, "of three that were asked for");
    cr_expect(!stage_in_doubt(4) && stage_in_doubt(5));
    stage_crash(1000);
    stage_pass(STAGE_SETTLE_MS);
    cr_expect(stage_state(2) == MESSAGE_SENT);
    stage_sent(stage_next_send()); /* the fourth */
    cr_expect(stage_next_look()->look.count == 6);
}

Test(look, of_a_restored_outbox_a_look_starts_at_what_was_known_when_it_was_restored)
{
    enum { WAITING = LOOK_MOST_STAMPS + 2 };
    int64_t *found = calloc(WAITING, sizeof *found);
    msec_t known_at = stage.now.at;
    stage_add(0, PRIORITY_NORMAL);
    stage_sent(stage_next_send());
    add_many(0, PRIORITY_NORMAL, WAITING);
    adopt_copy();
    for (int i = 0; i < LOOK_MOST_STAMPS - 1; i++)
        found[i] = i + 3;
    stage_looked(stage_next_look(), true, found);
    free(found);
    struct work *work = stage_next_send(); /* the only one that was not there */
    cr_expect(stage_id(work) == 2);
    stage_doubt(work);
    stage_pass(STAGE_SETTLE_MS);
    work = stage_next_look();
    cr_expect(work->look.count == 3);
    cr_expect(work->look.since_at == known_at - 120000);
}

Test(look, what_was_restored_before_is_looked_for_from_what_was_known_then)
{
    int64_t id = stage_add(0, PRIORITY_BULK);
    adopt_copy();
    stage_add(0, PRIORITY_URGENT);
    stage_sent(stage_next_send()); /* the first message that is known of the thread */
    adopt_copy();
    struct work *work = stage_next_look();
    cr_expect(work->look.count == 1 && work->look.since_at == 0);
    stage_looked(work, true, (int64_t[]){ id, 0 });
    cr_expect(stage_state(id) == MESSAGE_SENT);
}

static void cancel(int64_t id)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    dispatcher_control(stage.dispatcher, CONTROL_CANCEL, &message, "root", stage.now);
    stage_commit();
    message_clear(&message);
}

Test(look, what_was_risked_where_the_thread_led_before_may_be_there)
{
    stage.on_doubt = ON_DOUBT_RISK_TWICE;
    stage_configure();
    int64_t risked = doubted(0, PRIORITY_NORMAL), other = stage_add(1, PRIORITY_NORMAL);
    stage.routes[0].place = 3;
    stage_configure();
    adopt_copy();
    cancel(risked);
    cancel(other);
    stage_looked(stage_next_look(), true, nothing);
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_state(risked) == MESSAGE_CANCELLED && stage_in_doubt(risked));
    cr_expect(stage_state(other) == MESSAGE_CANCELLED && !stage_in_doubt(other));
}

Test(look, of_a_restored_outbox_what_went_into_a_digest_is_found_in_it)
{
    add_many(0, PRIORITY_NORMAL, 10);
    add_many(0, PRIORITY_BULK, 3);
    adopt_copy();
    stage_looked_in_digest(stage_next_look(), 1, 7);
    cr_expect(stage_drain_now() == 3 + 3, "and not the other seven");
    for (int64_t id = 1; id <= 7; id++) {
        struct message message;
        cr_assert(outbox_load(stage.outbox, id, &message));
        cr_expect(message.state == MESSAGE_SENT && message.attempts == 0);
        cr_expect(message.reason && strstr(message.reason, "digest"));
        cr_expect(change_judge(MESSAGE_DELETE, &message) == CHANGE_NAMELESS,
                  "others are in the same post");
        message_clear(&message);
    }
}

Test(look, a_restart_forgets_no_digest_of_which_only_the_first_message_is_known)
{
    add_many(0, PRIORITY_NORMAL, LOOK_MOST_STAMPS + 10);
    adopt_copy();
    stage_looked_in_digest(stage_next_look(), 1, LOOK_MOST_STAMPS + 8);
    stage_crash(0);
    stage_pass(STAGE_SETTLE_MS);
    for (struct work *work; stage_state(LOOK_MOST_STAMPS + 10) == MESSAGE_PENDING;) {
        work = stage_next();
        cr_assert(work);
        if (work->kind == WORK_LOOK)
            stage_looked(work, true, nothing);
        else
            stage_sent(work);
    }
    struct message message;
    for (int64_t id = 1; id <= LOOK_MOST_STAMPS + 10; id++) {
        cr_assert(outbox_load(stage.outbox, id, &message));
        cr_expect(message.attempts == (id > LOOK_MOST_STAMPS + 8), "message %d", (int)id);
        message_clear(&message);
    }
}

Test(look, a_second_restore_forgets_the_digests_that_the_first_had_found)
{
    add_many(0, PRIORITY_NORMAL, 2);
    adopt_copy();
    stage_looked_in_digest(stage_next_look(), 1, 100); /* of which we have two */
    cr_assert(stage_next() == NULL && stage_state(2) == MESSAGE_SENT);
    add_many(0, PRIORITY_NORMAL, 1);
    adopt_copy();
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_drain_now() == 1, "it was in none of them");
}

Test(look, what_came_in_since_was_in_no_digest_of_the_original)
{
    add_many(0, PRIORITY_NORMAL, 2);
    adopt_copy();
    stage_looked_in_digest(stage_next_look(), 1, 100); /* of which we have two */
    int64_t id = doubted(0, PRIORITY_NORMAL);
    cr_assert(id > 2 && id <= 100);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, nothing);
    cr_expect(stage_state(id) == MESSAGE_PENDING && !stage_in_doubt(id));
    cr_expect(stage_drain_now() == 1);
}

Test(look, what_was_under_way_in_the_backup_may_have_gone_in_a_digest)
{
    int64_t id = doubted(0, PRIORITY_NORMAL);
    add_many(0, PRIORITY_NORMAL, 1);
    adopt_copy();
    stage_looked_in_digest(stage_next_look(), id, 2);
    cr_expect(stage_state(id) == MESSAGE_SENT && stage_drain_now() == 0);
}

Test(look, a_digest_may_go_beyond_what_one_look_can_carry)
{
    add_many(0, PRIORITY_NORMAL, LOOK_MOST_STAMPS + 10);
    adopt_copy();
    stage_looked_in_digest(stage_next_look(), 1, LOOK_MOST_STAMPS + 8);
    struct work *work = stage_next_look();
    cr_expect(work->look.count == 10);
    stage_looked(work, true, nothing);
    cr_expect(stage_drain_now() == 2);
}
