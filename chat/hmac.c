#include "chat/hmac.h"

#include "base/instant.h"
#include "base/text.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

enum {
    BASE64_LONGEST = (ACCESS_KEY_MOST_BYTES + 2) / 3 * 4,
    DIGEST_BASE64_SIZE = (SHA256_DIGEST_LENGTH + 2) / 3 * 4 + 1,
};

static size_t count_padding(const char *base64, size_t length)
{
    size_t padding = 0;
    while (padding < 2 && padding < length && base64[length - 1 - padding] == '=')
        padding++;
    return padding;
}

bool access_key_read(struct access_key *key, const char *base64, size_t length)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[BASE64_LONGEST + 1] = "";
    unsigned char bytes[BASE64_LONGEST / 4 * 3];
    *key = (struct access_key){ 0 };
    size_t padding = count_padding(base64, length);
    if (length == 0 || length % 4 != 0 || length > BASE64_LONGEST)
        return false;

    /* EVP_DecodeBlock() forgives blanks around it: what is no letter is sorted out first. */
    memcpy(text, base64, length);
    int count = -1;
    if (strspn(text, letters) == length - padding)
        count = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length);
    if (count > (int)padding && (size_t)count - padding <= sizeof key->bytes) {
        key->length = (size_t)count - padding;
        memcpy(key->bytes, bytes, key->length);
    }
    explicit_bzero(text, sizeof text);
    explicit_bzero(bytes, sizeof bytes);
    return key->length > 0;
}

void access_key_wipe(struct access_key *key)
{
    explicit_bzero(key, sizeof *key);
}

static void encode_digest(const unsigned char digest[SHA256_DIGEST_LENGTH],
                          char text[DIGEST_BASE64_SIZE])
{
    EVP_EncodeBlock((unsigned char *)text, digest, SHA256_DIGEST_LENGTH);
}

/* The URL's host with its port; behind it path and query begin. */
static const char *host_of(const char *url, size_t *length)
{
    const char *scheme_end = strstr(url, "://");
    const char *host = scheme_end ? scheme_end + strlen("://") : url;
    *length = strcspn(host, "/?");
    return host;
}

void hmac_sign(const struct access_key *key, const struct hmac_request *request,
               struct hmac_headers *headers)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char hash[DIGEST_BASE64_SIZE], signature[DIGEST_BASE64_SIZE], date[INSTANT_LONGEST_TEXT];
    SHA256((const unsigned char *)request->body, request->body_length, digest);
    encode_digest(digest, hash);
    instant_format_http(request->at, date);

    size_t host_length = 0;
    const char *host = host_of(request->url, &host_length);
    CLEANUP(text_clear) struct text text = { 0 };
    text_printf(&text, "%s\n%s\n%s;%.*s;%s", request->method, host + host_length, date,
                (int)host_length, host, hash);
    HMAC(EVP_sha256(), key->bytes, (int)key->length, (const unsigned char *)text.bytes, text.length,
         digest, NULL);
    encode_digest(digest, signature);

    snprintf(headers->date, sizeof headers->date, "x-ms-date: %s", date);
    snprintf(headers->content_hash, sizeof headers->content_hash, "x-ms-content-sha256: %s", hash);
    snprintf(headers->authorization, sizeof headers->authorization,
             "Authorization: HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256"
             "&Signature=%s",
             signature);
}
