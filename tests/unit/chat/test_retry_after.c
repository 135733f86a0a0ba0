#include "chat/retry_after.h"
#include "queue/courier.h"

#include <criterion/criterion.h>

static const char date[] = "Sun, 06 Nov 1994 08:49:37 GMT";
static const msec_t date_at = 784111777000;

Test(retry_after, seconds)
{
    cr_expect_eq(retry_after_parse("0", date, 0), 0);
    cr_expect_eq(retry_after_parse("1", date, 0), 1000);
    cr_expect_eq(retry_after_parse("0120", date, 0), 120000);
    cr_expect_eq(retry_after_parse("86399", NULL, 0), 86399000);
}

Test(retry_after, absurd_waits_are_cut_down)
{
    cr_expect_eq(retry_after_parse("31536000000", NULL, 0), RETRY_AFTER_LONGEST_MS);
    cr_expect_eq(retry_after_parse("31536000001", NULL, 0), RETRY_AFTER_LONGEST_MS);
    cr_expect_eq(retry_after_parse("9223372036854775808", NULL, 0), RETRY_AFTER_LONGEST_MS);
    cr_expect_eq(retry_after_parse("99999999999999999999999999999999999999", NULL, 0),
                 RETRY_AFTER_LONGEST_MS);
    cr_expect_eq(retry_after_parse("Fri, 31 Dec 9999 23:59:59 GMT", date, 0),
                 RETRY_AFTER_LONGEST_MS);
    cr_expect_eq(retry_after_parse_ms("99999999999999999999"), RETRY_AFTER_LONGEST_MS);
}

Test(retry_after, a_date_is_held_against_the_answers_own)
{
    cr_expect_eq(retry_after_parse("Sun, 06 Nov 1994 08:50:00 GMT", date, 0), 23000);
    cr_expect_eq(retry_after_parse("Sun, 06 Nov 1994 08:49:00 GMT", date, 0), 0, "in the past");
}

Test(retry_after, a_date_is_held_against_our_clock_where_the_answer_has_none)
{
    const char *value = "Sun, 06 Nov 1994 08:50:00 GMT";
    cr_expect_eq(retry_after_parse(value, NULL, date_at), 23000);
    cr_expect_eq(retry_after_parse(value, "noon", date_at + 3000), 20000);
}

Test(retry_after, nonsense_is_ignored)
{
    static const char *const values[] = { "",     " ",    "-1", "+1",   "1.5",        "1s",
                                          "soon", "0x10", " 1", "1, 2", "Sun, 06 Nov" };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        cr_expect_eq(retry_after_parse(values[i], date, 0), DELIVERY_NO_WAIT, "%s", values[i]);
        cr_expect_eq(retry_after_parse_ms(values[i]), DELIVERY_NO_WAIT, "%s", values[i]);
    }
    cr_expect_eq(retry_after_parse(NULL, date, 0), DELIVERY_NO_WAIT);
    cr_expect_eq(retry_after_parse_ms(NULL), DELIVERY_NO_WAIT);
}

Test(retry_after, milliseconds)
{
    cr_expect_eq(retry_after_parse_ms("0"), 0);
    cr_expect_eq(retry_after_parse_ms("250"), 250);
    cr_expect_eq(retry_after_parse_ms("86400001"), 86400001);
}
