/*
 * test_thread_condition.c - what the service's answers about a thread mean
 */
#include "daemon/thread_condition.h"

#include <criterion/criterion.h>
#include <string.h>

static const msec_t now_at = 1795262400000; /* 2026-11-21T12:00:00Z */
static const msec_t day_ms = (msec_t)24 * 60 * 60 * 1000;
static const char *const us = "8:acs:a_1";

static struct thread_condition condition;

static void forget(void)
{
    thread_condition_clear(&condition);
}

TestSuite(thread_condition, .init = forget, .fini = forget);

static void take(const char *body)
{
    json_t *json = json_loads(body, 0, NULL);
    cr_assert(json != NULL);
    thread_condition_take(&condition, json);
    json_decref(json);
}

static bool find(const char *page)
{
    json_t *json = json_loads(page, 0, NULL);
    cr_assert(json != NULL);
    bool found = thread_condition_find(&condition, json, us);
    json_decref(json);
    return found;
}

static struct delivery refusal(int http, enum scope scope, bool throttled)
{
    struct delivery delivery = { .outcome = OUTCOME_REFUSED,
                                 .http = http,
                                 .scope = scope,
                                 .throttled = throttled,
                                 .detail = "no" };
    return delivery;
}

static enum level level(void)
{
    return thread_condition_level(&condition, now_at);
}

Test(thread_condition, of_a_thread_that_did_not_tell_nobody_knows)
{
    cr_expect_eq(level(), LEVEL_LOOK);
    cr_expect_eq(thread_condition_deletes_at(&condition), 0);
}

Test(thread_condition, one_that_is_there_with_us_in_it_is_well)
{
    take("{\"id\":\"19:x\",\"topic\":\"ops\",\"createdOn\":\"2026-11-01T12:00:00Z\"}");
    cr_expect_eq(condition.reads, FACT_YES);
    cr_expect_eq(condition.sends, FACT_UNKNOWN);
    cr_expect(
        find("{\"value\":[{\"communicationIdentifier\":{\"rawId\":\"8:acs:a_2\"}},"
             "{\"communicationIdentifier\":{\"rawId\":\"8:acs:a_1\"}}]}"));
    cr_expect_eq(condition.sends, FACT_YES);
    cr_expect_eq(level(), LEVEL_WELL);
}

Test(thread_condition, we_are_known_by_either_name)
{
    cr_expect(
        find("{\"value\":[{\"communicationIdentifier\":{\"communicationUser\":"
             "{\"id\":\"8:acs:a_1\"}}}]}"));
}

Test(thread_condition, another_of_a_similar_name_is_not_us)
{
    cr_expect_not(find("{\"value\":[{\"communicationIdentifier\":{\"rawId\":\"8:acs:a_12\"}}]}"));
    cr_expect_not(find("{\"value\":[{\"communicationIdentifier\":null},null,7]}"));
    cr_expect_not(find("{}"));
    cr_expect_eq(condition.sends, FACT_UNKNOWN); /* there may be another page */
}

Test(thread_condition, who_is_on_no_page_may_not_send)
{
    take("{\"id\":\"19:x\"}");
    thread_condition_miss(&condition, us);
    cr_expect_eq(condition.reads, FACT_YES);
    cr_expect_eq(condition.sends, FACT_NO);
    cr_expect_eq(level(), LEVEL_ACT);
    cr_expect_str_eq(condition.reason, "8:acs:a_1 is no participant, and so may not send");
}

Test(thread_condition, what_refuses_us_must_be_acted_upon)
{
    const struct delivery verdict = refusal(403, SCOPE_MEMBER, false);
    thread_condition_refuse(&condition, &verdict);
    cr_expect(condition.reads == FACT_NO && condition.sends == FACT_NO);
    cr_expect_eq(level(), LEVEL_ACT);
    cr_expect_eq(condition.http, 403);
    cr_expect_str_eq(condition.reason, "no");
}

Test(thread_condition, what_passes_by_itself_says_nothing_of_the_thread)
{
    const struct delivery throttled = refusal(429, SCOPE_THREAD, true),
                          down = refusal(503, SCOPE_ENDPOINT, false);
    thread_condition_refuse(&condition, &throttled);
    cr_expect(condition.reads == FACT_UNKNOWN && condition.sends == FACT_UNKNOWN);
    thread_condition_refuse(&condition, &down);
    cr_expect(condition.reads == FACT_UNKNOWN && condition.sends == FACT_UNKNOWN);
    cr_expect_eq(level(), LEVEL_LOOK);
}

