#include "sandbox/limit.h"

#include <criterion/criterion.h>

static struct limit limit_of(const char *text, enum limit_kind kind)
{
    struct limit limit = { .kind = kind };
    struct error err;
    cr_assert(limit_parse(text, &limit, &err), "%s", err.text);
    return limit;
}

Test(limit, is_read_as_people_write_it)
{
    struct limit limit = limit_of("10/10s,30/1m", LIMIT_SLIDING);
    cr_assert_eq(limit.rules, 2);
    cr_assert_eq(limit.rule[0].count, 10);
    cr_assert_eq(limit.rule[0].window_ms, 10000);
    cr_assert_eq(limit.rule[1].window_ms, 60000);
    limit = limit_of("off", LIMIT_SLIDING);
    cr_assert_eq(limit.rules, 0);
    limit = limit_of("10/10s, 30/60s", LIMIT_SLIDING);
    cr_assert_eq(limit.rules, 2);
}

Test(limit, refuses_nonsense)
{
    static const char *const nonsense[] = { "",    "10",    "/10s",   "0/10s",  "-1/10s",   "none",
                                            "10/", "10/0s", "10/10x", "10s/10", "100001/1s" };
    struct limit limit = { 0 };
    struct error err;
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++)
        cr_assert_not(limit_parse(nonsense[i], &limit, &err), "%s", nonsense[i]);
    cr_assert_not(limit_parse("1/1s,1/2s,1/3s,1/4s,1/5s", &limit, &err));
}

Test(limit, off_lets_everything_through)
{
    struct limit limit = limit_of("off", LIMIT_SLIDING);
    struct limit_usage usage = { 0 };
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(limit_spend(&limit, &usage, 0), 0);
}

Test(limit, sliding_counts_any_span)
{
    struct limit limit = limit_of("3/10s", LIMIT_SLIDING);
    struct limit_usage usage = { 0 };
    cr_expect_eq(limit_spend(&limit, &usage, 9000), 0);
    cr_expect_eq(limit_spend(&limit, &usage, 9500), 0);
    cr_expect_eq(limit_spend(&limit, &usage, 9999), 0);
    /* A fixed window would begin here. */
    cr_expect_gt(limit_spend(&limit, &usage, 10001), 0);
    limit_usage_clear(&usage);
}

Test(limit, sliding_takes_the_next_exactly_when_the_oldest_is_a_window_old)
{
    struct limit limit = limit_of("2/10s", LIMIT_SLIDING);
    struct limit_usage usage = { 0 };
    cr_expect_eq(limit_spend(&limit, &usage, 100), 0);
    cr_expect_eq(limit_spend(&limit, &usage, 200), 0);
    cr_expect_eq(limit_spend(&limit, &usage, 10100), 0);
    cr_expect_gt(limit_spend(&limit, &usage, 10199), 0);
    limit_usage_clear(&usage);
}

Test(limit, what_is_refused_counts)
{
    struct limit limit = limit_of("2/10s", LIMIT_SLIDING);
    struct limit_usage usage = { 0 };
    limit_spend(&limit, &usage, 0);
    limit_spend(&limit, &usage, 0);
    /* Hammering once a second keeps the door shut, however long it goes on. */
    for (msec_t at_ms = 1000; at_ms < 60000; at_ms += 1000)
        cr_expect_gt(limit_spend(&limit, &usage, at_ms), 0);
    cr_expect_eq(limit_spend(&limit, &usage, 59000 + 10000), 0);
    limit_usage_clear(&usage);
}

Test(limit, the_wait_that_it_names_is_enough_and_not_more)
{
    struct limit limit = limit_of("3/10s,5/60s", LIMIT_SLIDING);
    for (int early = 0; early < 2; early++) {
        struct limit_usage usage = { 0 };
        msec_t wait_ms = 0, at_ms = 0;
        while ((wait_ms = limit_spend(&limit, &usage, at_ms)) == 0)
            at_ms += 3500;
        msec_t again_ms = at_ms + wait_ms - early;
        cr_expect_eq(limit_spend(&limit, &usage, again_ms) > 0, early);
        limit_usage_clear(&usage);
    }
}

Test(limit, both_rules_hold)
{
    struct limit limit = limit_of("10/10s,30/60s", LIMIT_SLIDING);
    struct limit_usage usage = { 0 };
    int let_through = 0;
    /* As fast as the short rule alone allows. */
    for (msec_t at_ms = 0; at_ms < 60000; at_ms += 1000)
        let_through += limit_spend(&limit, &usage, at_ms) == 0;
    cr_expect_eq(let_through, 30);
    limit_usage_clear(&usage);
}

Test(limit, fixed_windows_begin_at_their_multiples)
{
    struct limit limit = limit_of("2/10s", LIMIT_FIXED);
    struct limit_usage usage = { 0 };
    cr_expect_eq(limit_spend(&limit, &usage, 9000), 0);
    cr_expect_eq(limit_spend(&limit, &usage, 9100), 0);
    cr_expect_eq(limit_spend(&limit, &usage, 9200), 800);
    cr_expect_eq(limit_spend(&limit, &usage, 10000), 0);
    cr_expect_eq(limit_spend(&limit, &usage, 10001), 0);
    cr_expect_eq(limit_spend(&limit, &usage, 10002), 9998);
    limit_usage_clear(&usage);
}
