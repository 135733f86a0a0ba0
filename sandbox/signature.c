#include "sandbox/signature.h"

#include "base/attributes.h"
#include "base/instant.h"
#include "base/memory.h"
#include "sandbox/base64.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

static const char scheme[] = "HMAC-SHA256 ";

void access_key_digest(const struct access_key *key, const void *bytes, size_t length,
                       unsigned char digest[SIGNATURE_DIGEST_BYTES])
{
    HMAC(EVP_sha256(), key->bytes, (int)key->length, bytes, length, digest, NULL);
}

static bool same(const char *one, const char *other)
{
    size_t length = strlen(one);
    return strlen(other) == length && CRYPTO_memcmp(one, other, length) == 0;
}

/* The value of the Authorization header that belongs to the request. To be freed. */
static char *authorization_of(const struct access_key *key, const struct signed_request *request)
{
    CLEANUP(free_memory)
    char *text = xasprintf("%s\n%s\n%s;%s;%s", request->method, request->target, request->date,
                           request->host, request->content_sha256);
    unsigned char digest[SIGNATURE_DIGEST_BYTES];
    access_key_digest(key, text, strlen(text), digest);
    CLEANUP(free_memory) char *signature = base64_encode(digest, sizeof digest);
    return xasprintf("%sSignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=%s", scheme,
                     signature);
}

static bool date_is_near(const char *date, msec_t now_at)
{
    msec_t at = 0;
    return date && instant_parse_http(date, &at) && at >= now_at - SIGNATURE_LARGEST_SKEW_MS &&
           at <= now_at + SIGNATURE_LARGEST_SKEW_MS;
}

static bool content_matches(const struct signed_request *request)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)request->body, request->body_length, digest);
    CLEANUP(free_memory) char *expected = base64_encode(digest, sizeof digest);
    return request->content_sha256 && same(request->content_sha256, expected);
}

enum signature_verdict signature_check(const struct access_key *key,
                                       const struct signed_request *request, msec_t now_at)
{
    if (!request->authorization || strncmp(request->authorization, scheme, strlen(scheme)) != 0)
        return SIGNATURE_MISSING;
    if (!date_is_near(request->date, now_at))
        return SIGNATURE_DATE_WRONG;
    if (!content_matches(request))
        return SIGNATURE_CONTENT_WRONG;
    if (!request->host)
        return SIGNATURE_WRONG;
    CLEANUP(free_memory) char *expected = authorization_of(key, request);
    return same(request->authorization, expected) ? SIGNATURE_VALID : SIGNATURE_WRONG;
}
