/*
 * show_remote.h - show a message together with what the chat has of it by now
 */
#ifndef CHATRELAY_DAEMON_SHOW_REMOTE_H
#define CHATRELAY_DAEMON_SHOW_REMOTE_H

#include "daemon/desk.h"

/* The asker may see `message`. Answers when the chat has. */
void show_remote(struct desk *desk, struct peer *peer, const struct request *request,
                 const struct message *message);

#endif
