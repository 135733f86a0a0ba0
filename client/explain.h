/*
 * explain.h - how things are, in sentences: the answers to why, threads and status
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

/* One line for a thread. */
void explain_thread(struct text *out, const json_t *thread, msec_t now_at);

/* The whole of `status`: one line, and one for each thread that is not well, worst first. */
void explain_status(struct text *out, const json_t *status, msec_t now_at);

#endif
