#include "config/secret.h"

#include "base/memory.h"
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

static const char credential_prefix[] = "credential:";

/* Base64 of a 64-byte access key is 88 characters, a token is longer still. */
enum { SHORTEST_KEY = 40 };

bool secret_is_credential(const char *reference)
{
    return strncmp(reference, credential_prefix, sizeof credential_prefix - 1) == 0;
}

bool secret_reference_is_valid(const char *reference, struct error *err)
{
    if (secret_is_credential(reference)) {
        const char *name = reference + sizeof credential_prefix - 1;
        if (*name == '\0' || *name == '.' || strchr(name, '/'))
            return error_set(err, "\"credential:\" must be followed by a credential's plain name");
        return true;
    }
    if (*reference == '/')
        return true;
    return error_set(err,
                     "neither an absolute path nor credential:NAME; a secret itself never "
                     "stands in this file");
}

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

char *config_secret_path(const char *reference, struct error *err)
{
    if (!secret_is_credential(reference))
        return xstrdup(reference);
    const char *folder = secure_getenv("CREDENTIALS_DIRECTORY");
    if (!folder || *folder != '/') {
        error_set(err,
                  "$CREDENTIALS_DIRECTORY is not set: systemd hands credentials to a service "
                  "that has LoadCredential=");
        return NULL;
    }
    return xasprintf("%s/%s", folder, reference + sizeof credential_prefix - 1);
}
