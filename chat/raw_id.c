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
