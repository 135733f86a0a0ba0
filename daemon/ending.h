/*
 * ending.h - the end of a message that went into another is that other's end
 */
#ifndef CHATRELAY_DAEMON_ENDING_H
#define CHATRELAY_DAEMON_ENDING_H

#include "queue/outbox.h"

/*
 * What `message` went into at last: into a digest, or into a newer message and
 * with that into a digest. To be cleared. False when it is folded into nothing,
 * or that is not kept any more.
 */
bool ending_load(struct outbox *outbox, const struct message *message, struct message *whole);

/*
 * Call `within` with the id of every message that went into this one, directly
 * or with another. It must not change the outbox.
 */
void ending_within(struct outbox *outbox, int64_t whole, void (*within)(void *context, int64_t id),
                   void *context);

#endif
