/*
 * base64.h - RFC 4648, both alphabets
 */
#ifndef CHATRELAY_SANDBOX_BASE64_H
#define CHATRELAY_SANDBOX_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* The standard alphabet with padding (section 4). To be freed. */
char *base64_encode(const void *bytes, size_t length);

/* The alphabet for URLs, without padding (section 5), as tokens use it. To be freed. */
char *base64_encode_url(const void *bytes, size_t length);

/*
 * Read either alphabet, padded or not. False when the text is neither; else
 * `*bytes` is to be freed, with a NUL behind its `*length` bytes.
 */
bool base64_decode(const char *text, size_t text_length, char **bytes, size_t *length);

#endif
