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

Test(client_describe, a_message_says_what_there_is)
{
    json_t *message = json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:i, s:I, s:i, s:i, s:s}", "id", 42,
                                "state", "pending", "thread", "ops", "priority", "normal", "user",
                                "root", "uid", 0, "pid", 811, "accepted_at", (json_int_t)noon_at,
                                "position", 3, "eta_ms", 4000, "content", "disk full");
    describe_message(&out, message, noon_at + 1000);
    json_decref(message);
    expect(
        "42 is pending\n"
        "  to            ops, normal\n"
        "  from          root (uid 0, pid 811)\n"
        "  accepted      2026-11-21 12:00:00 UTC (1 s ago)\n"
        "  place         3 in its lane, sent in about 4 s\n"
        "\n"
        "disk full\n");
}

Test(client_describe, a_folded_message_names_the_other)
{
    json_t *message = json_pack("{s:i, s:s, s:i, s:s}", "id", 5, "state", "folded", "into_id", 9,
                                "end", "pending");
    describe_message(&out, message, noon_at);
    cr_expect(strncmp(out.bytes, "5 is folded into 9, which is pending\n", 37) == 0);
    json_decref(message);
}

Test(client_describe, an_answer_with_nothing_in_it_is_no_crash)
{
    json_t *empty = json_object();
    describe_message(&out, empty, noon_at);
    describe_row(&out, empty, noon_at, 80);
    describe_stats(&out, empty);
    json_decref(empty);
    cr_expect(strstr(out.bytes, "0 is ?"));
}

/* A message in this state after one attempt in doubt. */
static void describe_doubted(const char *state)
{
    json_t *message =
        json_pack("{s:i, s:s, s:I, s:[{s:i, s:I, s:s, s:s}]}", "id", 5, "state", state, "ended_at",
                  (json_int_t)noon_at + 6000, "log", "number", 1, "began_at", (json_int_t)noon_at,
                  "outcome", "doubt", "code", "closed");
    text_empty(&out);
    describe_message(&out, message, noon_at);
    json_decref(message);
}

Test(client_describe, the_look_that_found_it_is_told)
{
    describe_doubted("sent");
    cr_expect(strstr(out.bytes, "UTC: doubt, closed\n  looked        "), "%s", out.bytes);
    cr_expect(strstr(out.bytes, "UTC: found in the chat\n"), "%s", out.bytes);
    describe_doubted("expired");
    cr_expect_not(strstr(out.bytes, "looked"), "%s", out.bytes);
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

Test(client_describe, a_message_that_was_sent_without_telling_its_id)
{
    json_t *message = json_pack("{s:i, s:s, s:s, s:s}", "id", 7, "state", "sent", "thread", "ops",
                                "user", "root");
    describe_message(&out, message, noon_at);
    cr_expect(strstr(out.bytes, "  chat id       unknown: the chat's answer was cut off\n"));
    json_object_set_new(message, "remote_id", json_string("1593"));
    text_empty(&out);
    describe_message(&out, message, noon_at);
    cr_expect(strstr(out.bytes, "  chat id       1593\n"));
    json_decref(message);
}
