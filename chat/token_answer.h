/*
 * token_answer.h - an access token as somebody hands it over. Pure.
 */
#ifndef CHATRELAY_CHAT_TOKEN_ANSWER_H
#define CHATRELAY_CHAT_TOKEN_ANSWER_H

#include "base/clock.h"
#include "base/error.h"

#include <stddef.h>

enum { TOKEN_LONGEST = 16 * 1024 };

struct fresh_token {
    char *text;        /* to be given back to secret_wipe() */
    msec_t expires_at; /* MSEC_NEVER when nothing tells */
};

/* One word of visible ASCII, at most TOKEN_LONGEST: it may stand in a header. */
bool token_is_usable(const char *text, size_t length);

/*
 * Read {"token":"...","expiresOn":"2026-11-22T22:00:00.0016613+00:00"}, as the Identity
 * API answers. `expiresOn` counts before the token's own `exp`, for ACS does not
 * promise the form of its tokens; where it is absent, `exp` does. False when it is
 * no such thing; the reason repeats nothing of it.
 */
MUST_CHECK bool token_answer_parse(const char *bytes, size_t length, struct fresh_token *token,
                                   struct error *err);

/* The same, or a bare token with white space around it: what a program of the operator prints. */
MUST_CHECK bool token_output_parse(const char *bytes, size_t length, struct fresh_token *token,
                                   struct error *err);

#endif
