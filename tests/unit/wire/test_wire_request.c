#include "base/text.h"
#include "tests/unit/wire/exact.h"
#include "wire/request.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const msec_t now_at = 1000000;
static struct request request;
static struct refusal refusal;

static void finish(void)
{
    request_clear(&request);
}

TestSuite(wire_request, .fini = finish);

static bool parse(const char *line)
{
    char *exact = exact_copy(line);
    request_clear(&request);
    bool parsed = request_parse(exact, strlen(line), now_at, &request, &refusal);
    free(exact);
    return parsed;
}

static void expect_request(const char *line)
{
    cr_assert(parse(line), "%s: %s", line, refusal.message);
}

static void expect_refusal(const char *line, enum refusal_word word, const char *field,
                           const char *message)
{
    cr_assert_not(parse(line), "%s", line);
    cr_expect_eq(refusal.word, word, "%s: %s", line, refusal_name(refusal.word));
    cr_expect_str_eq(refusal.field, field, "%s: %s", line, refusal.field);
    cr_expect_str_eq(refusal.message, message, "%s: %s", line, refusal.message);
    cr_expect_not(refusal.retry);
}

static void expect_invalid(const char *line, const char *field, const char *message)
{
    expect_refusal(line, REFUSAL_INVALID, field, message);
}

Test(wire_request, send_is_the_operation_unless_said)
{
    expect_request("{\"content\":\"hi\"}");
    cr_expect_eq(request.op, REQUEST_SEND);
    cr_expect_str_eq(request.content, "hi");
    cr_expect_eq(request.content_bytes, 2);
}

Test(wire_request, what_was_not_given_can_be_told)
{
    expect_request("{\"content\":\"hi\"}");
    cr_expect_null(request.to);
    cr_expect_null(request.ref);
    cr_expect_null(request.once);
    cr_expect_null(request.metadata);
    cr_expect_null(request.display_name);
    cr_expect_eq(request.type, REQUEST_TYPE_TEXT);
    cr_expect_eq(request.priority, REQUEST_PRIORITY_UNSAID);
    cr_expect_eq(request.ttl_ms, -1);
    cr_expect_eq(request.due_at, 0);
}

Test(wire_request, send_carries_every_field)
{
    expect_request(
        "{\"op\":\"send\",\"ref\":\"r1\",\"to\":\"ops\",\"content\":\"<b>x</b>\","
        "\"type\":\"html\",\"senderDisplayName\":\"db01\","
        "\"metadata\":{\"b\":\"2\",\"a\":\"1\"},\"priority\":\"bulk\","
        "\"ttl\":\"1h30m\",\"at\":\"+10m\",\"once\":\"k\"}");
    cr_expect_str_eq(request.ref, "r1");
    cr_expect_str_eq(request.to, "ops");
    cr_expect_str_eq(request.content, "<b>x</b>");
    cr_expect_eq(request.type, REQUEST_TYPE_HTML);
    cr_expect_str_eq(request.display_name, "db01");
    cr_expect_str_eq(request.metadata, "{\"a\":\"1\",\"b\":\"2\"}", "sorted: equal is equal");
    cr_expect_eq(request.priority, REQUEST_PRIORITY_BULK);
    cr_expect_eq(request.ttl_ms, 5400000);
    cr_expect_eq(request.due_at, now_at + 600000);
    cr_expect_str_eq(request.once, "k");
}

Test(wire_request, empty_metadata_is_none)
{
    expect_request("{\"content\":\"x\",\"metadata\":{}}");
    cr_expect_null(request.metadata);
}

Test(wire_request, reads_every_word)
{
    static const struct {
        const char *line;
        int value;
    } cases[] = {
        { "{\"content\":\"x\",\"priority\":\"urgent\"}", REQUEST_PRIORITY_URGENT },
        { "{\"content\":\"x\",\"priority\":\"normal\"}", REQUEST_PRIORITY_NORMAL },
        { "{\"content\":\"x\",\"priority\":\"bulk\"}", REQUEST_PRIORITY_BULK },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_request(cases[i].line);
        cr_expect_eq((int)request.priority, cases[i].value);
    }
    expect_request("{\"content\":\"x\",\"type\":\"text\"}");
    cr_expect_eq(request.type, REQUEST_TYPE_TEXT);
}

