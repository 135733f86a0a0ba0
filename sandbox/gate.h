/*
 * gate.h - who comes in
 */
#ifndef CHATRELAY_SANDBOX_GATE_H
#define CHATRELAY_SANDBOX_GATE_H

#include "sandbox/call.h"

/*
 * Count a send, update or delete for its thread's limit, whatever becomes of it.
 * ACS: all requests accrue against the limits.
 */
void gate_spend(struct call *call);

/*
 * May the call be carried out? Checks api-version, signature or token, thread,
 * limits and membership, and fills in the call's user, thread and member. When it
 * may not, the answer says why.
 */
bool gate_admit(struct call *call, struct answer *answer);

#endif
