/*
 * connection_string.h - what Azure's portal gives: where a resource is, and its key. Pure.
 */
#ifndef CHATRELAY_CHAT_CONNECTION_STRING_H
#define CHATRELAY_CHAT_CONNECTION_STRING_H

#include "base/error.h"
#include "chat/hmac.h"

struct connection_string {
    char *endpoint; /* as it stands there, without slashes at its end */
    struct access_key key;
};

/*
 * ACS: "endpoint=https://NAME.communication.azure.com/;accesskey=BASE64", the
 * names in letters of any case. False, with nothing in it, when one of the two is
 * missing or no such thing; the reason repeats nothing of the text.
 */
MUST_CHECK bool connection_string_parse(const char *text, struct connection_string *parts,
                                        struct error *err);

/* Frees and wipes. Also for CLEANUP() and zeroed ones. */
void connection_string_clear(struct connection_string *parts);

/* The key alone: `text` is either such a string or nothing but the key. */
MUST_CHECK bool access_key_parse(const char *text, struct access_key *key, struct error *err);

#endif
