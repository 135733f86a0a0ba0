#include "base/text.h"
#include "chat/verdict.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { NOW_AT_S = 1795298400 }; /* Sat, 21 Nov 2026 22:00:00 GMT */
static const msec_t now_at = (msec_t)NOW_AT_S * 1000;

static const char documented[] = "{\"error\":{\"code\":\"Some\",\"message\":\"It is so.\"}}";
static const char observed[] =
    "{\r\n  \"CommunicationError\": {\r\n    \"Code\": \"Some\",\r\n    \"Details\": []\r\n  "
    "}\r\n}";
static const char page[] = "<html><body>502</body></html>";

static struct http_reply answered(int status, const char *body)
{
    return (struct http_reply){ .progress = HTTP_ANSWERED,
                                .status = status,
                                .body = body,
                                .body_length = strlen(body),
                                .failure_text = "" };
}

static void expect(int status, const char *body, enum outcome outcome, enum scope scope)
{
    struct http_reply reply = answered(status, body);
    struct delivery delivery = verdict_of_send(&reply, now_at);
    cr_expect_eq(delivery.outcome, outcome, "%d %s: outcome %d", status, body, delivery.outcome);
    cr_expect_eq(delivery.scope, scope, "%d %s: scope %d", status, body, delivery.scope);
    cr_expect_eq(delivery.throttled, status == 429);
    cr_expect_eq(delivery.http, status);
    cr_expect_eq(delivery.wait_ms, DELIVERY_NO_WAIT);
}

static void expect_in_any_form(int status, enum outcome outcome, enum scope scope)
{
    expect(status, documented, outcome, scope);
    expect(status, observed, outcome, scope);
    expect(status, page, outcome, scope);
    expect(status, "", outcome, scope);
}

static void expect_by_form(int status, enum scope in_api_form)
{
    expect(status, documented, OUTCOME_REFUSED, in_api_form);
    expect(status, observed, OUTCOME_REFUSED, in_api_form);
    expect(status, page, OUTCOME_REFUSED, SCOPE_ENDPOINT);
    expect(status, "", OUTCOME_REFUSED, SCOPE_ENDPOINT);
    expect(status, "{\"error\":\"no\"}", OUTCOME_REFUSED, SCOPE_ENDPOINT);
    expect(status, "{\"error\":{\"message\":\"no code\"}}", OUTCOME_REFUSED, SCOPE_ENDPOINT);
}

Test(verdict, the_form_of_the_error_tells_the_chat_from_a_gateway)
{
    expect_by_form(400, SCOPE_UNCLEAR);
    expect_by_form(403, SCOPE_MEMBER);
    expect_by_form(404, SCOPE_THREAD);
}

Test(verdict, some_statuses_count_in_any_form)
{
    expect_in_any_form(401, OUTCOME_REFUSED, SCOPE_SENDER);
    expect_in_any_form(413, OUTCOME_REFUSED, SCOPE_MESSAGE);
    expect_in_any_form(415, OUTCOME_REFUSED, SCOPE_MESSAGE);
    expect_in_any_form(429, OUTCOME_REFUSED, SCOPE_THREAD);
}

Test(verdict, any_other_4xx_is_the_endpoints)
{
    static const char ruled[] = "400 401 403 404 408 413 415 429";
    for (int status = 400; status < 500; status++) {
        char digits[16];
        snprintf(digits, sizeof digits, "%d", status);
        if (!strstr(ruled, digits))
            expect_in_any_form(status, OUTCOME_REFUSED, SCOPE_ENDPOINT);
    }
}

Test(verdict, what_the_server_began_is_in_doubt)
{
    expect_in_any_form(408, OUTCOME_DOUBT, SCOPE_ENDPOINT);
    expect_in_any_form(500, OUTCOME_DOUBT, SCOPE_ENDPOINT);
    expect_in_any_form(502, OUTCOME_DOUBT, SCOPE_ENDPOINT);
    expect_in_any_form(503, OUTCOME_DOUBT, SCOPE_ENDPOINT);
    expect_in_any_form(504, OUTCOME_DOUBT, SCOPE_ENDPOINT);
    expect_in_any_form(599, OUTCOME_DOUBT, SCOPE_ENDPOINT);
    expect_in_any_form(999, OUTCOME_DOUBT, SCOPE_ENDPOINT);
}

