#include "base/duration.h"

#include <criterion/criterion.h>

static void expect(const char *text, msec_t duration_ms)
{
    msec_t parsed_ms = -1;
    struct error err = { "" };
    cr_expect(duration_parse(text, &parsed_ms, &err), "%s: %s", text, err.text);
    cr_expect_eq(parsed_ms, duration_ms, "%s is %ld", text, (long)parsed_ms);
}

static void expect_refused(const char *text)
{
    msec_t parsed_ms = -1;
    struct error err = { "" };
    cr_expect(!duration_parse(text, &parsed_ms, &err), "\"%s\" is %ld", text, (long)parsed_ms);
    cr_expect(strlen(err.text) > 0);
    cr_expect_eq(parsed_ms, -1, "nothing is stored on failure");
}

Test(duration, adds_up_its_units)
{
    expect("0", 0);
    expect("0s", 0);
    expect("250ms", 250);
    expect("90s", 90000);
    expect("5min", 300000);
    expect("5m", 300000);
    expect("1h30m", 5400000);
    expect("3d", 3 * 86400000LL);
    expect("1d2h3m4s5ms", 86400000 + 2 * 3600000 + 3 * 60000 + 4000 + 5);
}

Test(duration, refuses_what_is_none)
{
    expect_refused("");
    expect_refused("5");
    expect_refused("s");
    expect_refused("-5s");
    expect_refused("5 s");
    expect_refused("5s ");
    expect_refused("1.5h");
    expect_refused("5w");
    expect_refused("30m1h");
    expect_refused("1h1h");
    expect_refused("00000000000000000000000000x");
}

Test(duration, a_missing_unit_is_named)
{
    static const char *const texts[] = { "10", "1h30" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        msec_t parsed_ms = -1;
        struct error err = { "" };
        cr_assert(!duration_parse(texts[i], &parsed_ms, &err));
        cr_expect(strstr(err.text, "a number needs its unit, such as 10s or 1h30m"), "%s",
                  err.text);
    }
}

Test(duration, does_not_overflow)
{
    expect_refused("99999999999999999999d");
    expect_refused("9223372036854775807d");
    expect_refused("106751991167d9223372036854775807ms");
}

Test(duration, is_written_as_it_is_read)
{
    static const msec_t samples[] = { 0, 1, 999, 1000, 61001, 5400000, 86400000, 90061001 };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        char text[DURATION_LONGEST_TEXT];
        duration_format(samples[i], text);
        expect(text, samples[i]);
    }
    char longest[DURATION_LONGEST_TEXT];
    duration_format(MSEC_NEVER, longest);
    expect(longest, MSEC_NEVER);
}

Test(duration, is_said_in_two_units)
{
    char text[DURATION_LONGEST_TEXT];
    duration_say(9060000, text);
    cr_expect_str_eq(text, "2 h 31 min");
    duration_say(4999, text);
    cr_expect_str_eq(text, "4 s");
    duration_say(350, text);
    cr_expect_str_eq(text, "350 ms");
    duration_say(2 * 86400000LL, text);
    cr_expect_str_eq(text, "2 d");
}
