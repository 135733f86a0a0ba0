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
/* How all threads are that the asker may see: the members of the answer to `status`. */
json_t *overview_of(struct desk *desk, const struct asker *asker);

void overview_status(struct desk *desk, struct peer *peer, const struct request *request);
void overview_why(struct desk *desk, struct peer *peer, const struct request *request);

#endif
