/*
 * mischief.h - what a fault makes of an answer
 */
#ifndef CHATRELAY_SANDBOX_MISCHIEF_H
#define CHATRELAY_SANDBOX_MISCHIEF_H

#include "sandbox/fault.h"

/*
 * Change the answer as the fault says. `shape` is that of the service's own
 * refusals, for a fault that names a status alone.
 */
void mischief_alter(const struct fault *fault, struct answer *answer, enum error_shape shape,
                    msec_t now_at);

/* The answer's bytes as HTTP has them, headers included. */
void mischief_raw(const struct answer *answer, struct text *raw);

/* How many of those bytes a FAULT_CUT lets through. */
size_t mischief_cut(const struct fault *fault, const struct answer *answer, const struct text *raw);

/* What FAULT_GARBAGE says. */
extern const char mischief_garbage[];

#endif
