#include "chat/new_identity.h"

#include "base/memory.h"
#include "chat/raw_id.h"
#include "chat/url.h"

#include <jansson.h>
#include <string.h>

static const char api_version[] = "2023-10-01";

void new_identity_url(struct text *url, const char *endpoint)
{
    url_add_endpoint(url, endpoint);
    text_add(url, "/identities");
    url_add_version(url, api_version);
}

void identity_end_url(struct text *url, const char *endpoint, const char *identity)
{
    url_add_endpoint(url, endpoint);
    text_add(url, "/identities/");
    url_add_encoded(url, identity);
    url_add_version(url, api_version);
}

const char *new_identity_body(void)
{
    return "{}";
}

bool identity_is_usable(const char *id)
{
    return raw_id_is_usable(id) && strncmp(id, "8:", 2) == 0 && id[2];
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
