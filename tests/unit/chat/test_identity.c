#include "base/instant.h"
#include "base/secret_file.h"
#include "base/utf8.h"
#include "chat/identity.h"

#include <criterion/criterion.h>
#include <string.h>

/* {"exp":1631137382} */
#define DATED "e30.eyJleHAiOjE2MzExMzczODJ9.c2ln"
static const msec_t exp_at = 1631137382000;

Test(identity, asks_at_the_place_of_the_api)
{
    CLEANUP(text_clear) struct text url = { 0 };
    identity_token_url(&url, "https://a.example/", "8:acs:a_b");
    cr_expect_str_eq(url.bytes,
                     "https://a.example/identities/8%3Aacs%3Aa_b/:issueAccessToken"
                     "?api-version=2023-10-01");
}

static void expect_minutes(msec_t lifetime_ms, const char *minutes)
{
    CLEANUP(text_clear) struct text body = { 0 }, expected = { 0 };
    identity_token_body(&body, lifetime_ms);
    text_printf(&expected, "{\"scopes\":[\"chat\"],\"expiresInMinutes\":%s}", minutes);
    cr_expect_str_eq(body.bytes, expected.bytes);
}

Test(identity, asks_for_a_lifetime_that_the_api_takes)
{
    const msec_t hour_ms = 60LL * 60 * 1000;
    expect_minutes(24 * hour_ms, "1440");
    expect_minutes(hour_ms, "60");
    expect_minutes(90 * hour_ms / 60, "90");
    expect_minutes(1, "60");
    expect_minutes(48 * hour_ms, "1440");
}

static struct http_reply reply_of(int status, const char *body)
{
    return (struct http_reply){ .progress = HTTP_ANSWERED,
                                .status = status,
                                .body = body,
                                .body_length = strlen(body),
                                .failure_text = "" };
}

static void expect_token(const char *body, const char *text, msec_t expires_at)
{
    struct fresh_token token = { 0 };
    struct error err = { 0 };
    struct http_reply reply = reply_of(200, body);
    cr_assert_eq(identity_read(&reply, "access key", &token, &err), IDENTITY_TOKEN, "%s: %s", body,
                 err.text);
    cr_expect_str_eq(token.text, text);
    cr_expect_eq(token.expires_at, expires_at, "%s", body);
    secret_wipe(token.text);
}

Test(identity, the_answer_s_expiry_counts_before_the_token_s_own)
{
    msec_t later_at = 0;
    cr_assert(instant_parse_rfc3339("2021-09-08T21:43:02.001Z", &later_at));
    expect_token("{\"token\":\"" DATED "\",\"expiresOn\":\"2021-09-08T21:43:02.0016613+00:00\"}",
                 DATED, later_at);
    expect_token("{\"token\":\"" DATED "\"}", DATED, exp_at);
    expect_token("{\"token\":\"" DATED "\",\"expiresOn\":null,\"more\":[]}", DATED, exp_at);
    expect_token("{\"token\":\"opaque\"}", "opaque", MSEC_NEVER);
}

static void expect_failure(int status, const char *body, enum identity_verdict verdict,
                           const char *word)
{
    struct fresh_token token = { 0 };
    struct error err = { 0 };
    struct http_reply reply = reply_of(status, body);
    cr_expect_eq(identity_read(&reply, "access key", &token, &err), verdict, "%d %s", status, body);
    cr_expect(strstr(err.text, word), "%s", err.text);
    cr_expect_null(strstr(err.text, "sesame"), "%s", err.text);
    cr_expect_null(token.text);
}

Test(identity, a_refusal_of_the_key_is_told_from_other_failures)
{
    expect_failure(401, "{\"error\":{\"code\":\"Denied\",\"message\":\"Denied by the resource.\"}}",
                   IDENTITY_KEY_REFUSED, "401 Denied: Denied by the resource; is the access key");
    expect_failure(401, "", IDENTITY_KEY_REFUSED, "401; is the access key right?");
    expect_failure(403, "<html>", IDENTITY_KEY_REFUSED, "403");
    expect_failure(404, "", IDENTITY_FAILED, "is the identity right?");
    expect_failure(503, "sesame", IDENTITY_FAILED, "503");
    expect_failure(201, "{\"token\":\"sesame\"}", IDENTITY_FAILED, "201");
}

Test(identity, however_much_the_service_says_what_to_mend_is_said)
{
    static const char talkative[] =
        "{\"error\":{\"code\":\"AVeryLongCodeThatSaysAllThereIsToSayAboutIt\",\"message\":"
        "\"\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"
        "\u00e4\u00e4"
        "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"
        "\u00e4"
        "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"
        "\u00e4\"}}";
    for (size_t skip = 0; skip < 2; skip++) {
        struct fresh_token token = { 0 };
        struct error err = { 0 };
        struct http_reply reply = reply_of(401, talkative);
        reply.ms_cv = "abc.0";
        cr_expect_eq(identity_read(&reply, skip ? "key" : "access key", &token, &err),
                     IDENTITY_KEY_REFUSED);
        cr_expect(strstr(err.text, skip ? "; is the key right?; cv=abc.0"
                                        : "; is the access key right?; cv=abc.0"),
                  "%s", err.text);
        cr_expect_eq(utf8_valid_prefix(err.text, strlen(err.text)), strlen(err.text));
    }
}

Test(identity, a_broken_answer_is_no_token)
{
    static const char *const broken[] = {
        "",
        "sesame",
        "{\"token\":\"sesame",
        "{\"token\":17}",
        "{\"token\":\"\"}",
        "{\"token\":\"ses ame\"}",
        "{\"token\":\"sesame\\r\\nX: y\"}",
        "{\"token\":\"sesame\\u0000\"}",
        "{\"token\":\"sesame\",\"expiresOn\":\"soon\"}",
        "{\"token\":\"sesame\",\"expiresOn\":17}",
        "[{\"token\":\"sesame\"}]",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        expect_failure(200, broken[i], IDENTITY_FAILED, "cannot be used");
}

Test(identity, no_answer_is_said_in_the_network_s_words)
{
    struct fresh_token token = { 0 };
    struct error err = { 0 };
    struct http_reply reply = { .progress = HTTP_SENT, .body = "", .failure_text = "timed out" };
    cr_expect_eq(identity_read(&reply, "access key", &token, &err), IDENTITY_FAILED);
    cr_expect_str_eq(err.text, "no answer from the identity service: timed out");
}

static void expect_output(const char *output, const char *text)
{
    struct fresh_token token = { 0 };
    bool read = token_output_parse(output, strlen(output), &token, NULL);
    cr_assert_eq(read, text != NULL, "%s", output);
    if (text)
        cr_expect_str_eq(token.text, text);
    secret_wipe(token.text);
}

Test(identity, a_program_prints_a_token_or_such_an_answer)
{
    expect_output("sesame\n", "sesame");
    expect_output(" \r\n sesame", "sesame");
    expect_output("{\"token\":\"sesame\"}\n", "sesame");
    expect_output("", NULL);
    expect_output(" \n", NULL);
    expect_output("ses ame", NULL);
    expect_output("{\"token\"", NULL);
    expect_output("s\xc3\xa9same", NULL);
}
