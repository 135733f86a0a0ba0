#include "chat/identity.h"

#include "base/utf8.h"
#include "chat/api_error.h"
#include "chat/header_text.h"
#include "chat/url.h"

#include <string.h>

/* Stands before the correlation vector, at the end of a reason: Azure's support asks for it. */
static const char vector_mark[] = "; cv=";

static const char api_version[] = "2023-10-01";

enum { MINUTE_MS = 60 * 1000, SHORTEST_MINUTES = 60, LONGEST_MINUTES = 24 * 60 };

void identity_token_url(struct text *url, const char *endpoint, const char *identity)
{
    url_add_endpoint(url, endpoint);
    text_add(url, "/identities/");
    url_add_encoded(url, identity);
    text_add(url, "/:issueAccessToken");
    url_add_version(url, api_version);
}

void identity_token_body(struct text *body, msec_t lifetime_ms)
{
    msec_t minutes = lifetime_ms / MINUTE_MS;
    minutes = msec_min(msec_max(minutes, SHORTEST_MINUTES), LONGEST_MINUTES);
    text_printf(body, "{\"scopes\":[\"chat\"],\"expiresInMinutes\":%d}", (int)minutes);
}

/* "; is the access key right?" */
static void describe_suspect(int status, const char *credential, struct text *out)
{
    if (status == 401 || status == 403)
        text_printf(out, "; is the %s right?", credential);
    else if (status == 404)
        text_add(out, "; is the identity right?");
}

/* "the identity service answered 401 Denied: No; is the access key right?; cv=abc.0" */
static void describe_refusal(const struct http_reply *reply, const char *credential,
                             struct error *err)
{
    enum { LONGEST_SENTENCE = 170 }; /* what is to be mended, and the vector, are never cut */
    CLEANUP(text_clear) struct text said = { 0 };
    CLEANUP(text_clear) struct text rest = { 0 };
    struct api_error error = { 0 };
    char cv[80] = "";
    text_printf(&said, "the identity service answered %d", reply->status);
    if (api_error_parse(reply->body, reply->body_length, &error))
        text_printf(&said, " %s%s%s", error.code, error.message[0] ? ": " : "", error.message);
    text_add(&rest, "");
    describe_suspect(reply->status, credential, &rest);
    size_t kept = utf8_cut(said.bytes, said.length, LONGEST_SENTENCE - rest.length);
    header_text_copy(cv, sizeof cv, reply->ms_cv);
    error_set(err, "%.*s%s%s%s", (int)kept, said.bytes, rest.bytes, cv[0] ? vector_mark : "", cv);
}

enum identity_verdict identity_read(const struct http_reply *reply, const char *credential,
                                    struct fresh_token *token, struct error *err)
{
    if (reply->progress != HTTP_ANSWERED) {
        error_set(err, "no answer from the identity service: %s", reply->failure_text);
        return IDENTITY_FAILED;
    }
    if (reply->status == 200) {
        if (token_answer_parse(reply->body, reply->body_length, token, err))
            return IDENTITY_TOKEN;
        error_prefix(err, "the identity service's answer cannot be used");
        return IDENTITY_FAILED;
    }
    describe_refusal(reply, credential, err);
    return reply->status == 401 || reply->status == 403 ? IDENTITY_KEY_REFUSED : IDENTITY_FAILED;
}

/* But for the correlation vector. */
static size_t reason_length(const struct error *err)
{
    const char *vector = strstr(err->text, vector_mark);
    return vector ? (size_t)(vector - err->text) : strlen(err->text);
}

bool identity_is_same_reason(const struct error *one, const struct error *other)
{
    size_t length = reason_length(one);
    return length == reason_length(other) && memcmp(one->text, other->text, length) == 0;
}
