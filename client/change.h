/*
 * change.h - what became of messages that were cancelled, held, released or brought back
 *
 * The relay answers page by page: here the pages are added up.
 */
#ifndef CHATRELAY_CLIENT_CHANGE_H
#define CHATRELAY_CLIENT_CHANGE_H

#include "base/text.h"
#include "client/exit_code.h"
#include "wire/request.h"

#include <jansson.h>

/* Zeroed but for `op`, nothing has been answered yet. */
struct change {
    enum request_op op;
    int64_t changed, wished;
    json_t *unchanged; /* from a word to a number */
    json_t *left;      /* of those that were named one by one: which, and why */
};

void change_add(struct change *change, const json_t *answer);
bool change_has_begun(const struct change *change);

/* "3 cancelled, 1 as soon as its attempt has ended, 2 not: 1 sent, 1 not found" */
void change_describe(const struct change *change, struct text *out);

/* One object on one line, as an answer that was not cut into pages. */
void change_as_json(const struct change *change, struct text *out);

/* Of messages that were named: all done, or not found, or in a state that does not allow it. */
enum exit_code change_exit_code(const struct change *change);

/* Also for CLEANUP(). */
void change_clear(struct change *change);

#endif
