#include "base/instant.h"

#include <criterion/criterion.h>

/* 1994-11-06T08:49:37Z, the example of RFC 9110. */
#define EXAMPLE_AT 784111777000LL

static void expect(const char *text, msec_t expected_at)
{
    msec_t at = -1;
    cr_expect(instant_parse_rfc3339(text, &at), "%s", text);
    cr_expect_eq(at, expected_at, "%s is %ld", text, (long)at);
}

static void expect_refused(const char *text)
{
    msec_t at = -1;
    cr_expect(!instant_parse_rfc3339(text, &at), "%s is %ld", text, (long)at);
}

Test(instant, reads_rfc_3339)
{
    expect("1970-01-01T00:00:00Z", 0);
    expect("1994-11-06T08:49:37Z", EXAMPLE_AT);
    expect("1994-11-06t08:49:37z", EXAMPLE_AT);
    expect("1994-11-06 08:49:37Z", EXAMPLE_AT);
    expect("1994-11-06T08:49:37.25Z", EXAMPLE_AT + 250);
    expect("1994-11-06T08:49:37.0016613+00:00", EXAMPLE_AT + 1);
    expect("1994-11-06T09:49:37+01:00", EXAMPLE_AT);
    expect("1994-11-06T03:19:37-05:30", EXAMPLE_AT);
    expect("2024-02-29T00:00:00Z", 1709164800000);
    expect("2016-12-31T23:59:60Z", 1483228800000);
}

Test(instant, refuses_what_does_not_exist)
{
    expect_refused("");
    expect_refused("1994-11-06");
    expect_refused("1994-11-06T08:49:37");
    expect_refused("1994-11-06T08:49:37.Z");
    expect_refused("1994-11-06T08:49:37Zx");
    expect_refused("1994-13-06T08:49:37Z");
    expect_refused("1994-00-06T08:49:37Z");
    expect_refused("2023-02-29T00:00:00Z");
    expect_refused("2026-13-45T23:59:60Z");
    expect_refused("2026-02-29T23:59:60Z");
    expect_refused("1994-11-06T24:00:00Z");
    expect_refused("1994-11-06T08:49:37+24:00");
    expect_refused("1969-12-31T23:59:59Z");
    expect_refused("1970-01-01T00:00:00+01:00");
}

Test(instant, writes_rfc_3339)
{
    char text[INSTANT_LONGEST_TEXT];
    instant_format_rfc3339(EXAMPLE_AT + 7, text);
    cr_expect_str_eq(text, "1994-11-06T08:49:37.007Z");
}

Test(instant, reads_and_writes_http_dates)
{
    msec_t at = -1;
    char text[INSTANT_LONGEST_TEXT];
    instant_format_http(EXAMPLE_AT, text);
    cr_expect_str_eq(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    cr_expect(instant_parse_http(text, &at));
    cr_expect_eq(at, EXAMPLE_AT);
}

Test(instant, refuses_other_http_dates)
{
    msec_t at = -1;
    cr_expect(!instant_parse_http("Sunday, 06-Nov-94 08:49:37 GMT", &at));
    cr_expect(!instant_parse_http("Sun, 06 Nov 1994 08:49:37", &at));
    cr_expect(!instant_parse_http("Sun, 31 Feb 1994 08:49:37 GMT", &at));
    cr_expect(!instant_parse_http("120", &at));
    cr_expect(!instant_parse_http("", &at));
}
