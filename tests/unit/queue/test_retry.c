#include "queue/retry.h"

#include <criterion/criterion.h>

static const struct retry_policy policy = { .first_ms = 1000, .longest_ms = 300000 };

/* The longest wait that any dice gives; the shortest is a property of its own. */
static msec_t longest_ms(int64_t failures)
{
    return retry_wait_full_ms(&policy, failures,
                              (uint32_t)msec_min(1000LL << (failures - 1), 300000));
}

Test(retry, doubles_up_to_the_longest)
{
    static const msec_t expected_ms[] = { 1000,  2000,  4000,   8000,   16000,
                                          32000, 64000, 128000, 256000, 300000 };
    for (int64_t failures = 1; failures <= 10; failures++) {
        cr_expect(retry_wait_ms(&policy, failures, 0) == expected_ms[failures - 1]);
        cr_expect(longest_ms(failures) == expected_ms[failures - 1]);
    }
}

Test(retry, any_number_of_failures_is_fine)
{
    cr_expect(retry_wait_ms(&policy, 1000000000000, 0) == 300000);
    cr_expect(retry_wait_ms(&policy, INT64_MAX, 0) == 300000);
}

Test(retry, spreads_over_the_upper_half)
{
    msec_t shortest_ms = MSEC_NEVER, most_ms = 0;
    for (uint32_t dice = 0; dice < 10000; dice++) {
        msec_t wait_ms = retry_wait_ms(&policy, 3, dice * 429497U);
        shortest_ms = msec_min(shortest_ms, wait_ms);
        most_ms = msec_max(most_ms, wait_ms);
    }
    cr_expect(shortest_ms >= 2000 && shortest_ms < 2020);
    cr_expect(most_ms <= 4000 && most_ms > 3980);
}

Test(retry, full_jitter_spreads_over_all_of_it)
{
    int64_t below_half = 0;
    for (uint32_t dice = 0; dice < 10000; dice++) {
        msec_t wait_ms = retry_wait_full_ms(&policy, 3, dice * 429497U);
        cr_expect(wait_ms >= 0 && wait_ms <= 4000);
        below_half += wait_ms < 2000;
    }
    cr_expect(below_half > 4800 && below_half < 5200);
}

Test(retry, a_policy_of_one_length_stays_there)
{
    const struct retry_policy fixed = { .first_ms = 100, .longest_ms = 100 };
    for (int64_t failures = 1; failures < 100; failures++)
        cr_expect(retry_wait_ms(&fixed, failures, 0) == 100);
}

Test(retry, no_wait_at_all_does_not_hang)
{
    const struct retry_policy none = { .first_ms = 0, .longest_ms = 0 };
    cr_expect(retry_wait_ms(&none, INT64_MAX, 12345) == 0);
    cr_expect(retry_wait_full_ms(&none, INT64_MAX, 12345) == 0);
}
