/*
 * ledger.h - what appeared, in order, as JSON lines
 */
#ifndef CHATRELAY_SANDBOX_LEDGER_H
#define CHATRELAY_SANDBOX_LEDGER_H

#include "sandbox/connection.h"
#include "sandbox/store.h"

/*
 * Answer GET /sandbox/messages: each line a ChatMessage with its threadId. Query
 * parameters: `thread` (only this one), `from` (leave out so many lines),
 * `system=1` (the service's own messages too). It is streamed, as fast as the
 * client reads; what appears meanwhile is in it.
 */
void ledger_stream(const struct store *store, struct evhttp_request *request,
                   struct connection *connection);

#endif
