#include "base/instant.h"
#include "chat/hmac.h"

#include <criterion/criterion.h>
#include <string.h>

static const char key_base64[] = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/* Captured from the official JavaScript SDK's getToken(). */
Test(hmac, signs_the_same_bytes_as_the_official_sdk)
{
    static const char body[] = "{\"scopes\":[\"chat\"],\"expiresInMinutes\":60}";
    struct hmac_request request = {
        .method = "POST",
        .url =
            "http://127.0.0.1:14020/identities/8%3Aacs%3Aa_b/:issueAccessToken"
            "?api-version=2023-10-01",
        .body = body,
        .body_length = strlen(body),
    };
    struct access_key key;
    struct hmac_headers headers;
    cr_assert(instant_parse_http("Sat, 21 Nov 2026 20:50:57 GMT", &request.at));
    cr_assert(access_key_read(&key, key_base64, strlen(key_base64)));
    hmac_sign(&key, &request, &headers);
    cr_expect_str_eq(headers.date, "x-ms-date: Sat, 21 Nov 2026 20:50:57 GMT");
    cr_expect_str_eq(headers.content_hash,
                     "x-ms-content-sha256: E55T2AR1et0dXg9viVUjwxjce4gxp+nmLcQffc3NPsA=");
    cr_expect_str_eq(headers.authorization,
                     "Authorization: HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256"
                     "&Signature=g0CdUj/7KBG9/3b9rDsJcDDjkaBVrmdO7gU6nfGP/Rc=");
}

static void expect_key(const char *base64, const char *bytes)
{
    struct access_key key;
    bool read = access_key_read(&key, base64, strlen(base64));
    cr_assert_eq(read, bytes != NULL, "%s", base64);
    cr_assert_eq(key.length, bytes ? strlen(bytes) : 0, "%s", base64);
    if (bytes)
        cr_expect_eq(memcmp(key.bytes, bytes, key.length), 0, "%s", base64);
}

Test(hmac, a_key_is_padded_base64)
{
    expect_key("YWJj", "abc");
    expect_key("YWI=", "ab");
    expect_key("YQ==", "a");
    expect_key("++//", "\xfb\xef\xff");
    static const char *const wrong[] = { "",      "YQ",    "YWI",    "====", "Y===", "YW Jj",
                                         "YWJj=", " YWJj", "YWJj\n", "YW=j", "-_-_", "=YWJ" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        expect_key(wrong[i], NULL);
}

Test(hmac, a_key_has_a_longest_length)
{
    char base64[(ACCESS_KEY_MOST_BYTES + 2) / 3 * 4 + 5];
    memset(base64, 'A', sizeof base64);
    struct access_key key;
    cr_expect(access_key_read(&key, base64, (size_t)ACCESS_KEY_MOST_BYTES / 3 * 4));
    cr_expect_not(access_key_read(&key, base64, sizeof base64 - 5), "258 bytes");
    cr_expect_not(access_key_read(&key, base64, sizeof base64 - 1));
    access_key_wipe(&key);
    cr_expect_eq(key.length, 0);
}
