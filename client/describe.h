/*
 * describe.h - what the relay answers, in words for people
 *
 * Pure. Whatever others wrote is made harmless for a terminal, see base/harmless.h.
 */
#ifndef CHATRELAY_CLIENT_DESCRIBE_H
#define CHATRELAY_CLIENT_DESCRIBE_H

#include "base/clock.h"
#include "base/text.h"

#include <jansson.h>
#include <stddef.h>

/* "2026-11-21 22:30:00 UTC", in the process's time zone, tzset(3), which is named. */
void describe_instant(struct text *out, msec_t instant_at);

/* "2 min 5 s ago", "in 4 s" */
void describe_distance(struct text *out, msec_t instant_at, msec_t now_at);

/* The first line alone, cut to `width` characters, the last of them "…" if anything is missing. */
void describe_first_line(struct text *out, const char *string, size_t width);

/* One message as `list` answers it, on one line of at most `width` characters. */
void describe_row(struct text *out, const json_t *message, msec_t now_at, size_t width);

/* What `stats` answers: a table of threads and states. */
void describe_stats(struct text *out, const json_t *stats);

#endif
