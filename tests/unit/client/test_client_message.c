#include "client/message.h"
#include "tests/unit/client/saying.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(client_message, .init = saying_start, .fini = saying_finish);

Test(client_message, a_message_says_what_there_is)
{
    json_t *message = json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:i, s:I, s:i, s:i, s:s}", "id", 42,
                                "state", "pending", "thread", "ops", "priority", "normal", "user",
                                "root", "uid", 0, "pid", 811, "accepted_at", (json_int_t)noon_at,
                                "position", 3, "eta_ms", 4000, "content", "disk full");
    message_describe(&out, message, noon_at + 1000);
    json_decref(message);
    cr_expect_str_eq(out.bytes,
                     "42 is pending\n"
                     "  to            ops, normal\n"
                     "  from          root (uid 0, pid 811)\n"
                     "  accepted      2026-11-21 12:00:00 UTC (1 s ago)\n"
                     "  place         3 in its lane, sent in about 4 s\n"
                     "\n"
                     "disk full\n");
}

Test(client_message, a_folded_message_names_the_other)
{
    json_t *message = json_pack("{s:i, s:s, s:i, s:s}", "id", 5, "state", "folded", "into_id", 9,
                                "end", "pending");
    message_describe(&out, message, noon_at);
    cr_expect(strncmp(out.bytes, "5 is folded into 9, which is pending\n", 37) == 0);
    json_decref(message);
}

Test(client_message, an_answer_with_nothing_in_it_is_no_crash)
{
    json_t *empty = json_object();
    message_describe(&out, empty, noon_at);
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
    message_describe(&out, message, noon_at);
    json_decref(message);
}

Test(client_message, the_look_that_found_it_is_told)
{
    describe_doubted("sent");
    cr_expect(strstr(out.bytes, "UTC: doubt, closed\n  looked        "), "%s", out.bytes);
    cr_expect(strstr(out.bytes, "UTC: found in the chat\n"), "%s", out.bytes);
    describe_doubted("expired");
    cr_expect_not(strstr(out.bytes, "looked"), "%s", out.bytes);
}

Test(client_message, a_message_that_was_sent_without_telling_its_id)
{
    json_t *message = json_pack("{s:i, s:s, s:s, s:s}", "id", 7, "state", "sent", "thread", "ops",
                                "user", "root");
    message_describe(&out, message, noon_at);
    cr_expect(strstr(out.bytes, "  chat id       unknown: the chat's answer was cut off\n"));
    json_object_set_new(message, "remote_id", json_string("1593"));
    text_empty(&out);
    message_describe(&out, message, noon_at);
    cr_expect(strstr(out.bytes, "  chat id       1593\n"));
    json_decref(message);
}
