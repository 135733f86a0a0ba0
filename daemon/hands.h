/*
 * hands.h - hands on the queue: cancel, hold, release, retry; pause, resume, flush
 *
 * Operators may do it to all messages, everybody else to their own. What
 * concerns a whole thread is for operators.
 */
#ifndef CHATRELAY_DAEMON_HANDS_H
#define CHATRELAY_DAEMON_HANDS_H

#include "daemon/desk.h"

/* To the messages that the request names, as many of them as the turn has room for. */
void hands_on_messages(struct desk *desk, struct peer *peer, const struct request *request);

void hands_pause(struct desk *desk, struct peer *peer, const struct request *request);
void hands_resume(struct desk *desk, struct peer *peer, const struct request *request);
void hands_flush(struct desk *desk, struct peer *peer, const struct request *request);

#endif
