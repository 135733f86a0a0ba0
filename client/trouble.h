/*
 * trouble.h - what refuses us, in words: by whose fault and by what was answered
 *
 * For cause.c: the `object` is as there. Pure.
 */
#ifndef CHATRELAY_CLIENT_TROUBLE_H
#define CHATRELAY_CLIENT_TROUBLE_H

#include "base/clock.h"
#include "base/text.h"

#include <jansson.h>
#include <stdbool.h>

/* Is the cause that something is in trouble: endpoint, sender or thread? */
bool trouble_is(const json_t *object);

/* "db refuses us since 01:10 UTC (403, 7 times): sender ... is not a participant" */
void trouble_clause(struct text *out, const json_t *object, msec_t now_at);

/* "have a participant add 8:acs:..."; false, and nothing is added, when it mends itself. */
bool trouble_advice(struct text *out, const json_t *object);

#endif
