/*
 * duration.h - lengths of time as people write them: 1h30m, 250ms, 3d
 */
#ifndef CHATRELAY_BASE_DURATION_H
#define CHATRELAY_BASE_DURATION_H

#include "base/clock.h"
#include "base/error.h"

#include <stddef.h>

/*
 * A duration is one or more numbers, each with its unit and each unit smaller
 * than the one before: d, h, m (or min), s, ms. "0" alone needs no unit.
 */
MUST_CHECK bool duration_parse(const char *text, msec_t *duration_ms, struct error *err);

enum { DURATION_LONGEST_TEXT = 48 };

/* The shortest text that duration_parse() reads as the same: 5400000 is "1h30m", 0 is "0s". */
void duration_format(msec_t duration_ms, char text[DURATION_LONGEST_TEXT]);

/* For people, rounded to two units: "2 h 31 min", "4 s", "350 ms". */
void duration_say(msec_t duration_ms, char text[DURATION_LONGEST_TEXT]);

#endif
