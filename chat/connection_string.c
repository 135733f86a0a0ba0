#include "chat/connection_string.h"

#include "base/memory.h"
#include "base/pairs.h"

#include <stdlib.h>
#include <string.h>

static bool read_key(const char *base64, size_t length, struct access_key *key, struct error *err)
{
    return access_key_read(key, base64, length) ||
           error_set(err, "the access key is not base64 of 1 to %d bytes", ACCESS_KEY_MOST_BYTES);
}

static bool find_key(const char *text, struct access_key *key, struct error *err)
{
    const char *base64 = NULL;
    size_t length = 0;
    if (!pairs_find(text, "accesskey", &base64, &length))
        return error_set(err, "the connection string has no accesskey=");
    return read_key(base64, length, key, err);
}

static bool find_endpoint(const char *text, char **endpoint, struct error *err)
{
    static const char https[] = "https://", http[] = "http://";
    const char *url = NULL;
    size_t length = 0;
    if (!pairs_find(text, "endpoint", &url, &length))
        return error_set(err, "the connection string has no endpoint=");
    if (strncmp(url, https, sizeof https - 1) != 0 && strncmp(url, http, sizeof http - 1) != 0)
        return error_set(err, "the connection string's endpoint does not begin with https://");
    while (length > 0 && url[length - 1] == '/')
        length--;
    *endpoint = xmemdup0(url, length);
    return true;
}

bool connection_string_parse(const char *text, struct connection_string *parts, struct error *err)
{
    *parts = (struct connection_string){ 0 };
    if (find_endpoint(text, &parts->endpoint, err) && find_key(text, &parts->key, err))
        return true;
    connection_string_clear(parts);
    return false;
}

void connection_string_clear(struct connection_string *parts)
{
    free(parts->endpoint);
    parts->endpoint = NULL;
    access_key_wipe(&parts->key);
}

bool access_key_parse(const char *text, struct access_key *key, struct error *err)
{
    *key = (struct access_key){ 0 };
    return strchr(text, ';') ? find_key(text, key, err) : read_key(text, strlen(text), key, err);
}
