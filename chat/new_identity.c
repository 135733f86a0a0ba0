#include "chat/new_identity.h"

#include "base/memory.h"
#include "chat/url.h"

#include <jansson.h>
#include <string.h>

static const char api_version[] = "2023-10-01";

enum { LONGEST_ID = 256 };

void new_identity_url(struct text *url, const char *endpoint)
{
    url_add_endpoint(url, endpoint);
    text_printf(url, "/identities?api-version=%s", api_version);
}

void identity_end_url(struct text *url, const char *endpoint, const char *identity)
{
    url_add_endpoint(url, endpoint);
    text_add(url, "/identities/");
    url_add_encoded(url, identity);
    text_printf(url, "?api-version=%s", api_version);
}

const char *new_identity_body(void)
{
    return "{}";
}

bool identity_is_usable(const char *id)
{
    size_t length = 0;
    for (; id[length]; length++)
        if (id[length] <= ' ' || id[length] > '~' || strchr("\"#;%/?", id[length]))
            return false;
    return strncmp(id, "8:", 2) == 0 && length > 2 && length < LONGEST_ID;
}

char *new_identity_parse(const char *body, size_t length, struct error *err)
{
    json_t *answer = json_loadb(body, length, 0, NULL);
    const char *id = json_string_value(json_object_get(json_object_get(answer, "identity"), "id"));
    char *found = id && identity_is_usable(id) ? xstrdup(id) : NULL;
    json_decref(answer);
    if (!found)
        error_set(err, "the answer holds no new identity");
    return found;
}