Test(verdict, another_success_than_created_is_in_doubt)
{
    expect(200, "{\"id\":\"1\"}", OUTCOME_DOUBT, SCOPE_ENDPOINT);
    expect_in_any_form(202, OUTCOME_DOUBT, SCOPE_ENDPOINT);
    expect_in_any_form(204, OUTCOME_DOUBT, SCOPE_ENDPOINT);
    expect_in_any_form(299, OUTCOME_DOUBT, SCOPE_ENDPOINT);
}

Test(verdict, redirects_and_interim_answers_are_a_no)
{
    expect_in_any_form(101, OUTCOME_REFUSED, SCOPE_ENDPOINT);
    expect_in_any_form(301, OUTCOME_REFUSED, SCOPE_ENDPOINT);
    expect_in_any_form(302, OUTCOME_REFUSED, SCOPE_ENDPOINT);
    expect_in_any_form(307, OUTCOME_REFUSED, SCOPE_ENDPOINT);
    expect_in_any_form(399, OUTCOME_REFUSED, SCOPE_ENDPOINT);
}

static void expect_sent(const char *body, const char *location, const char *id)
{
    struct http_reply reply = answered(201, body);
    reply.location = location;
    struct delivery delivery = verdict_of_send(&reply, now_at);
    cr_expect_eq(delivery.outcome, OUTCOME_SENT);
    cr_expect_eq(delivery.scope, SCOPE_NONE);
    cr_expect_str_eq(delivery.remote_id, id);
}

Test(verdict, created_is_sent_even_with_a_broken_body)
{
    const char *location = "https://x.example/chat/threads/19%3Aabc@thread.v2/messages/1593";
    expect_sent("{\"id\":\"1593072104708\"}", NULL, "1593072104708");
    expect_sent("{\"id\":\"15930721047", location, "1593");
    expect_sent("", location, "1593");
    expect_sent("", NULL, "");
    expect_sent("{\"id\":15930}", NULL, "");
}

Test(verdict, a_connection_that_broke_in_the_body_does_not_unsay_created)
{
    struct http_reply reply = answered(201, "{\"id");
    reply.failure = HTTP_FAILURE_CLOSED;
    reply.location = "/messages/7";
    struct delivery delivery = verdict_of_send(&reply, now_at);
    cr_expect_eq(delivery.outcome, OUTCOME_SENT);
    cr_expect_str_eq(delivery.remote_id, "7");
}

Test(verdict, without_an_answer_it_matters_how_far_the_request_got)
{
    struct http_reply reply = { .progress = HTTP_NOTHING_SENT,
                                .body = "",
                                .failure = HTTP_FAILURE_NAME,
                                .failure_text = "Could not resolve host: x.example" };
    struct delivery delivery = verdict_of_send(&reply, now_at);
    cr_expect_eq(delivery.outcome, OUTCOME_UNSENT);
    cr_expect_eq(delivery.scope, SCOPE_ENDPOINT);
    cr_expect_eq(delivery.http, 0);
    cr_expect_str_eq(delivery.code, "name");
    cr_expect_str_eq(delivery.detail, "Could not resolve host: x.example");

    reply.progress = HTTP_SENT;
    reply.failure = HTTP_FAILURE_TIMEOUT;
    delivery = verdict_of_send(&reply, now_at);
    cr_expect_eq(delivery.outcome, OUTCOME_DOUBT);
    cr_expect_eq(delivery.scope, SCOPE_ENDPOINT);
    cr_expect_str_eq(delivery.code, "timeout");
}

Test(verdict, the_errors_own_words_are_told)
{
    struct http_reply reply = answered(403,
                                       "{\"CommunicationError\":{\"Code\":\"Forbidden\","
                                       "\"Message\":\"Not\\na\\u0007 participant.\"}}");
    reply.ms_cv = "abc.1";
    struct delivery delivery = verdict_of_send(&reply, now_at);
    cr_expect_str_eq(delivery.code, "Forbidden");
    cr_expect_str_eq(delivery.detail, "403 Forbidden: Not a\xef\xbf\xbd participant");
    cr_expect_str_eq(delivery.cv, "abc.1");
}

Test(verdict, a_gateways_words_are_not_told)
{
    struct http_reply reply = answered(502, "<html>you sent: Bearer sesame</html>");
    reply.content_type = "text/html; charset=utf-8";
    struct delivery delivery = verdict_of_send(&reply, now_at);
    cr_expect_str_eq(delivery.code, "");
    cr_expect_null(strstr(delivery.detail, "sesame"));
    cr_expect(strstr(delivery.detail, "502"), "%s", delivery.detail);
    cr_expect(strstr(delivery.detail, "(text/html)"), "%s", delivery.detail);
}

