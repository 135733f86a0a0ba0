/*
 * When a thread was cut off for long, it is told so once: however the storm came
 * and went, and whatever happened to us meanwhile.
 */
#include "queue/dispatcher_control.h"
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const msec_t minute_ms = 60000;

static void open_two(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    stage_open(2);
    stage.now.at = 1795262460000; /* 2026-11-21 12:01 UTC */
    stage.report_after_ms = 5 * minute_ms;
    stage_configure();
}

TestSuite(report, .init = open_two, .fini = stage_close);

/* A thread's messages are refused for so long, and then taken. */
static void storm(int thread, msec_t lasts_ms, int http, enum scope scope)
{
    stage_add(thread, PRIORITY_NORMAL);
    for (msec_t left_ms = lasts_ms; left_ms > 0; left_ms -= minute_ms) {
        stage_refused(stage_next_send(), http, scope, minute_ms);
        stage_pass(minute_ms);
    }
    stage_sent(stage_next_send());
}

Test(report, a_long_storm_ends_with_one_line_in_its_thread)
{
    storm(0, 39 * minute_ms, 503, SCOPE_ENDPOINT);
    cr_expect_eq(stage.reports, 1);
    cr_expect_str_eq(stage.report,
                     "relay: 12:01 to 12:40 UTC the chat was unreachable; 1 message waited");
    struct work *work = stage_next_send();
    cr_expect_eq(stage_id(work), stage.report_id);
    cr_expect_str_eq(work->parcel.message->content, stage.report);
    cr_expect_eq(work->parcel.message->kind, MESSAGE_REPORT);
    cr_expect_eq(work->parcel.message->uid, RELAY_UID);
    cr_expect_gt(work->parcel.message->expires_at, stage.now.at);
    stage_sent(work);
    cr_expect_null(stage_next());
    cr_expect_eq(stage.reports, 1);
}

Test(report, it_comes_behind_what_waited_and_counts_it)
{
    stage_add_timed(0, PRIORITY_BULK, 0, stage.now.at + 2 * minute_ms);
    stage_add_timed(0, PRIORITY_BULK, 0, stage.now.at + 2 * minute_ms);
    int64_t urgent = stage_add(0, PRIORITY_URGENT);
    for (int i = 0; i < 7; i++) {
        stage_refused(stage_next_send(), 429, SCOPE_THREAD, minute_ms);
        stage_pass(minute_ms);
    }
    stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cr_expect_eq(stage_id(work), urgent);
    stage_sent(work);
    cr_expect_str_eq(
        stage.report,
        "relay: 12:01 to 12:08 UTC the chat throttled us; 4 messages waited, 2 expired");
    stage_sent(stage_next_send());
    work = stage_next_send();
    cr_expect_eq(stage_id(work), stage.report_id);
    stage_sent(work);
}

Test(report, a_short_storm_is_not_told_of)
{
    storm(0, 5 * minute_ms, 503, SCOPE_ENDPOINT);
    cr_expect_eq(stage.reports, 0);
    cr_expect_null(stage_next());
}

Test(report, none_is_told_of_where_the_settings_do_not_want_it)
{
    stage.report_after_ms = MSEC_NEVER;
    stage_configure();
    storm(0, 60 * minute_ms, 503, SCOPE_ENDPOINT);
    cr_expect_eq(stage.reports, 0);
}

Test(report, each_scope_of_the_way_counts_and_they_are_one_storm)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 503, SCOPE_ENDPOINT, 4 * minute_ms);
    stage_pass(4 * minute_ms);
    stage_refused(stage_next_send(), 403, SCOPE_THREAD, 4 * minute_ms);
    stage_pass(4 * minute_ms);
    stage_refused(stage_next_send(), 401, SCOPE_SENDER, 4 * minute_ms);
    stage_pass(4 * minute_ms);
    stage_sent(stage_next_send());
    cr_expect_eq(stage.reports, 1);
    cr_expect_str_eq(stage.report,
                     "relay: 12:01 to 12:13 UTC the chat was unreachable and refused "
                     "us and we had no valid access token; 1 message waited");
}

Test(report, threads_for_which_nothing_waited_are_told_nothing)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 503, SCOPE_ENDPOINT, 10 * minute_ms);
    stage_pass(10 * minute_ms);
    stage_sent(stage_next_send());
    cr_expect_eq(stage.reports, 1);
}

Test(report, every_thread_behind_an_endpoint_is_told)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_add(1, PRIORITY_NORMAL);
    struct work *works[] = { stage_next_send(), stage_next_send() };
    stage_refused(works[0], 503, SCOPE_ENDPOINT, 10 * minute_ms);
    stage_refused(works[1], 503, SCOPE_ENDPOINT, 10 * minute_ms);
    stage_pass(10 * minute_ms);
    stage_sent(stage_next_send());
    stage_sent(stage_next_send());
    cr_expect_eq(stage.reports, 2);
}

