/*
 * signature.h - requests signed with the resource's access key
 *
 * ACS: string-to-sign = VERB "\n" path?query "\n" x-ms-date ";" host ";"
 * base64(SHA256(body)), signed with HMAC-SHA256. The path is signed as it was
 * sent, percent-encoding included.
 */
#ifndef CHATRELAY_SANDBOX_SIGNATURE_H
#define CHATRELAY_SANDBOX_SIGNATURE_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

enum { SIGNATURE_DIGEST_BYTES = 32, SIGNATURE_LARGEST_SKEW_MS = 15 * 60 * 1000 };

struct access_key {
    unsigned char bytes[256];
    size_t length;
};

/* HMAC-SHA256 of `length` bytes. */
void access_key_digest(const struct access_key *key, const void *bytes, size_t length,
                       unsigned char digest[SIGNATURE_DIGEST_BYTES]);

/* What was received. NULL for a header that is missing. */
struct signed_request {
    const char *method;
    const char *target; /* path?query */
    const char *host, *date, *content_sha256, *authorization;
    const char *body;
    size_t body_length;
};

enum signature_verdict {
    SIGNATURE_VALID,
    SIGNATURE_MISSING,       /* no Authorization of this kind */
    SIGNATURE_DATE_WRONG,    /* no x-ms-date, or one too far from `now_at` */
    SIGNATURE_CONTENT_WRONG, /* x-ms-content-sha256 is not the body's */
    SIGNATURE_WRONG,
};

enum signature_verdict signature_check(const struct access_key *key,
                                       const struct signed_request *request, msec_t now_at);

#endif