Test(verdict, long_words_are_cut_between_characters)
{
    CLEANUP(text_clear) struct text body = { 0 };
    text_add(&body, "{\"error\":{\"code\":\"");
    for (int i = 0; i < 100; i++)
        text_add(&body, "\xc3\xa4");
    text_add(&body, "\"}}");
    struct http_reply reply = answered(400, body.bytes);
    struct delivery delivery = verdict_of_send(&reply, now_at);
    cr_expect_eq(strlen(delivery.code), 62);
    cr_expect_eq(delivery.scope, SCOPE_UNCLEAR);
}

static msec_t wait_of(int status, const char *retry_after, const char *retry_after_ms)
{
    struct http_reply reply = answered(status, "");
    reply.retry_after = retry_after;
    reply.retry_after_ms = retry_after_ms;
    reply.date = "Sat, 21 Nov 2026 22:10:00 GMT";
    return verdict_of_send(&reply, now_at).wait_ms;
}

Test(verdict, a_wait_asked_for_is_passed_on)
{
    cr_expect_eq(wait_of(429, "7", NULL), 7000);
    cr_expect_eq(wait_of(503, "Sat, 21 Nov 2026 22:10:09 GMT", NULL), 9000);
    cr_expect_eq(wait_of(429, "7", "250"), 250);
    cr_expect_eq(wait_of(429, "7", "soon"), 7000);
    cr_expect_eq(wait_of(429, NULL, NULL), DELIVERY_NO_WAIT);
}

Test(verdict, a_success_of_another_kind_is_not_called_an_error)
{
    for (int status = 200; status < 300; status++) {
        struct http_reply reply = answered(status, "");
        struct delivery delivery = verdict_of_send(&reply, now_at);
        if (status == 201)
            continue;
        cr_expect_eq(delivery.outcome, OUTCOME_DOUBT);
        cr_expect_str_eq(delivery.detail + 3, ", which is no answer of the chat's to this request");
    }
}

static void expect_cut(const char *retry_after, const char *retry_after_ms, const char *note)
{
    struct http_reply reply = answered(429, documented);
    reply.retry_after = retry_after;
    reply.retry_after_ms = retry_after_ms;
    reply.date = "Sat, 21 Nov 2026 22:10:00 GMT";
    struct delivery delivery = verdict_of_send(&reply, now_at);
    cr_expect_eq(delivery.wait_ms, COURIER_LONGEST_WAIT_MS);
    const char *end = strchr(delivery.detail, ';');
    cr_assert(end != NULL, "%s", delivery.detail);
    cr_expect_str_eq(end, note);
}

Test(verdict, an_absurd_wait_is_cut_and_that_is_said)
{
    expect_cut("99999999999", NULL, "; Retry-After of 99999999999 s cut to 1h");
    expect_cut("3601", NULL, "; Retry-After of 3601 s cut to 1h");
    expect_cut("1", "3600001", "; Retry-After of 3600001 ms cut to 1h");
    expect_cut("Fri, 31 Dec 9999 23:59:59 GMT", NULL,
               "; Retry-After of Fri, 31 Dec 9999 23:59:59 GMT cut to 1h");
    expect_cut("00000000009999999999999999999999999999", NULL,
               "; Retry-After of 00000000009999999999999999999999... s cut to 1h");
    cr_expect_eq(wait_of(429, "3600", NULL), 3600000);
}

Test(verdict, what_was_cut_is_said_behind_a_long_reason)
{
    CLEANUP(text_clear) struct text body = { 0 };
    text_add(&body, "{\"error\":{\"code\":\"C\",\"message\":\"");
    for (int i = 0; i < 150; i++)
        text_add(&body, "\xc3\xa4");
    text_add(&body, "\"}}");
    struct http_reply reply = answered(429, body.bytes);
    reply.retry_after = "99999999999";
    struct delivery delivery = verdict_of_send(&reply, now_at);
    cr_expect_not_null(strstr(delivery.detail, "\xa4; Retry-After of 99999999999 s cut to 1h"));
}

