/*
 * senders.h - the senders of the settings, as the courier takes them
 */
#ifndef CHATRELAY_DAEMON_SENDERS_H
#define CHATRELAY_DAEMON_SENDERS_H

#include "chat/courier.h"
#include "config/config.h"

/*
 * Have the courier send as these, and as no others. False, with nothing changed, when it cannot.
 * `config` is borrowed for the call.
 */
MUST_CHECK bool senders_configure(struct chat *chat, const struct config *config,
                                  struct error *err);

#endif
