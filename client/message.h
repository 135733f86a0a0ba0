/*
 * message.h - all that `show` answers about a message, in words for people
 *
 * Pure. Whatever others wrote is made harmless for a terminal, see base/harmless.h.
 */
#ifndef CHATRELAY_CLIENT_MESSAGE_H
#define CHATRELAY_CLIENT_MESSAGE_H

#include "base/clock.h"
#include "base/text.h"

#include <jansson.h>

/* A line for each thing that is known, and below them the content. What is unknown is left out. */
void message_describe(struct text *out, const json_t *message, msec_t now_at);

#endif
