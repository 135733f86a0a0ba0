#include "config/secret.h"

#include <stddef.h>
#include <string.h>

/* Base64 of a 64-byte access key is 88 characters, a token is longer still. */
enum { SHORTEST_KEY = 40 };

/* "scheme://user:password@host"; a password may hold what ends a URL's authority. */
static bool is_url_of_user(const char *text)
{
    const char *authority = strstr(text, "://");
    return authority && strchr(authority, '@');
}

bool secret_is_likely(const char *text)
{
    static const char base64[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    if (strcasestr(text, "accesskey") || strstr(text, "eyJ") || is_url_of_user(text))
        return true;
    while (*text) {
        size_t run = strspn(text, base64);
        if (run >= SHORTEST_KEY)
            return true;
        text += run + strcspn(text + run, base64);
    }
    return false;
}
