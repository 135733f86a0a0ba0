/*
 * audit_desk.h - the operation audit: a slice of it in each request
 */
#ifndef CHATRELAY_DAEMON_AUDIT_DESK_H
#define CHATRELAY_DAEMON_AUDIT_DESK_H

#include "daemon/desk.h"

void audit_desk_answer(struct desk *desk, struct peer *peer, const struct request *request);

#endif
