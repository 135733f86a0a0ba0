/*
 * api_identity.h - ACS Identity: who exists, and their tokens
 */
#ifndef CHATRELAY_SANDBOX_API_IDENTITY_H
#define CHATRELAY_SANDBOX_API_IDENTITY_H

#include "sandbox/call.h"

void api_identity_create(struct call *call, struct answer *answer);
void api_identity_delete(struct call *call, struct answer *answer);
void api_identity_issue_token(struct call *call, struct answer *answer);
void api_identity_revoke_tokens(struct call *call, struct answer *answer);

#endif
