/*
 * draft.h - answers that wait for their turn's commit
 *
 * What was drafted in a turn becomes final with its commit. When the commit
 * fails, each drafted answer turns into a refusal instead, and an event into
 * nothing: nobody is told of anything that is not on disk.
 */
#ifndef CHATRELAY_DAEMON_DRAFT_H
#define CHATRELAY_DAEMON_DRAFT_H

#include "base/text.h"
#include "wire/refusal.h"

/* Zeroed, it is empty. */
struct draft {
    struct text final; /* whole lines */
    struct text lines; /* drafted in this turn */
    struct text refs;  /* of each of them: '+' and the ref, '-' for none, '!' for an event; NUL */
};

/* Where to append the one line that answers the request with `ref` (NULL for none). */
struct text *draft_line(struct draft *draft, const char *ref);

/* Where to append the one line of an event: it answers no request. */
struct text *draft_event(struct draft *draft);

void draft_commit(struct draft *draft);
void draft_refuse(struct draft *draft, const struct refusal *refusal);

/* Bytes that it holds in memory. */
size_t draft_size(const struct draft *draft);

void draft_clear(struct draft *draft);

#endif
