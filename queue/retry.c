#include "queue/retry.h"

/* Doubled with every failure but the first, without overflow. */
static msec_t ceiling_ms(const struct retry_policy *policy, int64_t failures)
{
    msec_t wait_ms = policy->first_ms;
    while (--failures > 0 && wait_ms < policy->longest_ms)
        wait_ms *= 2;
    return msec_min(wait_ms, policy->longest_ms);
}

/* Anywhere from 0 to `most_ms`, both included. */
static msec_t spread(msec_t most_ms, uint32_t dice)
{
    return (msec_t)((uint64_t)dice % ((uint64_t)most_ms + 1));
}

msec_t retry_wait_ms(const struct retry_policy *policy, int64_t failures, uint32_t dice)
{
    msec_t wait_ms = ceiling_ms(policy, failures);
    return wait_ms - spread(wait_ms / 2, dice);
}

msec_t retry_wait_full_ms(const struct retry_policy *policy, int64_t failures, uint32_t dice)
{
    return spread(ceiling_ms(policy, failures), dice);
}
