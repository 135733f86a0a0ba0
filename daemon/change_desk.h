/*
 * change_desk.h - the operations edit and unsend
 *
 * For the owner of a message, and for operators.
 */
#ifndef CHATRELAY_DAEMON_CHANGE_DESK_H
#define CHATRELAY_DAEMON_CHANGE_DESK_H

#include "daemon/desk.h"

void change_desk_answer(struct desk *desk, struct peer *peer, const struct request *request);

#endif
