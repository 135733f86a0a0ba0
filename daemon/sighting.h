/*
 * sighting.h - messages that somebody waits to see in the chat
 *
 * One that is sent is read back by its id, again and again with growing pauses
 * until it is there, for as long as somebody waits. What was found is stored with
 * the message, so that it is found once.
 */
#ifndef CHATRELAY_DAEMON_SIGHTING_H
#define CHATRELAY_DAEMON_SIGHTING_H

#include "daemon/desk.h"

/*
 * Look for a message that is sent. Those who wait for it are in the list of its
 * sighting_id(). False when it cannot be looked for: its thread is not in the settings.
 */
MUST_CHECK bool sighting_begin(struct desk *desk, const struct message *message);

/* What a wait for the sight of a message waits for: no message has this id. */
int64_t sighting_id(int64_t message);

/* Whether the message was seen already, or there is nothing to see. */
bool sighting_is_over(const struct message *message);

/*
 * A wait for its sight has ended, and it was not seen: it is sent, and nobody knows
 * its id in the chat, or its thread is not in the settings.
 */
bool sighting_is_impossible(const struct message *message);

/* Ask what is due. Returns how long until there is more. */
msec_t sighting_tend(struct desk *desk);

/* The end; nobody waits any more. */
void sighting_clear(struct desk *desk);

/* What is known of it, as members of an answer. */
void sighting_add(json_t *members, const struct message *message);

#endif
