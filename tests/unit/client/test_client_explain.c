#include "client/event.h"
#include "client/explain.h"
#include "tests/unit/client/saying.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(client_explain, .init = saying_start, .fini = saying_finish);

static void expect_why(const char *answer, const char *expected)
{
    json_t *object = saying_parse(answer);
    explain_why(&out, object, noon_at);
    cr_expect_str_eq(out.bytes, expected);
    text_empty(&out);
    json_decref(object);
}

Test(client_explain, a_message_that_waits_behind_a_refusal)
{
    expect_why(
        "{\"id\":4650,\"thread\":\"db\",\"user\":\"postgres\",\"state\":\"pending\","
        "\"accepted_at\":1795223402000,\"expires_at\":1795482602000,\"position\":3,"
        "\"eta_ms\":1000,\"others\":13,\"cause\":\"thread\",\"next_at\":1795263960000,"
        "\"sender\":\"alerts\",\"identity\":\"8:acs:2a41\",\"trouble\":{\"scope\":"
        "\"thread\",\"failures\":7,\"since_at\":1795223400000,\"http\":403,"
        "\"reason\":\"403 Forbidden\"}}",
        "4650 to db, from postgres, accepted 01:10 UTC, worthless after Tue 01:10 UTC.\n"
        "It waits because db refuses us since 01:10 UTC (403, 7 times): sender alerts "
        "(8:acs:2a41) is not a participant.\n"
        "It was said: 403 Forbidden.\n"
        "2 of the same priority go first.\n"
        "13 others wait behind the same cause.\n"
        "Next try 12:26 UTC, in 26 min.\n"
        "Do: have a participant add 8:acs:2a41, then  chatrelay flush db\n");
}

#define HEAD "\"id\":7,\"thread\":\"ops\",\"user\":\"root\",\"accepted_at\":1795262340000,"
#define SAID_HEAD "7 to ops, from root, accepted 11:59 UTC.\n"

Test(client_explain, a_message_that_waits_for_its_turn)
{
    expect_why("{" HEAD
               "\"state\":\"pending\",\"cause\":\"pace\",\"pace\":\"10/10s\","
               "\"position\":12000,\"about\":true,\"eta_ms\":7200000,\"next_at\":1795262401000}",
               SAID_HEAD
               "It waits because the budget of its thread (10/10s) is spent for now.\n"
               "About 11999 of the same priority go first.\n"
               "It leaves in about 2 h, if nothing fails.\n");
    expect_why("{" HEAD
               "\"state\":\"pending\",\"cause\":\"under-way\",\"position\":1,"
               "\"wish\":\"cancel by root\"}",
               SAID_HEAD "It is on its way.\nWhen that has ended unsent: cancel by root.\n");
    expect_why("{" HEAD "\"state\":\"pending\",\"cause\":\"nothing\",\"position\":2,\"eta_ms\":0}",
               SAID_HEAD
               "Nothing is the matter: it waits for its turn.\n"
               "1 of the same priority goes first.\n"
               "It leaves at once, if nothing fails.\n");
}

Test(client_explain, a_wait_that_the_chat_asked_for)
{
    expect_why("{" HEAD
               "\"state\":\"pending\",\"cause\":\"thread\",\"position\":1,"
               "\"next_at\":1795262430000,\"others\":1,\"trouble\":{\"failures\":1,\"since_at\":"
               "1795262395000,\"until_at\":1795262430000,\"told\":true,\"http\":429}}",
               SAID_HEAD
               "It waits because we are throttled since 11:59 UTC (429, once): the chat "
               "wants fewer messages for now; others may share our budget.\n"
               "1 other waits behind the same cause.\n"
               "Next try 12:00 UTC, in 30 s, as the chat asked.\n");
}

Test(client_explain, a_pace_that_opens_later_than_the_chat_asked)
{
    expect_why("{" HEAD
               "\"state\":\"pending\",\"cause\":\"thread\",\"position\":1,"
               "\"next_at\":1795262414000,\"trouble\":{\"failures\":1,\"since_at\":"
               "1795262395000,\"until_at\":1795262402000,\"told\":true,\"http\":429}}",
               SAID_HEAD
               "It waits because we are throttled since 11:59 UTC (429, once): the chat "
               "wants fewer messages for now; others may share our budget.\n"
               "Next try 12:00 UTC, in 14 s.\n");
}

Test(client_explain, a_doubt_is_looked_into)
{
    expect_why("{" HEAD
               "\"state\":\"pending\",\"cause\":\"doubt\",\"position\":1,\"doubted_at\":"
               "1795262399000,\"next_at\":1795262409000,\"trouble\":{\"scope\":\"endpoint\","
               "\"failures\":1,\"since_at\":1795262399000,\"reason\":\"reset\"}}",
               SAID_HEAD
               "It waits because an answer was lost, so that it may have appeared: we look "
               "before we post.\nIt was said: reset.\nNext look 12:00 UTC, in 9 s.\n");
    expect_why("{\"thread\":\"db\",\"pending\":1,\"cause\":\"doubt\",\"next_at\":1}",
               "db: 1 waits.\n"
               "This is because an answer to the first message was lost: we look whether it "
               "appeared.\nIt is looked for now.\n");
}

