/*
 * chat_follow.h - threads that somebody follows
 *
 * The newest messages of such a thread are read every two seconds, once for all
 * who follow it. What is new or has changed is told to each of them; whoever
 * leaves costs nothing more.
 */
#ifndef CHATRELAY_DAEMON_CHAT_FOLLOW_H
#define CHATRELAY_DAEMON_CHAT_FOLLOW_H

#include "daemon/desk.h"

enum { CHAT_FOLLOW_EVERY_MS = 2000, CHAT_FOLLOW_PAGE = 50 };

/*
 * From now on `peer` is told of what `newest`, the first page as it came, has not
 * or has differently. `ref` may be NULL.
 */
void chat_follow_join(struct desk *desk, const struct chat_place *place, const json_t *newest,
                      struct peer *peer, const char *ref);

/* Read what is due. Returns how long until there is more. */
msec_t chat_follow_tend(struct desk *desk);

/* The settings have changed: who may not follow any more is told so, and let go. */
void chat_follow_review(struct desk *desk);

/* The end; nobody follows any more. */
void chat_follow_clear(struct desk *desk);

#endif
