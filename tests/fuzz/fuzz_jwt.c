/* An access token; and its payload alone, so that the fuzzer need not find base64url first. */
#include "base/memory.h"
#include "base/text.h"
#include "chat/jwt.h"

#include <stdint.h>
#include <stdlib.h>

static void check(const char *token)
{
    msec_t expires_at = 0;
    if (jwt_expiry(token, &expires_at) && (expires_at < 0 || expires_at > 253402300799000))
        abort();
}

/* base64url (RFC 4648, section 5) without padding. */
static void encode(struct text *text, const uint8_t *data, size_t size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0;
    int held = 0;
    for (size_t i = 0; i < size; i++) {
        bits = (bits << 8 | data[i]) & 0xffff;
        for (held += 8; held >= 6; held -= 6)
            text_append(text, &letters[bits >> (held - 6) & 0x3f], 1);
    }
    if (held > 0)
        text_append(text, &letters[bits << (6 - held) & 0x3f], 1);
}

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *token = xmemdup0(data, size);
    check(token);
    free(token);

    CLEANUP(text_clear) struct text wrapped = { 0 };
    text_add(&wrapped, "e30.");
    encode(&wrapped, data, size);
    text_add(&wrapped, ".c2ln");
    check(wrapped.bytes);
    return 0;
}
