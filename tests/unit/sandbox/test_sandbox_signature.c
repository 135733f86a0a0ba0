#include "base/instant.h"
#include "sandbox/base64.h"
#include "sandbox/signature.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Made by Microsoft's own identity client. */
static const struct signed_request good = {
    .method = "POST",
    .target = "/identities/8%3Aacs%3Aa_b/:issueAccessToken?api-version=2023-10-01",
    .host = "127.0.0.1:14020",
    .date = "Sat, 21 Nov 2026 20:50:57 GMT",
    .content_sha256 = "E55T2AR1et0dXg9viVUjwxjce4gxp+nmLcQffc3NPsA=",
    .body = "{\"scopes\":[\"chat\"],\"expiresInMinutes\":60}",
    .body_length = sizeof "{\"scopes\":[\"chat\"],\"expiresInMinutes\":60}" - 1,
    .authorization =
        "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="
        "g0CdUj/7KBG9/3b9rDsJcDDjkaBVrmdO7gU6nfGP/Rc=",
};

static struct access_key key(void)
{
    static const char encoded[] = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    struct access_key key = { 0 };
    char *bytes = NULL;
    cr_assert(base64_decode(encoded, strlen(encoded), &bytes, &key.length));
    memcpy(key.bytes, bytes, key.length);
    free(bytes);
    return key;
}

static msec_t signed_at(void)
{
    msec_t at = 0;
    cr_assert(instant_parse_http(good.date, &at));
    return at;
}

static enum signature_verdict check(const struct signed_request *request)
{
    struct access_key the_key = key();
    return signature_check(&the_key, request, signed_at());
}

Test(signature, of_the_official_client_is_valid)
{
    cr_expect_eq(check(&good), SIGNATURE_VALID);
}

Test(signature, covers_every_part)
{
    struct signed_request changed[4] = { good, good, good, good };
    changed[0].method = "PUT";
    changed[1].target = "/identities/8:acs:a_b/:issueAccessToken?api-version=2023-10-01";
    changed[2].host = "127.0.0.1:14021";
    changed[3].date = "Sat, 21 Nov 2026 20:50:58 GMT";
    for (size_t i = 0; i < 4; i++)
        cr_expect_eq(check(&changed[i]), SIGNATURE_WRONG, "%zu", i);

    struct signed_request body = good;
    body.body = "{\"scopes\":[\"voip\"],\"expiresInMinutes\":60}";
    cr_expect_eq(check(&body), SIGNATURE_CONTENT_WRONG);
}

Test(signature, needs_every_header)
{
    struct signed_request lacking[4] = { good, good, good, good };
    lacking[0].authorization = NULL;
    lacking[1].date = NULL;
    lacking[2].content_sha256 = NULL;
    lacking[3].host = NULL;
    cr_expect_eq(check(&lacking[0]), SIGNATURE_MISSING);
    cr_expect_eq(check(&lacking[1]), SIGNATURE_DATE_WRONG);
    cr_expect_eq(check(&lacking[2]), SIGNATURE_CONTENT_WRONG);
    cr_expect_eq(check(&lacking[3]), SIGNATURE_WRONG);
}

Test(signature, ages)
{
    struct access_key the_key = key();
    msec_t at = signed_at(), skew_ms = SIGNATURE_LARGEST_SKEW_MS;
    cr_expect_eq(signature_check(&the_key, &good, at + skew_ms), SIGNATURE_VALID);
    cr_expect_eq(signature_check(&the_key, &good, at + skew_ms + 1), SIGNATURE_DATE_WRONG);
    cr_expect_eq(signature_check(&the_key, &good, at - skew_ms), SIGNATURE_VALID);
    cr_expect_eq(signature_check(&the_key, &good, at - skew_ms - 1), SIGNATURE_DATE_WRONG);
}

Test(signature, base64_comes_back_in_both_alphabets)
{
    static const unsigned char bytes[] = { 0xfb, 0xff, 0xfe, 0x00, 0x3e };
    for (size_t length = 0; length <= sizeof bytes; length++) {
        char *texts[2] = { base64_encode(bytes, length), base64_encode_url(bytes, length) };
        for (size_t i = 0; i < 2; i++) {
            char *decoded = NULL;
            size_t decoded_length = 99;
            cr_assert(base64_decode(texts[i], strlen(texts[i]), &decoded, &decoded_length));
            cr_expect_eq(decoded_length, length);
            cr_expect_arr_eq(decoded, bytes, length);
            free(decoded);
            free(texts[i]);
        }
    }
}

Test(signature, base64_refuses_what_is_none)
{
    static const char *const nonsense[] = { "A", "AAAAA", "AA*A", "AA AA", "=A==" };
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
        char *decoded = NULL;
        size_t length = 0;
        cr_expect_not(base64_decode(nonsense[i], strlen(nonsense[i]), &decoded, &length), "%s",
                      nonsense[i]);
        free(decoded);
    }
}
