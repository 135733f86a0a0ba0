#include "client/identifier.h"

#include <errno.h>
#include <stdlib.h>

bool identifier_read(const struct strings *arguments, int64_t *id, struct error *err)
{
    char *end;

    if (arguments->count != 1)
        return error_set(err, "give the id of one message");
    errno = 0;
    *id = strtoll(arguments->items[0], &end, 10);
    if (errno != 0 || *end || *id < 1)
        return error_set(err, "\"%s\" is not the id of a message", arguments->items[0]);
    return true;
}
