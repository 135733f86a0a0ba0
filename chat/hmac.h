/*
 * hmac.h - requests signed with the resource's access key. Pure.
 *
 * ACS: string-to-sign = VERB "\n" path?query "\n" x-ms-date ";" host[:port] ";"
 * base64(SHA256(body)), signed with HMAC-SHA256 (RFC 2104). The path is signed as
 * it is sent, percent-encoding included.
 */
#ifndef CHATRELAY_CHAT_HMAC_H
#define CHATRELAY_CHAT_HMAC_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

enum { ACCESS_KEY_MOST_BYTES = 256 };

/* Secret: to be wiped after use. */
struct access_key {
    unsigned char bytes[ACCESS_KEY_MOST_BYTES];
    size_t length;
};

/*
 * Read `length` characters of base64 (RFC 4648, section 4, padded), as the portal
 * shows the key. False, with nothing kept, for anything else and for an empty key.
 */
bool access_key_read(struct access_key *key, const char *base64, size_t length);

void access_key_wipe(struct access_key *key);

struct hmac_request {
    const char *method; /* "POST" */
    const char *url;    /* absolute, without a user or a fragment */
    const char *body;
    size_t body_length;
    msec_t at; /* when it is signed; ACS refuses what is some minutes off */
};

/* Headers as "Name: value". None is a secret: the signature fits this request alone. */
struct hmac_headers {
    char date[64];
    char content_hash[80];
    char authorization[160];
};

/* The headers that the request needs beside Host. */
void hmac_sign(const struct access_key *key, const struct hmac_request *request,
               struct hmac_headers *headers);

#endif
