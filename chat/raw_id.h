/*
 * raw_id.h - the service's ids of threads and identities. Pure.
 */
#ifndef CHATRELAY_CHAT_RAW_ID_H
#define CHATRELAY_CHAT_RAW_ID_H

#include <stdbool.h>

/* Whether it can be one: a word of visible ASCII, at most 256 bytes, fit for a settings file. */
bool raw_id_is_usable(const char *id);

#endif