Test(thread_condition, what_was_known_is_not_forgotten_for_what_passes_by_itself)
{
    const struct delivery down = refusal(503, SCOPE_ENDPOINT, false);
    take(
        "{\"id\":\"19:x\",\"createdOn\":\"2026-11-01T12:00:00Z\",\"retentionPolicy\":"
        "{\"kind\":\"threadCreationDate\",\"deleteThreadAfterDays\":60}}");
    cr_expect(find("{\"value\":[{\"communicationIdentifier\":{\"rawId\":\"8:acs:a_1\"}}]}"));
    cr_expect_not(thread_condition_refuse(&condition, &down));
    cr_expect(condition.reads == FACT_YES && condition.sends == FACT_YES);
    cr_expect_eq(thread_condition_deletes_at(&condition), now_at + 40 * day_ms);
    cr_expect_eq(condition.http, 503);
    cr_expect_eq(level(), LEVEL_LOOK, "it may be otherwise by now");
    take("{\"id\":\"19:x\"}");
    cr_expect_not(thread_condition_hide(&condition, &down));
    cr_expect_eq(condition.sends, FACT_YES);
    take("{\"id\":\"19:x\"}");
    cr_expect(level() == LEVEL_WELL && condition.http == 0);
}

Test(thread_condition, what_refused_us_and_takes_us_again_is_asked_whether_we_may_send)
{
    const struct delivery verdict = refusal(403, SCOPE_MEMBER, false);
    take("{\"id\":\"19:x\",\"retentionPolicy\":{\"kind\":\"none\"}}");
    cr_expect(thread_condition_refuse(&condition, &verdict));
    cr_expect_null(condition.retention);
    take("{\"id\":\"19:x\"}");
    cr_expect(condition.reads == FACT_YES && condition.sends == FACT_UNKNOWN);
}

Test(thread_condition, hidden_participants_leave_the_thread_readable)
{
    const struct delivery refused = refusal(403, SCOPE_MEMBER, false),
                          down = refusal(503, SCOPE_ENDPOINT, false);
    take("{\"id\":\"19:x\"}");
    thread_condition_hide(&condition, &down);
    cr_expect_eq(condition.sends, FACT_UNKNOWN);
    thread_condition_hide(&condition, &refused);
    cr_expect_eq(condition.reads, FACT_YES);
    cr_expect_eq(condition.sends, FACT_NO);
}

Test(thread_condition, one_that_was_deleted_must_be_acted_upon)
{
    take("{\"id\":\"19:x\",\"deletedOn\":\"2026-11-20T12:00:00Z\"}");
    cr_expect_eq(level(), LEVEL_ACT);
    cr_expect_str_eq(condition.reason, "it has been deleted");
}

Test(thread_condition, a_policy_takes_it_away_so_long_after_it_was_made)
{
    take(
        "{\"id\":\"19:x\",\"createdOn\":\"2026-11-01T12:00:00Z\",\"retentionPolicy\":"
        "{\"kind\":\"threadCreationDate\",\"deleteThreadAfterDays\":30}}");
    cr_expect_eq(thread_condition_deletes_at(&condition), now_at + 10 * day_ms);
    cr_expect_eq(level(), LEVEL_LOOK);
}

Test(thread_condition, the_nearer_the_end_the_worse)
{
    cr_expect_eq(thread_condition_level_of_end(0, now_at), LEVEL_WELL);
    cr_expect_eq(thread_condition_level_of_end(now_at + 14 * day_ms + 1, now_at), LEVEL_WELL);
    cr_expect_eq(thread_condition_level_of_end(now_at + 14 * day_ms, now_at), LEVEL_LOOK);
    cr_expect_eq(thread_condition_level_of_end(now_at + 3 * day_ms + 1, now_at), LEVEL_LOOK);
    cr_expect_eq(thread_condition_level_of_end(now_at + 3 * day_ms, now_at), LEVEL_ACT);
    cr_expect_eq(thread_condition_level_of_end(now_at - day_ms, now_at), LEVEL_ACT);
}

Test(thread_condition, an_answer_tells_what_is_known_and_leaves_out_the_rest)
{
    take("{\"id\":\"19:x\",\"topic\":\"ops\",\"retentionPolicy\":{\"kind\":\"ours\",\"x\":1}}");
    json_t *members = json_object(),
           *expected = json_loads(
               "{\"reads\":true,\"topic\":\"ops\",\"retention\":{\"kind\":\"ours\",\"x\":1}}", 0,
               NULL);
    thread_condition_add(&condition, members);
    cr_expect(json_equal(members, expected));
    json_decref(members);
    json_decref(expected);
}

Test(thread_condition, a_policy_of_any_length_is_not_kept)
{
    char body[4096] = "{\"id\":\"19:x\",\"retentionPolicy\":[{}";
    for (size_t i = 0; i < 1000; i++)
        strcat(body, ",{}");
    strcat(body, "]}");
    take(body);
    cr_expect_null(condition.retention);
    take("{\"id\":\"19:x\",\"retentionPolicy\":{\"kind\":\"none\"}}");
    cr_expect(condition.retention);
}
