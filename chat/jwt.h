/*
 * jwt.h - when an access token expires, read from the token itself. Pure.
 */
#ifndef CHATRELAY_CHAT_JWT_H
#define CHATRELAY_CHAT_JWT_H

#include "base/clock.h"

#include <stdbool.h>

/*
 * The claim `exp` of a JSON Web Token (RFC 7519): header.payload.signature, each
 * in base64url. Nothing is verified: it is our own token. False when there is no
 * such claim; ACS does not promise that its tokens have this form.
 */
bool jwt_expiry(const char *token, msec_t *expires_at);

#endif
