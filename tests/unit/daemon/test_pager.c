#include "daemon/pager.h"

#include <criterion/criterion.h>

enum { HOUR_MS = 60 * 60 * 1000 };
static const msec_t now_at = 1795262400000;

Test(pager, who_was_never_called_is_called_at_once)
{
    cr_expect_eq(pager_wait_ms(0, HOUR_MS, now_at), 0);
}

Test(pager, at_most_one_call_in_the_time_that_is_set)
{
    cr_expect_eq(pager_wait_ms(now_at, HOUR_MS, now_at), HOUR_MS);
    cr_expect_eq(pager_wait_ms(now_at - HOUR_MS + 1, HOUR_MS, now_at), 1);
    cr_expect_eq(pager_wait_ms(now_at - HOUR_MS, HOUR_MS, now_at), 0);
    cr_expect_eq(pager_wait_ms(now_at - 5 * (msec_t)HOUR_MS, HOUR_MS, now_at), 0);
}

Test(pager, a_clock_that_was_set_back_silences_nobody)
{
    cr_expect_eq(pager_wait_ms(now_at + 1, HOUR_MS, now_at), 0);
}

Test(pager, a_call_that_failed_is_made_again_within_minutes)
{
    cr_expect_eq(pager_every_ms(HOUR_MS, false), HOUR_MS);
    cr_expect_eq(pager_every_ms(HOUR_MS, true), 5 * 60 * 1000);
    cr_expect_eq(pager_every_ms(1000, true), 1000);
}
