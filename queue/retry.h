/*
 * retry.h - how long to leave something alone that has failed
 *
 * Pure: no clock, no randomness, no I/O of its own.
 */
#ifndef CHATRELAY_QUEUE_RETRY_H
#define CHATRELAY_QUEUE_RETRY_H

#include "base/clock.h"

struct retry_policy {
    msec_t first_ms;   /* the ceiling after the first failure; doubles with each further one */
    msec_t longest_ms; /* the doubling stops here */
};

/*
 * The wait after the `failures`-th failure in a row (1 for the first), spread
 * by `dice`, 32 random bits, over the upper half of the ceiling: those that
 * failed together do not come back together, and none comes back at once.
 */
msec_t retry_wait_ms(const struct retry_policy *policy, int64_t failures, uint32_t dice);

/* The same, over all of it from 0 on ("full jitter"): for what many clients share. */
msec_t retry_wait_full_ms(const struct retry_policy *policy, int64_t failures, uint32_t dice);

#endif
