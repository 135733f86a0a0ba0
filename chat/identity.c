#include "chat/identity.h"

#include "chat/api_error.h"
#include "chat/header_text.h"
#include "chat/url.h"

const char identity_vector_mark[] = "; cv=";

static const char api_version[] = "2023-10-01";

enum { MINUTE_MS = 60 * 1000, SHORTEST_MINUTES = 60, LONGEST_MINUTES = 24 * 60 };

void identity_token_url(struct text *url, const char *endpoint, const char *identity)
{
    url_add_endpoint(url, endpoint);
    text_add(url, "/identities/");
    url_add_encoded(url, identity);
    text_printf(url, "/:issueAccessToken?api-version=%s", api_version);
}

void identity_token_body(struct text *body, msec_t lifetime_ms)
{
    msec_t minutes = lifetime_ms / MINUTE_MS;
    minutes = msec_min(msec_max(minutes, SHORTEST_MINUTES), LONGEST_MINUTES);
    text_printf(body, "{\"scopes\":[\"chat\"],\"expiresInMinutes\":%d}", (int)minutes);
}

static void describe_refusal(const struct http_reply *reply, const char *credential,
                             struct error *err)
{
    struct api_error error;
    char cv[80] = "";
    bool is_key = reply->status == 401 || reply->status == 403;
    header_text_copy(cv, sizeof cv, reply->ms_cv);
    if (!api_error_parse(reply->body, reply->body_length, &error))
        error = (struct api_error){ 0 };
    error_set(err, "the identity service answered %d%s%s%s%s%s%s%s", reply->status,
              error.code[0] ? " " : "", error.code, error.message[0] ? ": " : "", error.message,
              is_key                 ? "; is the "
              : reply->status == 404 ? "; is the identity right?"
                                     : "",
              is_key ? credential : "", is_key ? " right?" : "");
    if (cv[0]) {
        struct error before = *err;
        error_set(err, "%.170s%s%s", before.text, identity_vector_mark, cv);
    }
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