Test(client_explain, what_waits_for_a_person_or_a_time)
{
    expect_why("{" HEAD "\"state\":\"held\",\"reason\":\"held by root\",\"doubted_at\":1}",
               SAID_HEAD
               "It is held back by root.\n"
               "It may have appeared: once released, it is looked for first.\n"
               "Do: chatrelay release 7\n");
    expect_why("{" HEAD "\"state\":\"scheduled\",\"due_at\":1795266000000}",
               SAID_HEAD "It waits for its time, 13:00 UTC.\n");
}

Test(client_explain, what_has_ended)
{
    expect_why("{" HEAD "\"state\":\"sent\",\"ended_at\":1795262400000,\"expires_at\":5}",
               SAID_HEAD "It is sent since 12:00 UTC.\n");
    expect_why("{" HEAD
               "\"state\":\"dead\",\"ended_at\":1795262400000,\"reason\":\"413\","
               "\"doubted_at\":1}",
               SAID_HEAD
               "It is dead since 12:00 UTC: 413.\n"
               "It may have appeared: brought back, it is looked for first.\n"
               "Do: to have it sent after all,  chatrelay retry 7\n");
}

Test(client_explain, what_went_into_another)
{
    expect_why("{" HEAD
               "\"state\":\"folded\",\"ended_at\":1795262400000,\"into_id\":9,\"end\":\"sent\"}",
               SAID_HEAD "It went into 9 at 12:00 UTC, which is sent: chatrelay why 9\n");
    expect_why("{" HEAD "\"state\":\"folded\",\"ended_at\":1795262400000,\"into_id\":9}",
               SAID_HEAD "It went into another message, of which no record is kept any more.\n");
}

Test(client_explain, a_thread)
{
    expect_why("{\"thread\":\"db\",\"pending\":0,\"cause\":\"nothing\"}",
               "db: nothing waits.\nNothing is the matter.\n");
    expect_why(
        "{\"thread\":\"db\",\"pending\":0,\"cause\":\"nothing\",\"pace_percent\":26}",
        "db: nothing waits.\n"
        "The thread goes at 26 % of its pace since a 429, as others may share the budget.\n");
    expect_why(
        "{\"thread\":\"db\",\"pending\":1,\"cause\":\"pace\",\"pace\":\"10/10s\","
        "\"pace_percent\":50,\"next_at\":1795262405000}",
        "db: 1 waits.\n"
        "The thread goes at 50 % of its pace since a 429, as others may share the budget.\n"
        "This is because the budget of its thread (10/10s) is spent for now.\n"
        "Next try 12:00 UTC, in 5 s.\n");
    expect_why(
        "{\"thread\":\"db\",\"pending\":2,\"held\":1,\"oldest_at\":1795262280000,"
        "\"cause\":\"no-such-thread\"}",
        "db: 2 wait, the first for 2 min, 1 held.\n"
        "This is because there is no thread db in the settings any more.\n"
        "Do: put [thread db] back into the settings, or  was = db  into the section of the one "
        "that it is now, or  chatrelay cancel --thread db\n");
}

Test(client_explain, an_event_is_a_line_for_people_and_for_awk)
{
    json_t *event = saying_parse(
        "{\"ok\":true,\"at\":1795262400000,\"id\":7,\"thread\":\"db\","
        "\"status\":\"deferred\",\"attempt\":2,\"http\":403,\"wait_ms\":60000,"
        "\"code\":\"Forbidden\",\"reason\":\"no\\nway\"}");
    event_describe(&out, event);
    cr_expect_str_eq(out.bytes,
                     "2026-11-21 12:00:00 UTC id=7 thread=db status=deferred attempt=2 "
                     "http=403 wait_ms=60000 code=Forbidden reason=\"no\xe2\x80\xa6\"\n");
    text_empty(&out);
    json_decref(event);
    event = saying_parse(
        "{\"ok\":true,\"at\":1795262400000,\"id\":7,\"thread\":\"db\",\"status\":\"dead\","
        "\"code\":\"a \\\"b\",\"reason\":\"no\\\" id=8\"}");
    event_describe(&out, event);
    cr_expect_str_eq(out.bytes,
                     "2026-11-21 12:00:00 UTC id=7 thread=db status=dead code=a_'b "
                     "reason=\"no' id=8\"\n");
    text_empty(&out);
    json_decref(event);
    event = saying_parse("{\"ok\":true,\"missed\":12}");
    event_describe(&out, event);
    cr_expect_str_eq(out.bytes, "missed=12\n");
    json_decref(event);
}
