#include "client/verb.h"

#include <string.h>

const struct verb *const verbs[] = {
    &verb_send, &verb_wait, &verb_show, &verb_list, &verb_stats,
};

const size_t verb_count = sizeof verbs / sizeof verbs[0];

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < verb_count; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}