Test(wire_request, at_may_be_an_instant)
{
    expect_request("{\"content\":\"x\",\"at\":\"1970-01-01T00:00:02.5Z\"}");
    cr_expect_eq(request.due_at, 2500);
    expect_request("{\"content\":\"x\",\"at\":\"1970-01-01T01:00:02+01:00\"}");
    cr_expect_eq(request.due_at, 2000);
}

Test(wire_request, an_escaped_line_is_what_it_escapes)
{
    expect_request("{\"content\":\"\\u00e9\\ud83d\\ude00\\n\"}");
    cr_expect_str_eq(request.content, "\xc3\xa9\xf0\x9f\x98\x80\n");
    cr_expect_eq(request.content_bytes, 7);
}

Test(wire_request, wait_has_a_goal_and_a_timeout)
{
    expect_request("{\"op\":\"wait\"}");
    cr_expect_eq(request.op, REQUEST_WAIT);
    cr_expect_eq(request.id, 0);
    cr_expect_eq(request.goal, REQUEST_FOR_END);
    cr_expect_eq(request.timeout_ms, -1);
    expect_request("{\"op\":\"wait\",\"id\":42,\"for\":\"sent\",\"timeout\":\"0\"}");
    cr_expect_eq(request.id, 42);
    cr_expect_eq(request.goal, REQUEST_FOR_SENT);
    cr_expect_eq(request.timeout_ms, 0);
}

Test(wire_request, show_wants_an_id)
{
    expect_request("{\"op\":\"show\",\"id\":9223372036854775807}");
    cr_expect_eq(request.id, INT64_MAX);
    expect_invalid("{\"op\":\"show\"}", "id", "id is missing");
    expect_invalid("{\"op\":\"show\",\"id\":0}", "id",
                   "id is 0, but must be from 1 to 9223372036854775807");
    expect_invalid("{\"op\":\"show\",\"id\":\"42\"}", "id", "id must be an integer, not a string");
    expect_invalid("{\"op\":\"show\",\"id\":4.5}", "id", "id must be an integer, not a fraction");
}

Test(wire_request, list_has_filters_and_pages)
{
    expect_request(
        "{\"op\":\"list\",\"thread\":\"ops\",\"state\":\"dead\",\"user\":\"root\","
        "\"priority\":\"urgent\",\"older_than\":\"1h\",\"limit\":1000,\"after\":7}");
    cr_expect_eq(request.op, REQUEST_LIST);
    cr_expect_str_eq(request.thread, "ops");
    cr_expect_eq(request.state, REQUEST_STATE_DEAD);
    cr_expect_str_eq(request.user, "root");
    cr_expect_eq(request.priority, REQUEST_PRIORITY_URGENT);
    cr_expect_eq(request.older_than_ms, 3600000);
    cr_expect_eq(request.limit, 1000);
    cr_expect_eq(request.after, 7);
    expect_invalid("{\"op\":\"list\",\"limit\":1001}", "limit",
                   "limit is 1001, but must be from 1 to 1000");
    expect_invalid("{\"op\":\"list\",\"state\":\"gone\"}", "state",
                   "state must be scheduled, pending, held, sent, folded, expired, cancelled or "
                   "dead, not \"gone\"");
}

Test(wire_request, hello_and_stats_have_no_fields)
{
    expect_request("{\"op\":\"hello\"}");
    cr_expect_eq(request.op, REQUEST_HELLO);
    expect_request("{\"op\":\"stats\",\"ref\":\"7\"}");
    cr_expect_eq(request.op, REQUEST_STATS);
    expect_invalid("{\"op\":\"stats\",\"id\":1}", "id", "id is not a field of stats");
}

