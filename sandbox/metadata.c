#include "sandbox/metadata.h"

#include <stdlib.h>

bool metadata_read(json_t *metadata, char **text)
{
    const char *name = NULL;
    json_t *value = NULL;
    if (metadata && !json_is_object(metadata))
        return false;
    json_object_foreach(metadata, name, value)
    {
        if (!json_is_string(value))
            return false;
    }
    *text = metadata ? json_dumps(metadata, JSON_COMPACT) : NULL;
    return true;
}

bool metadata_patch(json_t *patch, char **text)
{
    const char *name = NULL;
    json_t *value = NULL;
    if (!patch)
        return true;
    if (!json_is_object(patch))
        return false;

    bool valid = true;
    json_t *merged = *text ? json_loads(*text, 0, NULL) : json_object();
    json_object_foreach(patch, name, value)
    {
        if (json_is_null(value))
            json_object_del(merged, name);
        else
            valid = json_is_string(value) && json_object_set(merged, name, value) == 0 && valid;
    }
    if (valid) {
        free(*text);
        *text = json_dumps(merged, JSON_COMPACT);
    }
    json_decref(merged);
    return valid;
}
