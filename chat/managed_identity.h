/*
 * managed_identity.h - a token for the Identity API from the machine's metadata service. Pure.
 *
 * A virtual machine in Azure that was given an identity needs no key: its metadata service
 * hands out a token that the Identity API takes in place of a signature.
 */
#ifndef CHATRELAY_CHAT_MANAGED_IDENTITY_H
#define CHATRELAY_CHAT_MANAGED_IDENTITY_H

#include "base/error.h"
#include "base/text.h"
#include "chat/http.h"

/* The header without which the metadata service does not answer. */
extern const char managed_identity_header[];

/* Appends. `which` is "system", or the client id of an identity that the machine was given. */
void managed_identity_url(struct text *url, const char *metadata_endpoint, const char *which);

/*
 * Out of {"access_token":"..."}; to be given back to secret_wipe(). NULL with a reason that repeats
 * no secret.
 */
MUST_CHECK char *managed_identity_read(const struct http_reply *reply, struct error *err);

#endif
