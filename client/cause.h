/*
 * cause.h - why messages wait, in words
 *
 * Pure. The relay says it in members (chatrelay-protocol(7)): cause, trouble,
 * next_at and so on, as in its answers to why, threads and status. Here alone
 * they become sentences.
 */
#ifndef CHATRELAY_CLIENT_CAUSE_H
#define CHATRELAY_CLIENT_CAUSE_H

#include "base/clock.h"
#include "base/text.h"

#include <jansson.h>
#include <stdbool.h>

/*
 * "db refuses us since 01:10 UTC (403, 7 times): sender alerts (8:acs:...2a41)
 * is not a participant": what fits behind "because". False, and nothing is
 * added, when nothing is the matter.
 */
bool cause_clause(struct text *out, const json_t *object, msec_t now_at);

/* What is asked about says that who asked may use the verb. */
bool cause_admits(const json_t *object, const char *verb);

/* "have a participant add 8:acs:..., then  chatrelay flush db". False when there is nothing to do.
 * What would be refused is not advised. */
bool cause_advice(struct text *out, const json_t *object);

/* "at 26 % of its pace since a 429, as others may share the budget". False, and nothing is added,
 * while all of the pace is used. */
bool cause_pace(struct text *out, const json_t *object);

/* What comes next: "try", or "look", as a doubt is looked into before anything is tried. */
const char *cause_next_step(const json_t *object);

/* "01:10 UTC", "Tue 01:10 UTC" or "2026-11-21 01:10 UTC", as much as `now_at` needs,
 * in the process's time zone, tzset(3). */
void cause_time(struct text *out, msec_t instant_at, msec_t now_at);

/* "2 h 3 min" */
void cause_duration(struct text *out, msec_t duration_ms);

#endif
