/*
 * raw_id.h - the service's ids of threads and identities. Pure.
 */
#ifndef CHATRELAY_CHAT_RAW_ID_H
#define CHATRELAY_CHAT_RAW_ID_H

#include <jansson.h>
#include <stdbool.h>

/* Whether it can be one: a word of visible ASCII, at most 256 bytes, fit for a settings file. */
bool raw_id_is_usable(const char *id);

/*
 * The string that a CommunicationIdentifierModel names somebody by; NULL when there is none.
 * ACS: rawId is optional; without it the id stands under communicationUser.
 */
const json_t *raw_id_of(const json_t *identifier);

#endif
