/*
 * hands.h - hands on messages: cancel, hold, release, retry
 *
 * Operators may do it to all messages, everybody else to their own.
 */
#ifndef CHATRELAY_DAEMON_HANDS_H
#define CHATRELAY_DAEMON_HANDS_H

#include "daemon/desk.h"

/* To the messages that the request names, as many of them as the turn has room for. */
void hands_on_messages(struct desk *desk, struct peer *peer, const struct request *request);

/* Whether a retry of the message would be done for the asker, who may see it. */
bool hands_may_retry(const struct desk *desk, const struct asker *asker,
                     const struct message *message);

#endif
