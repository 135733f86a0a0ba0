/*
 * tail.h - the last lines of an output of any length
 *
 * Pure. It holds a bounded part of the end, however much is added.
 */
#ifndef CHATRELAY_CLIENT_TAIL_H
#define CHATRELAY_CLIENT_TAIL_H

#include "base/text.h"

#include <stdint.h>

enum { TAIL_MOST_BYTES = 8 * 1024 };

/* Zeroed, it is empty. */
struct tail {
    struct text end;
    int64_t newlines; /* in all of it */
};

void tail_add(struct tail *tail, const char *bytes, size_t length);

/*
 * The last `lines` lines, at most TAIL_MOST_BYTES of them, behind a line that says
 * how many are left out; without newlines at the end. What is not UTF-8 becomes
 * U+FFFD. Appends nothing if there was nothing.
 */
void tail_say(const struct tail *tail, size_t lines, struct text *out);

/* Also for CLEANUP(). */
void tail_clear(struct tail *tail);

#endif
