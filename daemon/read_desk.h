/*
 * read_desk.h - the operation read: what a thread shows in the chat
 *
 * Its messages come as the service has them, newest first. For operators, and for
 * those who may send there.
 */
#ifndef CHATRELAY_DAEMON_READ_DESK_H
#define CHATRELAY_DAEMON_READ_DESK_H

#include "daemon/desk.h"

void read_desk_answer(struct desk *desk, struct peer *peer, const struct request *request);

/* For others who ask the chat: why it did not tell. */
void read_desk_refusal(const struct delivery *verdict, struct refusal *refusal);

/* Likewise: a message's id as a number, 0 when it is none. */
int64_t read_desk_id(const json_t *message);

#endif
