#include "client/identifier.h"

#include <errno.h>
#include <stdlib.h>

bool identifier_parse(const char *word, int64_t *id)
{
    char *end;
    errno = 0;
    *id = strtoll(word, &end, 10);
    return errno == 0 && *end == '\0' && *id > 0;
}

bool identifier_read(const struct strings *arguments, int64_t *id, struct error *err)
{
    if (arguments->count != 1)
        return error_set(err, "give the id of one message");
    return identifier_parse(arguments->items[0], id) ||
           error_set(err, "\"%s\" is not the id of a message", arguments->items[0]);
}
