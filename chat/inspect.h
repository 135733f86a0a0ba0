/*
 * inspect.h - ask a thread about itself: Get Chat Thread Properties
 */
#ifndef CHATRELAY_CHAT_INSPECT_H
#define CHATRELAY_CHAT_INSPECT_H

#include "chat/api.h"

/* All inspections under way. */
struct inspections;

/* `api` and `clock` are borrowed. */
struct inspections *inspections_new(struct api *api, const struct clock *clock);

/* After http_free(), so that nothing comes back. NULL is fine. */
void inspections_free(struct inspections *inspections);

/* See courier.inspect. `sender` is NULL when there is none of the inspection's name. */
void inspections_start(struct inspections *inspections, struct sender *sender,
                       const struct inspection *inspection, inspect_done *done, void *context);

#endif
