/*
 * chat_message.h - a message as the chat has it, in words for people
 *
 *     2026-11-22 10:02:03 CET  backup@db01: backup done
 *         took 3 h
 *     2026-11-22 10:05:00 CET  Ada: ok (edited 2026-11-22 10:06:11 CET)
 *     2026-11-22 10:07:00 CET  * Ada added Bob
 *
 * Pure. Times are in the process's time zone, tzset(3). Lines of one message
 * behind its first are indented, so that none passes for another's.
 */
#ifndef CHATRELAY_CLIENT_CHAT_MESSAGE_H
#define CHATRELAY_CLIENT_CHAT_MESSAGE_H

#include "base/text.h"

#include <jansson.h>

/*
 * Any JSON is fine: what is missing is left out. `relay` is the relay's own
 * identity, "" if it is not known: nameless, it is "(the relay)".
 */
void chat_message_describe(struct text *out, const json_t *message, const char *relay);

#endif
