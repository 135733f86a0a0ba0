/*
 * operator.h - look into the queue: the operations show, list and stats
 *
 * Everybody sees messages of their own; operators see all.
 */
#ifndef CHATRELAY_DAEMON_OPERATOR_H
#define CHATRELAY_DAEMON_OPERATOR_H

#include "daemon/desk.h"

void operator_show(struct desk *desk, struct peer *peer, const struct request *request);
/* What `show` answers of a message. */
json_t *operator_view(struct desk *desk, const struct message *message);

void operator_list(struct desk *desk, struct peer *peer, const struct request *request);
void operator_stats(struct desk *desk, struct peer *peer, const struct request *request);

#endif
