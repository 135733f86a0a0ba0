/*
 * instant.h - points in time as RFC 3339 and HTTP write them
 */
#ifndef CHATRELAY_BASE_INSTANT_H
#define CHATRELAY_BASE_INSTANT_H

#include "base/clock.h"

#include <stdbool.h>

/*
 * RFC 3339 with a zone: 2026-11-21T22:30:00Z, 2026-11-21T23:30:00.25+01:00.
 * Any number of decimals; what is finer than a millisecond is cut off. Years
 * 1970 to 9999. False for anything else.
 */
bool instant_parse_rfc3339(const char *text, msec_t *instant_at);

enum { INSTANT_LONGEST_TEXT = 40 };

/* With milliseconds, in UTC: 2026-11-21T22:30:00.250Z */
void instant_format_rfc3339(msec_t instant_at, char text[INSTANT_LONGEST_TEXT]);

/* For people: "01:12 UTC", in the process's time zone, tzset(3), which is named. */
void instant_say_time(msec_t instant_at, char text[INSTANT_LONGEST_TEXT]);

/* The same with the date and seconds: "2026-11-21 01:12:00 UTC" */
void instant_say(msec_t instant_at, char text[INSTANT_LONGEST_TEXT]);

/* Its parts, likewise: "01:12", "Sun 22 Nov" and "UTC". */
void instant_say_clock(msec_t instant_at, char text[INSTANT_LONGEST_TEXT]);
void instant_say_day(msec_t instant_at, char text[INSTANT_LONGEST_TEXT]);
void instant_say_zone(msec_t instant_at, char text[INSTANT_LONGEST_TEXT]);

/* Whether both are of one day in the process's time zone. */
bool instant_is_same_day(msec_t one_at, msec_t other_at);

/* RFC 9110 section 5.6.7, the form that is sent today: Sun, 06 Nov 1994 08:49:37 GMT */
bool instant_parse_http(const char *text, msec_t *instant_at);
void instant_format_http(msec_t instant_at, char text[INSTANT_LONGEST_TEXT]);

#endif