Test(report, looks_that_are_answered_are_no_end_of_a_storm)
{
    int64_t message = stage_add(0, PRIORITY_NORMAL);
    for (int i = 0; i < 8; i++) {
        struct work *work = stage_next_send();
        const struct delivery lost = {
            .outcome = OUTCOME_DOUBT, .scope = SCOPE_ENDPOINT, .http = 503, .wait_ms = minute_ms
        };
        stage_settle(work, &lost);
        stage_pass(minute_ms);
        stage_looked(stage_next_look(), true, (const int64_t[]){ 0 });
        cr_expect_eq(stage.reports, 0);
    }
    struct work *work = stage_next_send();
    cr_expect_eq(stage_id(work), message);
    stage_sent(work);
    cr_expect_str_eq(stage.report,
                     "relay: 12:01 to 12:09 UTC the chat was unreachable; 1 message waited");
}

Test(report, a_pause_is_no_part_of_the_storm)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_add(1, PRIORITY_NORMAL);
    struct work *works[] = { stage_next_send(), stage_next_send() };
    stage_refused(works[0], 503, SCOPE_ENDPOINT, 10 * minute_ms);
    stage_refused(works[1], 503, SCOPE_ENDPOINT, 10 * minute_ms);
    dispatcher_pause(stage.dispatcher, lane_thread(stage_lane(1, PRIORITY_NORMAL)),
                     stage.now.at + 60 * minute_ms, stage.now);
    stage_pass(10 * minute_ms);
    stage_sent(stage_next_send());
    stage_sent(stage_next_send()); /* the report of the other thread */
    cr_expect_null(stage_next());
    stage_pass(50 * minute_ms);
    stage_sent(stage_next_send());
    cr_expect_eq(stage.reports, 2);
    cr_expect_str_eq(stage.report,
                     "relay: 12:01 to 12:11 UTC the chat was unreachable; 1 message waited");
}

Test(report, no_report_causes_another)
{
    storm(0, 10 * minute_ms, 503, SCOPE_ENDPOINT);
    for (int i = 0; i < 10; i++) {
        stage_refused(stage_next_send(), 503, SCOPE_ENDPOINT, minute_ms);
        stage_pass(minute_ms);
    }
    stage_sent(stage_next_send());
    cr_expect_eq(stage.reports, 1);
    cr_expect_eq(stage_state(stage.report_id), MESSAGE_SENT);
    cr_expect_null(stage_next());
}

Test(report, a_report_that_comes_too_late_is_dropped)
{
    storm(0, 10 * minute_ms, 503, SCOPE_ENDPOINT);
    stage_refused(stage_next_send(), 503, SCOPE_ENDPOINT, 24 * 60 * minute_ms);
    stage_pass(24 * 60 * minute_ms);
    cr_expect_null(stage_next());
    cr_expect_eq(stage_state(stage.report_id), MESSAGE_EXPIRED);
    cr_expect_eq(stage.reports, 1);
}

/* A crash every minute, and one right after the end. */
Test(report, it_is_one_however_often_we_start_anew)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_add_timed(0, PRIORITY_BULK, 0, stage.now.at + 7 * minute_ms);
    for (int i = 0; i < 9; i++) {
        stage_refused(stage_next_send(), 503, SCOPE_ENDPOINT, minute_ms);
        stage_crash(minute_ms);
    }
    stage_sent(stage_next_send());
    cr_expect_str_eq(
        stage.report,
        "relay: 12:01 to 12:10 UTC the chat was unreachable; 2 messages waited, 1 expired");
    stage_crash(0);
    cr_expect_null(stage_next_send()->parcel.message->metadata);
    cr_expect_eq(stage.reports, 1);
}

Test(report, it_is_made_in_the_turn_that_ends_the_storm_or_not_at_all)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 503, SCOPE_ENDPOINT, 10 * minute_ms);
    stage_pass(10 * minute_ms);
    int64_t message = stage_id(stage_next_send());
    stage_crash(STAGE_SETTLE_MS);
    cr_expect_eq(stage.reports, 0);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (const int64_t[]){ message, 0 });
    cr_expect_eq(stage.reports, 1);
    stage_crash(0);
    stage_sent(stage_next_send());
    cr_expect_eq(stage.reports, 1);
}

Test(report, a_second_storm_is_told_of_anew)
{
    storm(0, 10 * minute_ms, 503, SCOPE_ENDPOINT);
    stage_sent(stage_next_send());
    storm(0, 10 * minute_ms, 403, SCOPE_THREAD);
    cr_expect_eq(stage.reports, 2);
    cr_expect_str_eq(stage.report,
                     "relay: 12:11 to 12:21 UTC the chat refused us; 1 message waited");
}
