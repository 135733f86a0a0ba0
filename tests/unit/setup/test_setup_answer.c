#include "setup/answer.h"

#include <criterion/criterion.h>
#include <string.h>

#define API_ERROR "{\"error\":{\"code\":\"Forbidden\",\"message\":\"No.\"}}"

static enum status judge(int status, const char *body, struct error *err)
{
    const struct http_reply reply = { .progress = HTTP_ANSWERED,
                                      .status = status,
                                      .body = body,
                                      .body_length = strlen(body),
                                      .ms_cv = "abc.1",
                                      .failure_text = "" };
    return answer_judge(&reply, 201, "the chat", err);
}

Test(setup_answer, each_status_has_its_exit_code)
{
    static const struct {
        int status;
        const char *body;
        enum status expected;
    } cases[] = {
        { 201, "", STATUS_DONE },
        { 200, "", STATUS_PROTOCOL },
        { 400, API_ERROR, STATUS_BAD_DATA },
        { 400, "<html>", STATUS_PROTOCOL },
        { 401, "", STATUS_DENIED },
        { 403, API_ERROR, STATUS_DENIED },
        { 403, "<html>", STATUS_PROTOCOL },
        { 404, API_ERROR, STATUS_NOT_FOUND },
        { 404, "", STATUS_PROTOCOL },
        { 408, "", STATUS_TRY_LATER },
        { 429, "", STATUS_TRY_LATER },
        { 503, "", STATUS_TRY_LATER },
        { 301, "", STATUS_PROTOCOL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = { 0 };
        cr_expect_eq(judge(cases[i].status, cases[i].body, &err), cases[i].expected, "%d %s",
                     cases[i].status, cases[i].body);
        if (cases[i].expected != STATUS_DONE)
            cr_expect(strstr(err.text, "(MS-CV abc.1)"), "%s", err.text);
    }
}

Test(setup_answer, nothing_of_a_foreign_body_is_repeated)
{
    struct error err = { 0 };
    judge(502, "<html>accesskey", &err);
    cr_expect_str_eq(err.text, "the chat answered 502 (MS-CV abc.1)");
    judge(502, "{\"error\":{\"message\":\"accesskey\"}}", &err);
    cr_expect_str_eq(err.text, "the chat answered 502 (MS-CV abc.1)");
    judge(403, API_ERROR, &err);
    cr_expect_str_eq(err.text, "the chat answered 403 Forbidden: No (MS-CV abc.1)");
}

Test(setup_answer, no_answer_and_half_of_one)
{
    struct error err = { 0 };
    struct http_reply reply = { .progress = HTTP_SENT, .body = "", .failure_text = "it timed out" };
    cr_expect_eq(answer_judge(&reply, 201, "the chat", &err), STATUS_UNREACHABLE);
    cr_expect_str_eq(err.text, "no answer from the chat: it timed out");
    reply = (struct http_reply){ .progress = HTTP_ANSWERED,
                                 .status = 201,
                                 .body = "{",
                                 .body_length = 1,
                                 .failure = HTTP_FAILURE_CLOSED,
                                 .failure_text = "it broke" };
    cr_expect_eq(answer_judge(&reply, 201, "the chat", &err), STATUS_UNREACHABLE);
}