Test(wire_request, an_unknown_operation_is_named)
{
    expect_refusal("{\"op\":\"sned\"}", REFUSAL_UNKNOWN_OP, "op",
                   "there is no operation \"sned\"; did you mean \"send\"?");
    expect_refusal("{\"op\":\"teleport\"}", REFUSAL_UNKNOWN_OP, "op",
                   "known operations are hello, send, wait, show, list, stats, status, threads, "
                   "why, log, cancel, hold, release, retry, pause, resume, flush, audit, "
                   "read, edit, unsend, backup, check");
    expect_invalid("{\"op\":1}", "op", "op must be a string, not a number");
    expect_invalid("{\"op\":null}", "op", "op must be a string, not null");
}

Test(wire_request, an_unknown_field_is_an_error)
{
    expect_invalid("{\"content\":\"x\",\"prority\":\"urgent\"}", "prority",
                   "there is no field \"prority\"; did you mean \"priority\"?");
    expect_invalid("{\"content\":\"x\",\"colour\":\"red\"}", "colour",
                   "there is no field \"colour\"");
    expect_invalid("{\"content\":\"x\",\"\":1}", "", "there is no field \"\"");
}

Test(wire_request, a_field_of_another_operation_is_an_error)
{
    expect_invalid("{\"content\":\"x\",\"timeout\":\"1s\"}", "timeout",
                   "timeout is not a field of send");
}

Test(wire_request, content_must_be_there)
{
    expect_invalid("{\"to\":\"ops\"}", "content", "content is missing");
    expect_invalid("{}", "content", "content is missing");
    expect_invalid("{\"content\":\"\"}", "content", "content is empty");
    expect_invalid("{\"content\":null}", "content", "content must be a string, not null");
    expect_invalid("{\"content\":[\"x\"]}", "content", "content must be a string, not an array");
}

Test(wire_request, wrong_words_are_told_the_right_ones)
{
    expect_invalid("{\"content\":\"x\",\"priority\":\"high\"}", "priority",
                   "priority must be urgent, normal or bulk, not \"high\"");
    expect_invalid("{\"content\":\"x\",\"type\":\"markdown\"}", "type",
                   "type must be text or html, not \"markdown\"");
    expect_invalid("{\"op\":\"wait\",\"for\":\"ever\"}", "for",
                   "for must be end, sent or visible, not \"ever\"");
    expect_invalid("{\"content\":\"x\",\"priority\":1}", "priority",
                   "priority must be a string, not a number");
}

Test(wire_request, wrong_times_are_told_what_is_right)
{
    expect_invalid("{\"content\":\"x\",\"ttl\":3600}", "ttl",
                   "ttl must be a duration such as \"1h30m\", not a number");
    expect_invalid("{\"content\":\"x\",\"ttl\":\"0\"}", "ttl", "ttl must be at least 1 ms");
    cr_expect_not(parse("{\"content\":\"x\",\"ttl\":\"soon\"}"));
    cr_expect(strstr(refusal.message, "\"soon\" is not a duration"), "%s", refusal.message);
    expect_invalid("{\"content\":\"x\",\"at\":\"tomorrow\"}", "at",
                   "at must be an instant such as 2026-11-21T22:30:00Z, or +10m, not \"tomorrow\"");
    expect_invalid("{\"content\":\"x\",\"at\":\"+soon\"}", "at",
                   "at must be an instant such as 2026-11-21T22:30:00Z, or +10m, not \"+soon\"");
    expect_invalid("{\"content\":\"x\",\"at\":1}", "at",
                   "at must be an instant such as 2026-11-21T22:30:00Z, or +10m, not a number");
}

