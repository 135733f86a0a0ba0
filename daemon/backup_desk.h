/*
 * backup_desk.h - the operation `backup`: a copy of the outbox into a file that the client opened
 *
 *     outbox --pages, between turns--> file in the outbox's folder --bytes--> the client's file
 *
 * The daemon may write nowhere but in its own folder, so the client, who may,
 * passes the descriptor. One at a time. No turn is longer for it by more than a
 * step, and what is handed in meanwhile is answered as ever.
 */
#ifndef CHATRELAY_DAEMON_BACKUP_DESK_H
#define CHATRELAY_DAEMON_BACKUP_DESK_H

#include "daemon/desk.h"

struct backup_desk;

/* `desk` is borrowed. What an earlier run left of a backup is removed. */
struct backup_desk *backup_desk_new(struct desk *desk);

/* Whoever waits is not answered. NULL is fine. */
void backup_desk_free(struct backup_desk *backups);

void backup_desk_answer(struct desk *desk, struct peer *peer, const struct request *request);

/* A step, if one is under way; outside a turn. True when there is more to do at once. */
MUST_CHECK bool backup_desk_step(struct backup_desk *backups);

/* The outbox is closed: whoever waits for a backup is told to try again. */
void backup_desk_give_up(struct backup_desk *backups);

#endif
