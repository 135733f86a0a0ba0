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

/*
 * For others who ask the chat, since the settings may have changed: whether the thread is still
 * asked about at `place` and the asker may still see it. False with a refusal.
 */
bool read_desk_may_go_on(const struct desk *desk, const struct asker *asker,
                         const struct chat_place *place, struct refusal *refusal);

/* Likewise: why the chat did not tell. */
void read_desk_refusal(const struct delivery *verdict, struct refusal *refusal);

/* Likewise: a message's id as a number, 0 when it is none. */
int64_t read_desk_id(const json_t *message);

#endif
