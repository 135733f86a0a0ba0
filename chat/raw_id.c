#include "chat/raw_id.h"

#include <stddef.h>
#include <string.h>

enum { LONGEST_BYTES = 256 };

bool raw_id_is_usable(const char *id)
{
    size_t length = 0;
    for (; id[length]; length++)
        if (id[length] <= ' ' || id[length] > '~' || strchr("\"#;%/?", id[length]))
            return false;
    return length > 0 && length <= LONGEST_BYTES;
}

const json_t *raw_id_of(const json_t *identifier)
{
    const json_t *raw = json_object_get(identifier, "rawId");
    const json_t *user = json_object_get(identifier, "communicationUser");
    const json_t *id = json_is_string(raw) ? raw : json_object_get(user, "id");
    return json_is_string(id) ? id : NULL;
}
