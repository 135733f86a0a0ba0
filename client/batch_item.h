/*
 * batch_item.h - one of many messages: a line of input on its way to a line of output
 */
#ifndef CHATRELAY_CLIENT_BATCH_ITEM_H
#define CHATRELAY_CLIENT_BATCH_ITEM_H

#include "base/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct batch_item {
    struct text line;   /* for the relay; empty if it is refused already */
    struct text answer; /* then this is why, as a line */
    char *once;
    bool doubted; /* handed over on a connection that broke before the answer */
};

/*
 * From one line of input (without newline). Members it lacks are taken from
 * `defaults`; `once` is used if it has none. Bytes that are not UTF-8 are repaired
 * and counted in `*repaired`.
 */
void batch_item_make(struct batch_item *item, const char *input, size_t length, json_t *defaults,
                     const char *once, size_t *repaired);

void batch_item_clear(struct batch_item *item);

#endif
