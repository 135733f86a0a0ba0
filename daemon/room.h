/*
 * room.h - whether there is room for one more message to wait
 *
 * Limits are the settings content_limit, most_messages and most_bytes of its thread, a user's
 * quota, and min_free of the disk. What waits is what is pending, scheduled or held.
 */
#ifndef CHATRELAY_DAEMON_ROOM_H
#define CHATRELAY_DAEMON_ROOM_H

#include "daemon/desk.h"

/*
 * Whether the content of `message` fits into its thread, and the asker may let it wait. `older`:
 * what it takes the place of, so that no more messages wait than before; zeroed for nothing.
 * False with a refusal that names the limit: REFUSAL_FULL when there may be room later, else
 * REFUSAL_INVALID or REFUSAL_DENIED.
 */
bool room_for(const struct desk *desk, const struct directory_thread *thread,
              const struct asker *asker, const struct message *message, const struct message *older,
              struct refusal *refusal);

#endif
