/*
 * authors.h - the identities that our messages in the chat may be from
 *
 * Those of the settings, and those that earlier settings had: they are noted in
 * the outbox. What a backup cannot know is an identity that was used after it was
 * made and is not in the settings any more.
 */
#ifndef CHATRELAY_DAEMON_AUTHORS_H
#define CHATRELAY_DAEMON_AUTHORS_H

#include "config/config.h"
#include "queue/outbox.h"

/*
 * All of them, one a line, with the new ones noted as part of the turn; to be freed.
 * "" when a sender's settings do not name its identity: then nobody knows.
 */
char *authors_of(const struct config *config, struct outbox *outbox);

#endif
