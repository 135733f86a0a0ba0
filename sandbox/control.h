/*
 * control.h - the sandbox's own operations, under /sandbox/
 *
 * They need no key and no token, and give tokens away: whoever reaches the sandbox may do all of
 * it. So it listens on loopback unless told otherwise, and warns then.
 */
#ifndef CHATRELAY_SANDBOX_CONTROL_H
#define CHATRELAY_SANDBOX_CONTROL_H

#include "sandbox/call.h"

void control_add_faults(struct call *call, struct answer *answer);
void control_list_faults(struct call *call, struct answer *answer);
void control_clear_faults(struct call *call, struct answer *answer);
void control_remove_fault(struct call *call, struct answer *answer);
void control_stats(struct call *call, struct answer *answer);

/* Make things with names of one's own, without a signature. */
void control_add_identity(struct call *call, struct answer *answer);
void control_add_thread(struct call *call, struct answer *answer);
void control_add_token(struct call *call, struct answer *answer);

#endif
