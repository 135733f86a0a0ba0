#include "chat/renewal.h"

/* Of the time before the renewal, the part over which it is spread. */
enum { JITTER_PARTS = 10 };

/* When a token is old enough to be replaced. */
static msec_t renew_at(const struct renewal *state, uint32_t dice)
{
    if (state->expires_at == MSEC_NEVER)
        return MSEC_NEVER;
    msec_t life_ms = msec_max(state->expires_at - state->obtained_at, 0);
    msec_t margin_ms = msec_min(RENEWAL_MARGIN_MS, life_ms / 2);
    msec_t jitter_ms = msec_min(margin_ms, life_ms - margin_ms) / JITTER_PARTS;
    msec_t early_ms = (msec_t)((uint64_t)dice % ((uint64_t)jitter_ms + 1));
    return state->expires_at - margin_ms - early_ms;
}

msec_t renewal_due_at(const struct renewal *state, msec_t now_at, uint32_t dice)
{
    if (state->failures > 0) {
        msec_t wait_ms = retry_wait_ms(&state->policy, state->failures, dice);
        /* A clock that was set back must not make the wait longer. */
        return msec_min(state->failed_at, now_at) + wait_ms;
    }
    return state->has_token ? renew_at(state, dice) : now_at;
}

bool renewal_is_alive(const struct renewal *state, msec_t now_at)
{
    return state->has_token && now_at < state->expires_at;
}

void renewal_obtained(struct renewal *state, msec_t expires_at, msec_t now_at)
{
    state->has_token = true;
    state->obtained_at = now_at;
    state->expires_at = expires_at;
    state->failures = 0;
}

void renewal_failed(struct renewal *state, msec_t now_at)
{
    state->failures++;
    state->failed_at = now_at;
}

void renewal_discarded(struct renewal *state)
{
    state->has_token = false;
    state->failures = 0;
}
