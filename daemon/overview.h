/*
 * overview.h - how the threads are: the operations threads, status and why
 *
 * Operators see everything; everybody else the threads they may send to or
 * have messages waiting for, with the numbers of their own messages.
 */
#ifndef CHATRELAY_DAEMON_OVERVIEW_H
#define CHATRELAY_DAEMON_OVERVIEW_H

#include "daemon/desk.h"

void overview_threads(struct desk *desk, struct peer *peer, const struct request *request);
void overview_status(struct desk *desk, struct peer *peer, const struct request *request);
void overview_why(struct desk *desk, struct peer *peer, const struct request *request);

#endif
