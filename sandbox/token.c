#include "sandbox/token.h"

#include "base/attributes.h"
#include "base/memory.h"
#include "sandbox/base64.h"

#include <jansson.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* {"alg":"HS256","typ":"JWT"} */
static const char encoded_header[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

static const char identity_prefix[] = "8:";

static char *encode_claims(const struct token_claims *claims)
{
    json_t *json = json_pack(
        "{s:s, s:i, s:I, s:I, s:s, s:s, s:I, s:I}", "skypeid",
        claims->identity + strlen(identity_prefix), "scp", 1792, "csi",
        (json_int_t)(claims->issued_at / 1000), "exp", (json_int_t)(claims->expires_at / 1000),
        "acsScope", claims->scope, "resourceId", "chatrelay-sandbox", "iat",
        (json_int_t)(claims->issued_at / 1000), "expiresAtMs", (json_int_t)claims->expires_at);
    json_object_set_new(json, "issuedAtMs", json_integer(claims->issued_at));
    CLEANUP(free_memory) char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return base64_encode_url(text, strlen(text));
}

char *token_make(const struct access_key *key, const struct token_claims *claims)
{
    CLEANUP(free_memory) char *payload = encode_claims(claims);
    CLEANUP(free_memory) char *signing_input = xasprintf("%s.%s", encoded_header, payload);
    unsigned char digest[SIGNATURE_DIGEST_BYTES];
    access_key_digest(key, signing_input, strlen(signing_input), digest);
    CLEANUP(free_memory) char *signature = base64_encode_url(digest, sizeof digest);
    return xasprintf("%s.%s", signing_input, signature);
}

static bool signature_fits(const struct access_key *key, const char *token, const char *signature)
{
    unsigned char digest[SIGNATURE_DIGEST_BYTES];
    access_key_digest(key, token, (size_t)(signature - 1 - token), digest);
    CLEANUP(free_memory) char *expected = base64_encode_url(digest, sizeof digest);
    return strlen(signature) == strlen(expected) &&
           CRYPTO_memcmp(signature, expected, strlen(expected)) == 0;
}

static bool read_claims(const char *payload, size_t length, struct token_claims *claims)
{
    char *text = NULL;
    size_t text_length = 0;
    if (!base64_decode(payload, length, &text, &text_length))
        return false;

    const char *user = NULL, *scope = NULL;
    json_int_t issued_at = 0, expires_at = 0;
    json_t *json = json_loadb(text, text_length, 0, NULL);
    bool complete = json_unpack(json, "{s:s, s:s, s:I, s:I}", "skypeid", &user, "acsScope", &scope,
                                "issuedAtMs", &issued_at, "expiresAtMs", &expires_at) == 0;
    if (complete) {
        snprintf(claims->identity, sizeof claims->identity, "%s%s", identity_prefix, user);
        snprintf(claims->scope, sizeof claims->scope, "%s", scope);
        claims->issued_at = issued_at;
        claims->expires_at = expires_at;
    }
    json_decref(json);
    free(text);
    return complete;
}

bool token_read(const struct access_key *key, const char *token, struct token_claims *claims)
{
    const char *payload = strchr(token, '.');
    const char *signature = payload ? strchr(payload + 1, '.') : NULL;
    if (!signature || !signature_fits(key, token, signature + 1))
        return false;
    return read_claims(payload + 1, (size_t)(signature - payload - 1), claims);
}
