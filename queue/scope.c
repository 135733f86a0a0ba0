#include "queue/scope.h"

#include <stdio.h>
#include <string.h>

void scope_init(struct scope_state *state, enum scope scope, const char *name)
{
    *state = (struct scope_state){ .record.scope = scope };
    state->record.pace_percent = 100;
    snprintf(state->record.name, sizeof state->record.name, "%s", name);
}

/* An instant on the wall clock, as one on the steady clock, at most so far ahead. */
static msec_t to_steady(msec_t at, struct moment now, msec_t farthest_ms)
{
    return now.steady_at + msec_min(at - now.at, farthest_ms);
}

void scope_restore(struct scope_state *state, const struct scope_record *record, struct moment now)
{
    state->record = *record;
    if (state->record.pace_percent <= 0)
        state->record.pace_percent = 100;
    state->opens_steady_at = to_steady(record->until_at, now, COURIER_LONGEST_WAIT_MS);
}

static msec_t wait_ms_of(const struct scope_state *state, const struct delivery *delivery,
                         const struct retry_policy *policy, uint32_t dice)
{
    const struct scope_record *record = &state->record;
    if (delivery->wait_ms != DELIVERY_NO_WAIT)
        return delivery->wait_ms;
    if (record->scope == SCOPE_ENDPOINT)
        return retry_wait_full_ms(policy, record->failures, dice);
    if (record->scope == SCOPE_SENDER && delivery->http == 401)
        return record->failures == 1 ? 0 : retry_wait_ms(policy, record->failures - 1, dice);
    return retry_wait_ms(policy, record->failures, dice);
}

bool scope_fail(struct scope_state *state, const struct delivery *delivery,
                const struct retry_policy *policy, msec_t began_steady_at, struct moment now,
                uint32_t dice)
{
    struct scope_record *record = &state->record;
    bool known = record->failures > 0 && began_steady_at < state->failed_steady_at;
    if (known && delivery->wait_ms == DELIVERY_NO_WAIT)
        return false;
    if (record->failures == 0)
        record->since_at = now.at;
    if (!known)
        record->failures++;

    state->failed_steady_at = now.steady_at;
    msec_t wait_ms = wait_ms_of(state, delivery, policy, dice);
    state->opens_steady_at = msec_max(state->opens_steady_at, now.steady_at + wait_ms);
    record->until_at = now.at + (state->opens_steady_at - now.steady_at);
    record->told = delivery->wait_ms != DELIVERY_NO_WAIT;
    record->http = delivery->http;
    memcpy(record->code, delivery->code, sizeof record->code);
    memcpy(record->detail, delivery->detail, sizeof record->detail);
    return !known;
}

bool scope_throttle(struct scope_state *state, int64_t place)
{
    for (size_t i = 0; i < state->throttled_count; i++)
        if (state->throttled[i] == place)
            return state->throttled_count == SCOPE_THROTTLED_MOST;
    if (state->throttled_count < SCOPE_THROTTLED_MOST)
        state->throttled[state->throttled_count++] = place;
    return state->throttled_count == SCOPE_THROTTLED_MOST;
}

/* Back to a scope that never failed; what an operator or the pace has set stays. */
static void forget_failures(struct scope_state *state)
{
    struct scope_record *record = &state->record;
    record->failures = 0;
    record->since_at = 0;
    record->until_at = 0;
    record->told = false;
    record->http = 0;
    record->code[0] = '\0';
    record->detail[0] = '\0';
    state->opens_steady_at = 0;
    state->failed_steady_at = 0;
}

bool scope_succeed(struct scope_state *state)
{
    if (state->record.failures == 0)
        return false;
    forget_failures(state);
    return true;
}

bool scope_refuses(const struct scope_record *record)
{
    bool is_success = record->http >= 200 && record->http < 300;
    return record->http > 0 && record->http < 500 && record->http != 408 && !is_success;
}

bool scope_flush(struct scope_state *state)
{
    if (state->opens_steady_at == 0 || state->record.told)
        return false;
    state->opens_steady_at = 0;
    state->record.until_at = 0;
    return true;
}

msec_t scope_opens_steady_at(const struct scope_state *state, struct moment now)
{
    if (state->record.failures > 0 && state->under_way > 0)
        return MSEC_NEVER;
    if (state->record.paused_until == 0)
        return state->opens_steady_at;
    msec_t paused_ms = state->record.paused_until - now.at;
    return msec_max(state->opens_steady_at, now.steady_at + paused_ms);
}
