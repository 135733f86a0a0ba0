#include "chat/jwt.h"

#include "base/memory.h"

#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_PAYLOAD = 16 * 1024 };

/* The end of the year 9999: what is later is no time that anybody means. */
static const double latest_s = 253402300799.0;

/* The six bits that a letter of base64url (RFC 4648, section 5) stands for; -1 for no letter. */
static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Decode into `bytes`, which has room for 3/4 of `length`. False when it is not base64url. */
static bool decode(const char *text, size_t length, char *bytes, size_t *count)
{
    unsigned bits = 0;
    int held = 0;
    *count = 0;
    for (size_t i = 0; i < length; i++) {
        int value = sextet(text[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (unsigned)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[(*count)++] = (char)(bits >> held & 0xff);
            bits &= (1U << held) - 1;
        }
    }
    return length % 4 != 1;
}

static bool read_exp(const char *payload, size_t length, msec_t *expires_at)
{
    json_t *claims = json_loadb(payload, length, 0, NULL);
    const json_t *exp = json_object_get(claims, "exp");
    double seconds = json_number_value(exp);
    bool found = json_is_number(exp) && seconds > 0 && seconds <= latest_s;
    if (found)
        *expires_at = (msec_t)(seconds * 1000);
    json_decref(claims);
    return found;
}

bool jwt_expiry(const char *token, msec_t *expires_at)
{
    const char *payload = strchr(token, '.');
    const char *end = payload ? strchr(payload + 1, '.') : NULL;
    if (!end || strchr(end + 1, '.'))
        return false;
    payload++;
    size_t length = (size_t)(end - payload), count = 0;
    if (length > LONGEST_PAYLOAD)
        return false;

    char *claims = xcalloc(length + 1, 1);
    bool found = decode(payload, length, claims, &count) && read_exp(claims, count, expires_at);
    explicit_bzero(claims, length);
    free(claims);
    return found;
}
