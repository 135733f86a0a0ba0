/*
 * submission.h - take a message in: the operation `send`
 */
#ifndef CHATRELAY_DAEMON_SUBMISSION_H
#define CHATRELAY_DAEMON_SUBMISSION_H

#include "daemon/desk.h"

/* Check a send against settings, permissions and quotas; store it, or refuse it. */
void submission_take(struct desk *desk, struct peer *peer, const struct request *request);

/* For others who take content in: whether they may send there. False with a refusal. */
bool submission_may_send(const struct directory_thread *thread, const struct asker *asker,
                         struct refusal *refusal);

#endif