Test(wire_request, metadata_is_strings)
{
    expect_invalid("{\"content\":\"x\",\"metadata\":\"a=b\"}", "metadata",
                   "metadata must be an object of strings, not a string");
    expect_invalid("{\"content\":\"x\",\"metadata\":{\"a\":1}}", "metadata",
                   "metadata: the value of \"a\" must be a string, not a number");
    expect_invalid("{\"content\":\"x\",\"metadata\":{\"chatrelayId\":\"mine\"}}", "metadata",
                   "metadata: chatrelayId is the relay's own key");
}

Test(wire_request, a_refusal_cuts_no_character_in_half)
{
    struct text line CLEANUP(text_clear) = { 0 };
    text_add(&line, "{\"content\":\"x\",\"metadata\":{\"a");
    for (int i = 0; i < 100; i++)
        text_add(&line, "\xc3\xa9");
    text_add(&line, "\":1}}");
    cr_assert_not(parse(line.bytes));
    cr_expect(strstr(refusal.message, "\xc3\xa9\" must be a string"), "%s", refusal.message);
}

Test(wire_request, once_and_name_are_bounded)
{
    char line[2048];
    snprintf(line, sizeof line, "{\"content\":\"x\",\"once\":\"%0*d\"}", REQUEST_LONGEST_ONCE, 0);
    expect_request(line);
    snprintf(line, sizeof line, "{\"content\":\"x\",\"once\":\"%0*d\"}", REQUEST_LONGEST_ONCE + 1,
             0);
    expect_invalid(line, "once", "once has 201 bytes, at most 200 are allowed");
    expect_invalid("{\"content\":\"x\",\"once\":\"\"}", "once", "once is empty");
    snprintf(line, sizeof line, "{\"content\":\"x\",\"senderDisplayName\":\"%0*d\"}",
             REQUEST_LONGEST_NAME + 1, 0);
    expect_invalid(line, "senderDisplayName",
                   "senderDisplayName has 1025 bytes, at most 1024 are allowed");
}

Test(wire_request, garbage_is_refused)
{
    static const char *const lines[] = {
        "",
        " ",
        "hello",
        "{\"content\":\"x\"",
        "{\"content\":\"x\"} x",
        "{\"content\":\"x\"}{\"content\":\"y\"}",
        "{\"content\":\"x\",\"content\":\"y\"}",
        "{\"content\":\"a\\u0000b\"}",
        "{\"content\":\"\xff\"}",
        "{\"content\":\"\xed\xa0\x80\"}",
        "{\"content\":\"\\ud800\"}",
        "{\"content\":\"tab\there\"}",
        "{'content':'x'}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        cr_expect_not(parse(lines[i]), "%s", lines[i]);
        cr_expect_eq(refusal.word, REFUSAL_INVALID);
        cr_expect(strncmp(refusal.message, "not JSON: ", 10) == 0, "%s", refusal.message);
    }
    expect_invalid("[]", "", "a request is an object, not an array");
}

static void expect_not_json(const char *line, const char *words)
{
    cr_expect_not(parse(line), "%s", line);
    cr_expect(strstr(refusal.message, words), "%s", refusal.message);
}

/* The parser has its own words for these, about files and its own settings. */
Test(wire_request, what_is_not_json_is_said_in_our_words)
{
    expect_not_json("{\"content\":\"a\\u0000b\"}", "a string must not contain NUL (\\u0000)");
    expect_not_json("{\"a\\u0000\":1}", "a string must not contain NUL (\\u0000)");
    expect_not_json("hello", "a line is one object, {...} (byte");
    expect_not_json("7", "a line is one object, {...} (byte");
    expect_not_json("", "a line is one object, {...} (byte");
    expect_not_json("{} {}", "a line is one object, and something follows it");
    expect_not_json(" \t{\"a\"}", "':' expected");
}

Test(wire_request, depth_is_bounded)
{
    struct text line CLEANUP(text_clear) = { 0 };
    text_add(&line, "{\"content\":");
    for (int i = 0; i < 200000; i++)
        text_add(&line, "[");
    cr_expect_not(parse(line.bytes));
    cr_expect_eq(refusal.word, REFUSAL_INVALID);
}

