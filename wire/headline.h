/*
 * headline.h - how the relay is, in one line
 *
 * Pure, from the relay's own answers (chatrelay-protocol(7)). The daemon tells it
 * to systemd and the command to people, so the words are here, once.
 */
#ifndef CHATRELAY_WIRE_HEADLINE_H
#define CHATRELAY_WIRE_HEADLINE_H

#include "base/clock.h"
#include "base/text.h"

#include <jansson.h>
#include <stdbool.h>

/*
 * What the matter is with a thread or message, from its `cause` and `trouble`:
 * "refuses us", to stand behind the thread's name, if `*of_thread`; else "we are
 * throttled". NULL when nothing is.
 */
const char *headline_matter(const json_t *object, bool *of_thread);

/*
 * Of the answer to `status`, when it is about no thread at all: that there is none yet, or to who
 * is no operator, that none is theirs. NULL when there are threads.
 */
const char *headline_no_threads(const json_t *status);

/*
 * The answer to `status`, the worst first: "ACT: db refuses us (403), 14 waiting,
 * oldest 2 h; 1 more" or "ok: 2 waiting (oldest 4 s); 1204 sent today".
 */
void headline_add(struct text *out, const json_t *status, msec_t now_at);

#endif
