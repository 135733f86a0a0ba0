#include "client/describe.h"
#include "tests/unit/client/saying.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(client_describe, .init = saying_start, .fini = saying_finish);

static void expect(const char *expected)
{
    cr_expect_str_eq(out.bytes ? out.bytes : "", expected);
    text_empty(&out);
}

Test(client_describe, instants_name_their_zone)
{
    describe_instant(&out, noon_at + 61999);
    expect("2026-11-21 12:01:01 UTC");
    describe_distance(&out, noon_at - 125000, noon_at);
    expect("2 min 5 s ago");
    describe_distance(&out, noon_at + 4000, noon_at);
    expect("in 4 s");
}

Test(client_describe, a_first_line)
{
    describe_first_line(&out, "short", 10);
    expect("short");
    describe_first_line(&out, "exact", 5);
    expect("exact");
    describe_first_line(&out, "too long", 5);
    expect("too \xe2\x80\xa6");
    describe_first_line(&out, "one\ntwo", 10);
    expect("one\xe2\x80\xa6");
    describe_first_line(&out, "\xc3\xa9\xc3\xa9\xc3\xa9", 2);
    expect("\xc3\xa9\xe2\x80\xa6");
    describe_first_line(&out, "x\x1by", 10);
    expect("x\xef\xbf\xbdy");
    describe_first_line(&out, "x", 0);
    expect("");
}

Test(client_describe, an_answer_with_nothing_in_it_is_no_crash)
{
    json_t *empty = json_object();
    describe_row(&out, empty, noon_at, 80);
    describe_stats(&out, empty);
    json_decref(empty);
    cr_expect(strstr(out.bytes, "     0  ?"), "%s", out.bytes);
}

static void expect_end_of_row(const char *json, const char *end)
{
    json_t *message = json_loads(json, 0, NULL);
    text_empty(&out);
    describe_row(&out, message, noon_at, 120);
    json_decref(message);
    size_t length = strlen(end);
    cr_expect(out.length > length && strcmp(out.bytes + out.length - length, end) == 0, "%s",
              out.bytes);
}

Test(client_describe, a_row_says_what_it_changes)
{
    expect_end_of_row("{\"kind\":\"update\",\"target_id\":41,\"size\":3,\"content\":\"new\"}",
                      "  edit of 41: new\n");
    expect_end_of_row("{\"kind\":\"update\",\"target_id\":41,\"size\":3}",
                      "  edit of 41: (3 bytes)\n");
    expect_end_of_row("{\"kind\":\"delete\",\"target_id\":41,\"size\":0,\"content\":\"\"}",
                      "  removal of 41\n");
    expect_end_of_row("{\"size\":7}", "  (7 bytes)\n");
}

Test(client_describe, a_row_is_one_line)
{
    json_t *message = json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:s}", "id", 7, "state", "sent",
                                "thread", "ops", "priority", "bulk", "user", "root", "accepted_at",
                                (json_int_t)noon_at, "content", "one\ntwo");
    describe_row(&out, message, noon_at + 1000, 80);
    json_decref(message);
    expect(
        "     7  sent       ops           bulk    root        1 s ago           "
        "one\xe2\x80\xa6\n");
}
