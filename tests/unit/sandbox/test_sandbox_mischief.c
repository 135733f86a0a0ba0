#include "sandbox/mischief.h"

#include <criterion/criterion.h>

static void make_created(struct answer *answer)
{
    answer_init(answer);
    answer_header(answer, "Location", "here");
    answer_json(answer, 201, json_pack("{s:s}", "id", "17"));
}

Test(mischief, a_status_alone_has_the_body_of_its_kind)
{
    const struct fault fault = { .status = 503, .stored = true };
    struct answer answer;
    make_created(&answer);
    mischief_alter(&fault, &answer, ERROR_DOCUMENTED, 0);
    cr_expect_eq(answer.status, 503);
    cr_expect_str_eq(answer.body.bytes,
                     "{\"error\":{\"code\":\"ServiceUnavailable\",\"message\":\"\"}}");
    answer_clear(&answer);
}

Test(mischief, another_success_keeps_what_was_to_be_said)
{
    const struct fault fault = { .status = 202, .stored = true };
    struct answer answer;
    make_created(&answer);
    mischief_alter(&fault, &answer, ERROR_OBSERVED, 0);
    cr_expect_eq(answer.status, 202);
    cr_expect_str_eq(answer.body.bytes, "{\"id\":\"17\"}");
    answer_clear(&answer);
}

Test(mischief, a_body_of_its_own_keeps_status_and_headers)
{
    char text[] = "<oops";
    const struct fault fault = { .text = text, .stored = true };
    struct answer answer;
    make_created(&answer);
    mischief_alter(&fault, &answer, ERROR_OBSERVED, 0);
    cr_expect_eq(answer.status, 201);
    cr_expect_str_eq(answer.body.bytes, "<oops");
    cr_expect_str_eq(evhttp_find_header(&answer.headers, "Location"), "here");
    answer_clear(&answer);
}

Test(mischief, the_observed_error_has_crlf_and_capitals)
{
    struct answer answer;
    answer_init(&answer);
    answer_error(&answer, ERROR_OBSERVED, 404, "No \"such\" thread.");
    cr_expect_str_eq(answer.body.bytes,
                     "{\r\n"
                     "  \"CommunicationError\": {\r\n"
                     "    \"Code\": \"NotFound\",\r\n"
                     "    \"Message\": \"No \\\"such\\\" thread.\",\r\n"
                     "    \"Details\": []\r\n"
                     "  }\r\n"
                     "}");
    cr_expect_str_eq(evhttp_find_header(&answer.headers, "Content-Type"), "application/json");
    answer_clear(&answer);
}

Test(mischief, says_when_to_come_back_in_every_form)
{
    static const struct {
        enum retry_after_form form;
        const char *name, *value;
    } cases[] = {
        { RETRY_AFTER_SECONDS, "Retry-After", "3" },
        { RETRY_AFTER_DATE, "Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT" },
        { RETRY_AFTER_MS, "retry-after-ms", "2500" },
        { RETRY_AFTER_X_MS, "x-ms-retry-after-ms", "2500" },
    };
    const msec_t now_at = 784111777000; /* Sun, 06 Nov 1994 08:49:37 GMT */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct answer answer;
        answer_init(&answer);
        answer_retry_after(&answer, cases[i].form, 2500, now_at);
        cr_expect_str_eq(evhttp_find_header(&answer.headers, cases[i].name), cases[i].value);
        answer_clear(&answer);
    }
}

Test(mischief, cuts_where_it_is_told_and_never_beyond_the_end)
{
    const struct fault nothing = { .bytes = 0 }, line = { .bytes = 12 };
    const struct fault beyond = { .bytes = 1000000 }, half = { .bytes = -1 };
    struct text raw = { 0 };
    struct answer answer;
    make_created(&answer);
    mischief_raw(&answer, &raw);
    cr_expect(strstr(raw.bytes, "\r\nContent-Length: 11\r\n\r\n{\"id\":\"17\"}"));
    cr_expect_eq(mischief_cut(&nothing, &answer, &raw), 0);
    cr_expect_eq(mischief_cut(&line, &answer, &raw), 12);
    cr_expect_eq(mischief_cut(&beyond, &answer, &raw), raw.length);
    cr_expect_eq(mischief_cut(&half, &answer, &raw), raw.length - 6);
    text_clear(&raw);
    answer_clear(&answer);
}
