#include "queue/courier.h"
#include "setup/patience.h"

#include <criterion/criterion.h>

static const msec_t none = DELIVERY_NO_WAIT;

/* How long it waits first, -1: not at all. */
static msec_t wait_first(int status, msec_t asked_ms, bool repeatable)
{
    struct patience patience = { 0 };
    msec_t wait_ms = 0;
    return patience_wait(&patience, status, asked_ms, repeatable, &wait_ms) ? wait_ms : -1;
}

Test(setup_patience, what_was_refused_may_be_asked_again)
{
    cr_expect_eq(wait_first(429, 5000, false), 5000);
    cr_expect_eq(wait_first(503, 5000, true), 5000);
    cr_expect_eq(wait_first(503, 5000, false), -1, "it may have been carried out");
    cr_expect_eq(wait_first(500, 5000, true), -1);
    cr_expect_eq(wait_first(201, none, true), -1);
    cr_expect_eq(wait_first(0, none, true), -1);
}

Test(setup_patience, a_long_pause_is_for_another_time)
{
    cr_expect_eq(wait_first(429, PATIENCE_MS, false), PATIENCE_MS);
    cr_expect_eq(wait_first(429, PATIENCE_MS + 1, false), -1);
    cr_expect_gt(wait_first(429, 0, false), 0);
}

Test(setup_patience, it_is_spent_after_a_while)
{
    for (msec_t asked_ms = none; asked_ms <= 3000; asked_ms += 1000) {
        struct patience patience = { 0 };
        msec_t wait_ms = 0, waited_ms = 0;
        int times = 0;
        while (patience_wait(&patience, 429, asked_ms, false, &wait_ms)) {
            waited_ms += wait_ms;
            times++;
        }
        cr_expect_gt(times, 0);
        cr_expect_lt(times, 10);
        cr_expect_leq(waited_ms, PATIENCE_MS);
    }
}
