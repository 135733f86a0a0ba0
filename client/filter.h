/*
 * filter.h - which messages a verb is about, as the user said it
 */
#ifndef CHATRELAY_CLIENT_FILTER_H
#define CHATRELAY_CLIENT_FILTER_H

#include "base/text.h"

#include <stdbool.h>

/* Each is NULL when it was not said. */
struct filter {
    const char *thread, *state, *user, *priority, *older_than;
};

bool filter_is_set(const struct filter *filter);

/*
 * Append its members to a request. A user goes as a number if this machine knows the name: who is
 * called what may have to be asked over a network, and the relay has others to serve meanwhile.
 */
void filter_add(const struct filter *filter, struct text *line);

#endif