Test(wire_request, a_line_has_a_greatest_length)
{
    struct text line CLEANUP(text_clear) = { 0 };
    text_add(&line, "{\"content\":\"");
    while (line.length < REQUEST_LONGEST_LINE - 2)
        text_add(&line, "x");
    text_add(&line, "\"}");
    expect_request(line.bytes);
    text_add(&line, " ");
    expect_invalid(line.bytes, "", "the line is longer than 262144 bytes");
}

Test(wire_request, a_refused_request_keeps_its_ref)
{
    cr_expect_not(parse("{\"colour\":\"red\",\"ref\":\"r7\"}"));
    cr_expect_str_eq(request.ref, "r7");
    cr_expect_not(parse("{\"op\":\"teleport\",\"ref\":\"r8\"}"));
    cr_expect_str_eq(request.ref, "r8");
    expect_invalid("{\"content\":\"x\",\"ref\":7}", "ref", "ref must be a string, not a number");
    cr_expect_null(request.ref);
}

Test(wire_request, a_carriage_return_before_the_newline_is_no_harm)
{
    expect_request("{\"content\":\"x\"}\r");
}

Test(wire_request, operations_have_names)
{
    cr_expect_str_eq(request_op_name(REQUEST_HELLO), "hello");
    cr_expect_str_eq(request_op_name(REQUEST_STATS), "stats");
}

Test(wire_request, clearing_twice_is_harmless)
{
    expect_request("{\"content\":\"x\",\"metadata\":{\"a\":\"b\"}}");
    request_clear(&request);
    request_clear(&request);
    cr_expect_null(request.root);
}

/* ---- hands on the queue -------------------------------------------------------------------- */

Test(wire_request, hands_name_messages_in_one_way)
{
    static const char which[] =
        "cancel which messages? give one of: id, ids, \"all\":true, or "
        "filters (thread, state, user, priority, older_than)";
    expect_request("{\"op\":\"cancel\",\"id\":7}");
    cr_expect_eq(request.id, 7);
    expect_request("{\"op\":\"hold\",\"ids\":[7,8]}");
    cr_expect(request.id_count == 2 && request.ids[0] == 7 && request.ids[1] == 8);
    expect_request("{\"op\":\"release\",\"all\":true}");
    cr_expect(request.all);
    expect_request("{\"op\":\"retry\",\"thread\":\"ops\",\"state\":\"dead\",\"after\":9}");
    cr_expect(request.state == REQUEST_STATE_DEAD && request.after == 9);
    expect_request("{\"op\":\"cancel\",\"older_than\":\"0s\"}");

    expect_invalid("{\"op\":\"cancel\"}", "", which);
    expect_invalid("{\"op\":\"cancel\",\"all\":false}", "", which);
    expect_invalid("{\"op\":\"cancel\",\"id\":7,\"ids\":[8]}", "", which);
    expect_invalid("{\"op\":\"cancel\",\"all\":true,\"user\":\"root\"}", "", which);
    expect_invalid("{\"op\":\"cancel\",\"limit\":9}", "", which);
    expect_invalid("{\"op\":\"cancel\",\"all\":1}", "all",
                   "all must be true or false, not a number");
}

Test(wire_request, ids_are_numbers_and_not_too_many)
{
    expect_invalid("{\"op\":\"hold\",\"ids\":7}", "ids",
                   "ids must be an array of ids, not a number");
    expect_invalid("{\"op\":\"hold\",\"ids\":[]}", "ids", "ids must hold 1 to 100 ids, not 0");
    expect_invalid("{\"op\":\"hold\",\"ids\":[1,0]}", "ids", "ids must hold integers from 1");
    expect_invalid("{\"op\":\"hold\",\"ids\":[\"1\"]}", "ids", "ids must hold integers from 1");

    struct text line = { 0 };
    text_add(&line, "{\"op\":\"hold\",\"ids\":[1");
    for (int i = 0; i < REQUEST_MOST_IDS - 1; i++)
        text_add(&line, ",1");
    text_add(&line, "]}");
    expect_request(line.bytes);
    line.length -= 2;
    text_add(&line, ",1]}");
    expect_invalid(line.bytes, "ids", "ids must hold 1 to 100 ids, not 101");
    text_clear(&line);
}

