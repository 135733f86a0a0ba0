#include "base/secret_file.h"
#include "chat/managed_identity.h"

#include <criterion/criterion.h>
#include <string.h>

#define PLACE "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
#define RESOURCE "&resource=https%3A%2F%2Fcommunication.azure.com%2F"

Test(managed_identity, is_asked_for_the_identity_that_is_meant)
{
    CLEANUP(text_clear) struct text system = { 0 };
    CLEANUP(text_clear) struct text assigned = { 0 };
    managed_identity_url(&system, "http://169.254.169.254", "system");
    managed_identity_url(&assigned, "http://169.254.169.254/", "a&b");
    cr_expect_str_eq(system.bytes, PLACE RESOURCE);
    cr_expect_str_eq(assigned.bytes, PLACE RESOURCE "&client_id=a%26b");
}

static char *answer(int status, const char *body, struct error *err)
{
    const struct http_reply reply = { .progress = status ? HTTP_ANSWERED : HTTP_SENT,
                                      .status = status,
                                      .body = body,
                                      .body_length = strlen(body),
                                      .failure_text = "timed out" };
    return managed_identity_read(&reply, err);
}

Test(managed_identity, the_token_is_one_word)
{
    struct error err = { 0 };
    char *token = answer(200, "{\"access_token\":\"eyJ.a.b\",\"expires_in\":\"86399\"}", &err);
    cr_expect_str_eq(token, "eyJ.a.b");
    secret_wipe(token);
}

Test(managed_identity, anything_else_is_said_without_repeating_it)
{
    static const struct {
        int status;
        const char *body, *said;
    } cases[] = {
        { 0, "", "no answer from the metadata service: timed out" },
        { 200, "{\"access_token\":\"a\\r\\nX: b\"}",
          "the metadata service's answer holds no access_token" },
        { 200, "{\"access_token\":\"a\\u0000b\"}",
          "the metadata service's answer holds no access_token" },
        { 200, "{\"access_token\":\"\"}", "the metadata service's answer holds no access_token" },
        { 200, "{\"access_token\":7}", "the metadata service's answer holds no access_token" },
        { 200, "<html>", "the metadata service's answer holds no access_token" },
        { 400, "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}",
          "the metadata service answered 400 invalid_request: Identity not found" },
        { 404, "", "the metadata service answered 404" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = { 0 };
        cr_expect_null(answer(cases[i].status, cases[i].body, &err));
        cr_expect_str_eq(err.text, cases[i].said);
    }
}
