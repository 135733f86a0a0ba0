/*
 * new_identity.h - the Identity API's operations that make and end an identity, as bytes. Pure.
 *
 * ACS Identity 2023-10-01: POST /identities, DELETE /identities/{id}. Neither can be
 * repeated safely: each POST makes one more, even if its answer is lost.
 */
#ifndef CHATRELAY_CHAT_NEW_IDENTITY_H
#define CHATRELAY_CHAT_NEW_IDENTITY_H

#include "base/error.h"
#include "base/text.h"

/* Both append. `identity` is a raw id, 8:acs:...; it is encoded here. */
void new_identity_url(struct text *url, const char *endpoint);
void identity_end_url(struct text *url, const char *endpoint, const char *identity);

/* Nothing but an identity is asked for. A string that lives forever. */
const char *new_identity_body(void);

/*
 * The id in {"identity":{"id":"8:acs:..."}}; to be freed. NULL when there is none, or none
 * that is fit for a settings file.
 */
MUST_CHECK char *new_identity_parse(const char *body, size_t length, struct error *err);

/* Whether it can be an identity: "8:" and one word of visible ASCII. */
bool identity_is_usable(const char *id);

#endif