Test(wire_request, why_is_about_one_thing)
{
    expect_request("{\"op\":\"why\",\"id\":7}");
    expect_request("{\"op\":\"why\",\"thread\":\"ops\"}");
    cr_expect_str_eq(request.thread, "ops");
    expect_invalid("{\"op\":\"why\"}", "", "why what? give either id or thread");
    expect_invalid("{\"op\":\"why\",\"id\":7,\"thread\":\"ops\"}", "",
                   "why what? give either id or thread");
}

Test(wire_request, a_pause_is_of_a_thread_and_has_a_length)
{
    expect_request("{\"op\":\"pause\",\"thread\":\"ops\"}");
    cr_expect_eq(request.duration_ms, -1);
    expect_request("{\"op\":\"pause\",\"thread\":\"ops\",\"duration\":\"30m\"}");
    cr_expect_eq(request.duration_ms, 1800000);
    expect_request("{\"op\":\"flush\"}");
    expect_request("{\"op\":\"log\",\"follow\":true}");
    cr_expect(request.follow);
    expect_invalid("{\"op\":\"pause\"}", "thread", "thread is missing");
    expect_invalid("{\"op\":\"resume\"}", "thread", "thread is missing");
    expect_invalid("{\"op\":\"pause\",\"thread\":\"ops\",\"duration\":\"0s\"}", "duration",
                   "duration must be at least 1 ms");
    expect_invalid("{\"op\":\"resume\",\"thread\":\"ops\",\"duration\":\"1h\"}", "duration",
                   "duration is not a field of resume");
}

Test(wire_request, a_thread_is_read_in_pages_or_followed)
{
    expect_request("{\"op\":\"read\"}");
    cr_expect_null(request.thread);
    cr_expect_not(request.follow);
    expect_request("{\"op\":\"read\",\"thread\":\"ops\",\"limit\":5,\"after\":1593072104708}");
    cr_expect_eq(request.limit, 5);
    cr_expect_eq(request.after, 1593072104708);
    expect_request("{\"op\":\"read\",\"follow\":true}");
    cr_expect(request.follow);
}

Test(wire_request, a_change_names_its_message)
{
    expect_request("{\"op\":\"edit\",\"id\":7,\"content\":\"x\"}");
    cr_expect_eq(request.id, 7);
    cr_expect_str_eq(request.content, "x");
    expect_request("{\"op\":\"unsend\",\"id\":7}");
    expect_invalid("{\"op\":\"edit\",\"id\":7}", "content", "content is missing");
    expect_invalid("{\"op\":\"edit\",\"content\":\"x\"}", "id", "id is missing");
    expect_invalid("{\"op\":\"edit\",\"id\":7,\"content\":\"\"}", "content", "content is empty");
    expect_invalid("{\"op\":\"unsend\"}", "id", "id is missing");
}

Test(wire_request, a_message_can_be_shown_and_waited_for_in_the_chat)
{
    expect_request("{\"op\":\"show\",\"id\":7,\"remote\":true}");
    cr_expect(request.remote);
    expect_request("{\"op\":\"wait\",\"id\":7,\"for\":\"visible\"}");
    cr_expect_eq(request.goal, REQUEST_FOR_VISIBLE);
}

Test(wire_request, a_check_is_of_a_thread_or_a_sender_or_all)
{
    expect_request("{\"op\":\"check\"}");
    expect_request("{\"op\":\"check\",\"thread\":\"ops\"}");
    expect_request("{\"op\":\"check\",\"sender\":\"alerts\"}");
    cr_expect_str_eq(request.sender, "alerts");
}
