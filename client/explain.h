/*
 * explain.h - why things are as they are, in sentences: the answers to why
 *
 * Pure.
 */
#ifndef CHATRELAY_CLIENT_EXPLAIN_H
#define CHATRELAY_CLIENT_EXPLAIN_H

#include "base/clock.h"
#include "base/text.h"

#include <jansson.h>

/* Of a message or of a thread: why it waits, what happens next, what one can do. */
void explain_why(struct text *out, const json_t *answer, msec_t now_at);

#endif
