/*
 * wait_desk.h - the operation wait, and how it ends
 *
 * Whoever changes a message calls those who wait for it: waits_call(). Before the turn's commit
 * each is looked at, and answered if its message has come to what it waits for; of very many, as
 * many as a turn has time for.
 */
#ifndef CHATRELAY_DAEMON_WAIT_DESK_H
#define CHATRELAY_DAEMON_WAIT_DESK_H

#include "daemon/desk.h"

/* Answer the request: now if its message has come to that already, else at its end. */
void wait_desk_answer(struct desk *desk, struct peer *peer, const struct request *request);

/*
 * Look at those that were called, and end those whose time is over. Only while the outbox is open.
 * Returns how long until there is more.
 */
msec_t wait_desk_tend(struct desk *desk);

#endif
