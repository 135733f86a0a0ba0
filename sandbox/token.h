/*
 * token.h - user access tokens
 *
 * They look like the service's: a JWT whose claims name the user, the scope and
 * the expiry. ACS: the format is no part of the contract. They are signed with
 * the access key, so a new key voids them all, as in the service, and a sandbox
 * started again with the same key still knows them.
 */
#ifndef CHATRELAY_SANDBOX_TOKEN_H
#define CHATRELAY_SANDBOX_TOKEN_H

#include "sandbox/signature.h"

struct token_claims {
    char identity[256]; /* 8:acs:... */
    char scope[64];     /* as acsScope has it: names separated by commas */
    msec_t issued_at;
    msec_t expires_at;
};

/* To be freed. The JWT's own exp is in whole seconds; token_read() is exact. */
char *token_make(const struct access_key *key, const struct token_claims *claims);

/* False when it was not made with this key. Whether it has expired is for the caller to see. */
bool token_read(const struct access_key *key, const char *token, struct token_claims *claims);

#endif
