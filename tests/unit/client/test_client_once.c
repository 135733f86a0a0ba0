#include "client/once.h"

#include <criterion/criterion.h>
#include <string.h>

static const unsigned char zeros[ONCE_RANDOM_BYTES];
static const unsigned char ones[ONCE_RANDOM_BYTES] = { 255, 255, 255, 255, 255,
                                                       255, 255, 255, 255, 255 };

Test(client_once, is_time_and_then_randomness)
{
    char once[ONCE_LENGTH + 1];
    once_make(0, zeros, once);
    cr_expect_str_eq(once, "00000000000000000000000000");
    once_make(0, ones, once);
    cr_expect_str_eq(once, "0000000000ZZZZZZZZZZZZZZZZ");
    once_make(1469918176385, zeros, once);
    cr_expect_str_eq(once, "01ARYZ6S410000000000000000", "the time as ULIDs have it");
}

Test(client_once, carries_every_random_bit)
{
    char nothing[ONCE_LENGTH + 1], once[ONCE_LENGTH + 1];
    once_make(1, zeros, nothing);
    for (int bit = 0; bit < 8 * ONCE_RANDOM_BYTES; bit++) {
        unsigned char random[ONCE_RANDOM_BYTES] = { 0 };
        random[bit / 8] = (unsigned char)(0x80 >> bit % 8);
        once_make(1, random, once);
        int place = 10 + bit / 5;
        cr_expect_eq(once[place], "G8421"[bit % 5], "bit %d: %s", bit, once);
        once[place] = '0';
        cr_expect_str_eq(once, nothing, "bit %d touches one digit alone", bit);
    }
}

Test(client_once, orders_by_time)
{
    char earlier[ONCE_LENGTH + 1], later[ONCE_LENGTH + 1];
    for (msec_t at = 1; at < 4000000000000; at *= 7) {
        once_make(at, ones, earlier);
        once_make(at + 1, zeros, later);
        cr_expect_lt(strcmp(earlier, later), 0);
    }
}

Test(client_once, two_of_the_same_instant_differ)
{
    char one[ONCE_LENGTH + 1], other[ONCE_LENGTH + 1];
    once_make_now(one);
    once_make_now(other);
    cr_expect_str_neq(one, other);
    cr_expect_eq(strlen(one), ONCE_LENGTH);
}
