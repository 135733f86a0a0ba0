/*
 * filter.h - which messages a request is about, as the outbox takes it
 */
#ifndef CHATRELAY_DAEMON_FILTER_H
#define CHATRELAY_DAEMON_FILTER_H

#include "daemon/desk.h"

/*
 * The filters of a request. Someone who is no operator asks for their own
 * messages in any case. False with a refusal.
 */
bool filter_make(const struct desk *desk, const struct asker *asker, const struct request *request,
                 struct outbox_filter *filter, struct refusal *refusal);

/*
 * The number of a thread of the settings, or of one that was in them: messages
 * may wait for it still. False with a refusal when nobody knows the name.
 */
bool filter_thread(const struct desk *desk, const char *name, int64_t *thread,
                   struct refusal *refusal);

#endif
