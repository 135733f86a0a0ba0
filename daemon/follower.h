/*
 * follower.h - one line more for a client that follows the log or a thread
 */
#ifndef CHATRELAY_DAEMON_FOLLOWER_H
#define CHATRELAY_DAEMON_FOLLOWER_H

#include "daemon/peer.h"

#include <jansson.h>

/*
 * Tell it, after the turn's commit. A client that does not read misses events
 * rather than filling our memory, as does everybody when the turn is undone; the next line it
 * gets says how many.
 */
void follower_tell(struct peer *peer, struct turn *turn, const json_t *event);

#endif
