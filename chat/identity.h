/*
 * identity.h - the Identity API's operation that gives out access tokens, as bytes. Pure.
 *
 * ACS Identity 2023-10-01: POST /identities/{id}/:issueAccessToken.
 */
#ifndef CHATRELAY_CHAT_IDENTITY_H
#define CHATRELAY_CHAT_IDENTITY_H

#include "base/text.h"
#include "chat/http.h"
#include "chat/token_answer.h"

/* Both append. `identity` is a raw id, 8:acs:...; it is encoded here. */
void identity_token_url(struct text *url, const char *endpoint, const char *identity);

/* For the scope "chat". The API takes 60 to 1440 minutes: `lifetime_ms` is brought within that. */
void identity_token_body(struct text *body, msec_t lifetime_ms);

enum identity_verdict {
    IDENTITY_TOKEN,
    IDENTITY_KEY_REFUSED, /* 401, 403: another key might do */
    IDENTITY_FAILED,
};

/*
 * What the API's reply means. But for IDENTITY_TOKEN, the reason repeats no secret. `credential`
 * is what was shown to it, such as "access key", and is doubted when it refuses us.
 */
enum identity_verdict identity_read(const struct http_reply *reply, const char *credential,
                                    struct fresh_token *token, struct error *err);

/* The same, but for the correlation vectors at their ends, of which there is a new one each time.
 */
bool identity_is_same_reason(const struct error *one, const struct error *other);

#endif
