#include "sandbox/identity.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static const char prefix[] = "8:acs:";
static const char word_characters[] =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";

struct identity *identity_new(const char *id)
{
    struct identity *identity = xcalloc(1, sizeof *identity);
    identity->id = xstrdup(id);
    return identity;
}

void identity_free(struct identity *identity)
{
    if (!identity)
        return;
    free(identity->id);
    free(identity);
}

bool identity_id_is_well_formed(const char *id)
{
    if (strncmp(id, prefix, strlen(prefix)) != 0 || strlen(id) > 200)
        return false;
    const char *resource = id + strlen(prefix);
    size_t resource_length = strspn(resource, word_characters);
    if (resource_length == 0 || resource[resource_length] != '_')
        return false;
    const char *user = resource + resource_length + 1;
    size_t user_length = strspn(user, word_characters);
    return user_length > 0 && user[user_length] == '\0';
}

json_t *identity_json(const struct identity *identity)
{
    return json_pack("{s:s, s:s, s:{s:s}}", "kind", "communicationUser", "rawId", identity->id,
                     "communicationUser", "id", identity->id);
}

const char *identity_id_from_json(json_t *model)
{
    const char *raw_id = json_string_value(json_object_get(model, "rawId"));
    json_t *user = json_object_get(model, "communicationUser");
    return raw_id ? raw_id : json_string_value(json_object_get(user, "id"));
}
