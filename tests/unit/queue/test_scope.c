#include "queue/scope.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const struct retry_policy policy = { .first_ms = 1000, .longest_ms = 8000 };

static struct scope_state state;
static struct moment now = { .at = 1000000, .steady_at = 5000 };

static void make(void)
{
    scope_init(&state, SCOPE_THREAD, "7");
}

TestSuite(scope, .init = make);

static void pass(msec_t time_ms)
{
    now.at += time_ms;
    now.steady_at += time_ms;
}

static struct delivery no_of(int http, msec_t wait_ms)
{
    struct delivery delivery = { .http = http, .wait_ms = wait_ms };
    snprintf(delivery.code, sizeof delivery.code, "Forbidden");
    snprintf(delivery.detail, sizeof delivery.detail, "%d Forbidden", http);
    return delivery;
}

static void fail(int http, msec_t wait_ms, msec_t began_steady_at)
{
    struct delivery delivery = no_of(http, wait_ms);
    scope_fail(&state, &delivery, &policy, began_steady_at, now, 0);
}

/* How long it is closed from now on. */
static msec_t closed_ms(void)
{
    return msec_max(scope_opens_steady_at(&state, now) - now.steady_at, 0);
}

Test(scope, a_new_one_is_open)
{
    cr_expect(closed_ms() == 0);
    cr_expect(!scope_succeed(&state));
    cr_expect(state.record.pace_percent == 100);
    cr_expect_str_eq(state.record.name, "7");
}

Test(scope, failures_in_a_row_double_the_wait_and_one_success_ends_it)
{
    static const msec_t expected_ms[] = { 1000, 2000, 4000, 8000, 8000 };
    for (size_t i = 0; i < 5; i++) {
        fail(403, DELIVERY_NO_WAIT, now.steady_at);
        cr_expect(closed_ms() == expected_ms[i]);
        cr_expect(state.record.failures == (int64_t)i + 1);
        cr_expect(state.record.until_at == now.at + expected_ms[i]);
        cr_expect(state.record.since_at == 1000000);
        cr_expect(!state.record.told);
        pass(expected_ms[i]);
        cr_expect(closed_ms() == 0);
    }
    cr_expect(scope_succeed(&state));
    cr_expect(!scope_succeed(&state));
    cr_expect(state.record.failures == 0 && state.record.since_at == 0);
    cr_expect(state.record.code[0] == '\0' && state.record.http == 0);
    fail(403, DELIVERY_NO_WAIT, now.steady_at);
    cr_expect(closed_ms() == 1000);
}

Test(scope, says_what_happened)
{
    fail(403, DELIVERY_NO_WAIT, now.steady_at);
    cr_expect(state.record.http == 403);
    cr_expect_str_eq(state.record.code, "Forbidden");
    cr_expect_str_eq(state.record.detail, "403 Forbidden");
}

Test(scope, waits_as_long_as_the_chat_asks)
{
    fail(429, 123456, now.steady_at);
    cr_expect(closed_ms() == 123456);
    cr_expect(state.record.told);
    cr_expect(!scope_flush(&state));
    cr_expect(closed_ms() == 123456);
}

Test(scope, a_wait_that_was_asked_for_is_never_cut_short_by_a_later_one)
{
    fail(429, 60000, now.steady_at);
    pass(1000);
    fail(429, 2000, now.steady_at - 500);
    cr_expect(closed_ms() == 59000);
    fail(503, DELIVERY_NO_WAIT, now.steady_at - 500);
    cr_expect(closed_ms() == 59000);
    cr_expect(state.record.told);
    cr_expect(!scope_flush(&state));
}

Test(scope, a_wait_of_our_own_after_one_that_was_asked_for_is_our_own)
{
    fail(429, 500, now.steady_at);
    pass(500);
    fail(503, DELIVERY_NO_WAIT, now.steady_at);
    cr_expect(closed_ms() == 2000);
    cr_expect(!state.record.told);
}

Test(scope, flush_forgets_a_wait_of_our_own_but_not_the_failures)
{
    fail(403, DELIVERY_NO_WAIT, now.steady_at);
    cr_expect(scope_flush(&state));
    cr_expect(closed_ms() == 0);
    cr_expect(state.record.until_at == 0);
    cr_expect(!scope_flush(&state));
    fail(403, DELIVERY_NO_WAIT, now.steady_at);
    cr_expect(closed_ms() == 2000);
}

Test(scope, what_dies_together_counts_once)
{
    msec_t began_steady_at = now.steady_at;
    pass(100);
    for (int i = 0; i < 100; i++) {
        fail(500, DELIVERY_NO_WAIT, began_steady_at);
        pass(1);
    }
    cr_expect(state.record.failures == 1);
    cr_expect(closed_ms() == 900);
    pass(900);
    fail(500, DELIVERY_NO_WAIT, now.steady_at);
    cr_expect(state.record.failures == 2);
}

Test(scope, what_dies_within_the_millisecond_in_which_it_began_counts_too)
{
    fail(0, DELIVERY_NO_WAIT, now.steady_at);
    pass(1000);
    fail(0, DELIVERY_NO_WAIT, now.steady_at);
    cr_expect(state.record.failures == 2);
}

Test(scope, one_probe_at_a_time_while_it_fails)
{
    fail(403, DELIVERY_NO_WAIT, now.steady_at);
    pass(1000);
    cr_expect(closed_ms() == 0);
    state.under_way = 1;
    cr_expect(scope_opens_steady_at(&state, now) == MSEC_NEVER);
    scope_succeed(&state);
    cr_expect(closed_ms() == 0);
}

Test(scope, a_pause_ends_by_the_wall_clock)
{
    state.record.paused_until = now.at + 5000;
    cr_expect(closed_ms() == 5000);
    now.at += 4000; /* set */
    cr_expect(closed_ms() == 1000);
    now.at += 4000;
    cr_expect(closed_ms() == 0);
}

Test(scope, what_was_stored_goes_on)
{
    fail(403, DELIVERY_NO_WAIT, now.steady_at);
    fail(403, DELIVERY_NO_WAIT, now.steady_at);
    struct scope_record stored = state.record;
    pass(500);
    now.steady_at = 77; /* another start of the machine */
    make();
    scope_restore(&state, &stored, now);
    cr_expect(closed_ms() == 1500);
    cr_expect(state.record.failures == 2);
    fail(403, DELIVERY_NO_WAIT, now.steady_at);
    cr_expect(state.record.failures == 3);
}

Test(scope, a_wait_that_ended_while_we_were_away_is_over)
{
    fail(403, DELIVERY_NO_WAIT, now.steady_at);
    struct scope_record stored = state.record;
    pass(1001);
    make();
    scope_restore(&state, &stored, now);
    cr_expect(closed_ms() == 0);
    cr_expect(state.record.failures == 1);
}

Test(scope, a_clock_set_back_prolongs_no_wait_beyond_an_hour)
{
    fail(429, 1000, now.steady_at);
    struct scope_record stored = state.record;
    now.at -= 1000LL * 24 * 60 * 60 * 365;
    make();
    scope_restore(&state, &stored, now);
    cr_expect(closed_ms() == COURIER_LONGEST_WAIT_MS);
}

Test(scope, an_endpoint_waits_with_full_jitter)
{
    scope_init(&state, SCOPE_ENDPOINT, "https://a.example");
    struct delivery delivery = no_of(503, DELIVERY_NO_WAIT);
    scope_fail(&state, &delivery, &policy, now.steady_at, now, 17);
    cr_expect(closed_ms() == 17);
}