Test(verdict, the_services_clock_is_noted)
{
    struct http_reply reply = answered(429, "");
    cr_expect_not(verdict_of_send(&reply, now_at).dated);
    reply.date = "Sat, 21 Nov 2026 21:50:00 GMT";
    struct delivery delivery = verdict_of_send(&reply, now_at);
    cr_expect(delivery.dated);
    cr_expect_eq(delivery.clock_ahead_ms, -600000);
    reply.date = "yesterday";
    cr_expect_not(verdict_of_send(&reply, now_at).dated);
}

static void expect_list(int status, const char *body, enum outcome outcome, enum scope scope)
{
    struct http_reply reply = answered(status, body);
    struct delivery delivery = verdict_of_list(&reply, now_at);
    cr_expect_eq(delivery.outcome, outcome, "%d: outcome %d", status, delivery.outcome);
    cr_expect_eq(delivery.scope, scope, "%d: scope %d", status, delivery.scope);
    cr_expect_str_eq(delivery.remote_id, "");
}

Test(verdict, no_message_is_to_blame_for_a_list)
{
    expect_list(200, "", OUTCOME_SENT, SCOPE_NONE);
    expect_list(201, "", OUTCOME_DOUBT, SCOPE_ENDPOINT);
    expect_list(400, documented, OUTCOME_REFUSED, SCOPE_THREAD);
    expect_list(401, "", OUTCOME_REFUSED, SCOPE_SENDER);
    expect_list(403, observed, OUTCOME_REFUSED, SCOPE_MEMBER);
    expect_list(413, "", OUTCOME_REFUSED, SCOPE_ENDPOINT);
    expect_list(500, "", OUTCOME_DOUBT, SCOPE_ENDPOINT);
}

Test(verdict, half_a_list_is_none)
{
    struct http_reply reply = answered(200, "{\"value\":[]}");
    reply.failure = HTTP_FAILURE_CLOSED;
    struct delivery delivery = verdict_of_list(&reply, now_at);
    cr_expect_eq(delivery.outcome, OUTCOME_DOUBT);
    cr_expect_eq(delivery.scope, SCOPE_ENDPOINT);
    cr_expect_str_eq(delivery.code, "closed");
}

/* ---- updates and deletes ----------------------------------------------------------------------
 */

static void expect_of_change(enum message_kind kind, int status, const char *body,
                             enum outcome outcome, enum scope scope)
{
    char remote_id[] = "1593072104708";
    const struct message message = { .kind = kind, .remote_id = remote_id };
    struct http_reply reply = answered(status, body);
    struct delivery delivery = verdict_of_change(&reply, &message, now_at);
    cr_expect_eq(delivery.outcome, outcome, "%d %s: outcome %d", status, body, delivery.outcome);
    cr_expect_eq(delivery.scope, scope, "%d %s: scope %d", status, body, delivery.scope);
    cr_expect_str_eq(delivery.remote_id, outcome == OUTCOME_SENT ? remote_id : "");
}

Test(verdict, a_change_is_done_with_204)
{
    for (int kind = MESSAGE_UPDATE; kind <= MESSAGE_DELETE; kind++) {
        expect_of_change((enum message_kind)kind, 204, "", OUTCOME_SENT, SCOPE_NONE);
        expect_of_change((enum message_kind)kind, 200, "{}", OUTCOME_SENT, SCOPE_NONE);
        expect_of_change((enum message_kind)kind, 202, "", OUTCOME_DOUBT, SCOPE_ENDPOINT);
        expect_of_change((enum message_kind)kind, 503, documented, OUTCOME_DOUBT, SCOPE_ENDPOINT);
        expect_of_change((enum message_kind)kind, 401, "", OUTCOME_REFUSED, SCOPE_SENDER);
        expect_of_change((enum message_kind)kind, 429, documented, OUTCOME_REFUSED, SCOPE_THREAD);
        expect_of_change((enum message_kind)kind, 403, observed, OUTCOME_REFUSED, SCOPE_UNCLEAR);
        expect_of_change((enum message_kind)kind, 403, page, OUTCOME_REFUSED, SCOPE_ENDPOINT);
        expect_of_change((enum message_kind)kind, 404, page, OUTCOME_REFUSED, SCOPE_ENDPOINT);
    }
}

Test(verdict, what_is_not_there_is_deleted_but_not_updated)
{
    expect_of_change(MESSAGE_DELETE, 404, observed, OUTCOME_SENT, SCOPE_NONE);
    expect_of_change(MESSAGE_UPDATE, 404, observed, OUTCOME_REFUSED, SCOPE_UNCLEAR);
}
