/*
 * event.h - one event of the log, as a line
 *
 *     2026-11-21 12:00:00 UTC id=7 thread=db status=sent attempt=1 http=201 ...
 *
 * Pure. For people, and for grep and awk.
 */
#ifndef CHATRELAY_CLIENT_EVENT_H
#define CHATRELAY_CLIENT_EVENT_H

#include "base/text.h"

#include <jansson.h>

void event_describe(struct text *out, const json_t *event);

#endif
