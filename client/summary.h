/*
 * summary.h - how things are, a line each: the answers to status and threads
 *
 * Pure.
 */
#ifndef CHATRELAY_CLIENT_SUMMARY_H
#define CHATRELAY_CLIENT_SUMMARY_H

#include "base/clock.h"
#include "base/text.h"

#include <jansson.h>

/* "14 wait, the first for 2 h 3 min, 2 held": of a thread. */
void summary_counts(struct text *out, const json_t *thread, msec_t now_at);

/* One line for a thread. */
void summary_thread(struct text *out, const json_t *thread, msec_t now_at);

/* The whole of `status`: one line, and one for each thread that is not well, worst first. */
void summary_status(struct text *out, const json_t *status, msec_t now_at);

#endif
