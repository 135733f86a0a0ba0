/*
 * fold.h - a newer message takes over the place of one that waits
 *
 *     handed in as "disk":   1 pending
 *     again:                 2 pending in its place, for 2    1 into 2
 *     and again:             3 pending in its place, for 3    1 into 3, 2 into 1
 *     and again:             4 pending in its place, for 4    1 into 4, 2 and 3 into 1
 *
 * The first of a name leads to the latest and all others lead to the first: so
 * each step changes two rows, and from anywhere it is two steps to the latest,
 * however many there were. Whoever needs the order has the ids.
 *
 * Only what certainly is not in the chat can be replaced: in doubt or under way
 * it is left alone, and the newer one is a message like any other.
 */
#ifndef CHATRELAY_QUEUE_FOLD_H
#define CHATRELAY_QUEUE_FOLD_H

#include "queue/outbox.h"

/*
 * The waiting message whose place `message` is to take over, for the caller to
 * clear: the one of its lane, its user and its fold name. False when there is
 * none, or `message` has no such name or is not pending.
 */
bool fold_find(struct outbox *outbox, const struct message *message, struct message *older);

/*
 * Take `message` in, at the place of `older`, which ends: it is up to date after.
 * `message` stands for all that `older` stood for. It gets its stamp, by which it is known in the
 * chat, unless `older` was tried: what is found by that stamp might then be `older` itself.
 */
void fold_add(struct outbox *outbox, struct message *message, struct message *older, msec_t now_at);

/*
 * For people: "x37 since 12:01 UTC", in the process's time zone; to be freed. NULL
 * when it stands for itself alone.
 */
char *fold_say(const struct message *message);

#endif
