/*
 * thread_hands.h - hands on threads: pause, resume, flush. For operators
 */
#ifndef CHATRELAY_DAEMON_THREAD_HANDS_H
#define CHATRELAY_DAEMON_THREAD_HANDS_H

#include "daemon/desk.h"

/* Send nothing there for a while, an hour if not said, or until it is resumed. */
void thread_hands_pause(struct desk *desk, struct peer *peer, const struct request *request);

/* The answer says whether it was paused. */
void thread_hands_resume(struct desk *desk, struct peer *peer, const struct request *request);

/* Forget the waits after failures, of one thread or of all, and try again now. */
void thread_hands_flush(struct desk *desk, struct peer *peer, const struct request *request);

#endif
