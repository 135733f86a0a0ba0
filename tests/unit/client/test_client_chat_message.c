#include "client/chat_message.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

static void start(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
}

TestSuite(client_chat_message, .init = start);

static void expect(const char *json, const char *text)
{
    CLEANUP(text_clear) struct text out = { 0 };
    json_t *message = json_loads(json, 0, NULL);
    cr_assert(message, "%s", json);
    chat_message_describe(&out, message, "8:acs:relay");
    cr_expect_str_eq(out.bytes, text, "%s", out.bytes);
    json_decref(message);
}

Test(client_chat_message, who_said_what_and_when)
{
    expect(
        "{\"type\":\"text\",\"createdOn\":\"2026-11-22T09:02:03Z\",\"senderDisplayName\":\"Ada\","
        "\"content\":{\"message\":\"one\\ntwo\\n\"}}",
        "2026-11-22 09:02:03 UTC  Ada: one\n    two\n");
    expect(
        "{\"type\":\"html\",\"createdOn\":\"2026-11-22T09:02:03Z\",\"content\":{\"message\":"
        "\"<p>a &amp; b</p>\"},\"senderCommunicationIdentifier\":{\"rawId\":\"8:acs:a_b\"}}",
        "2026-11-22 09:02:03 UTC  8:acs:a_b: a & b\n");
    expect(
        "{\"type\":\"text\",\"content\":{\"message\":\"x\"},"
        "\"senderCommunicationIdentifier\":{\"communicationUser\":{\"id\":\"8:acs:c\"}}}",
        "no time  8:acs:c: x\n");
    expect(
        "{\"type\":\"text\",\"content\":{\"message\":\"x\"},\"senderCommunicationIdentifier\":"
        "{\"rawId\":\"8:acs:relay\"}}",
        "no time  (the relay): x\n");
    expect(
        "{\"type\":\"text\",\"content\":{\"message\":\"x\"},\"senderDisplayName\":\"db01\","
        "\"senderCommunicationIdentifier\":{\"rawId\":\"8:acs:relay\"}}",
        "no time  db01: x\n");
}

Test(client_chat_message, what_became_of_it)
{
    expect(
        "{\"type\":\"text\",\"createdOn\":\"2026-11-22T09:02:03Z\",\"senderDisplayName\":\"A\","
        "\"content\":{\"message\":\"new\"},\"editedOn\":\"2026-11-22T10:00:00Z\"}",
        "2026-11-22 09:02:03 UTC  A: new (edited 2026-11-22 10:00:00 UTC)\n");
    expect(
        "{\"type\":\"text\",\"createdOn\":\"2026-11-22T09:02:03Z\",\"senderDisplayName\":\"A\","
        "\"deletedOn\":\"2026-11-22T10:00:00Z\",\"editedOn\":\"2026-11-22T09:30:00Z\"}",
        "2026-11-22 09:02:03 UTC  A: (deleted 2026-11-22 10:00:00 UTC)\n");
}

Test(client_chat_message, attachments_are_named)
{
    expect(
        "{\"type\":\"text\",\"createdOn\":\"t\",\"senderDisplayName\":\"A\",\"content\":"
        "{\"message\":\"m\",\"attachments\":[{\"attachmentType\":\"image\",\"name\":\"x.png\"},"
        "{\"attachmentType\":\"file\"}]}}",
        "t  A: m\n    [image: x.png]\n    [file]\n");
}

Test(client_chat_message, events_are_told_in_words)
{
    expect(
        "{\"type\":\"participantAdded\",\"createdOn\":\"t\",\"content\":{\"participants\":["
        "{\"displayName\":\"Bob\",\"communicationIdentifier\":{\"rawId\":\"8:acs:b\"}},"
        "{\"communicationIdentifier\":{\"rawId\":\"8:acs:c\"}}],"
        "\"initiatorCommunicationIdentifier\":{\"rawId\":\"8:acs:a\"}}}",
        "t  * 8:acs:a added Bob, 8:acs:c\n");
    expect("{\"type\":\"participantRemoved\",\"createdOn\":\"t\",\"content\":{}}",
           "t  * somebody removed somebody\n");
    expect("{\"type\":\"topicUpdated\",\"createdOn\":\"t\",\"content\":{\"topic\":\"Lunch\"}}",
           "t  * somebody set the topic to \"Lunch\"\n");
    expect("{\"type\":\"callStarted\",\"createdOn\":\"t\"}", "t  * somebody: callStarted\n");
}

Test(client_chat_message, nothing_commands_the_terminal_or_passes_for_another_line)
{
    expect(
        "{\"type\":\"text\",\"createdOn\":\"\\u001b[1m\",\"senderDisplayName\":\"A\\nB\","
        "\"content\":{\"message\":\"a\\u001b[2J\\u009b\\u202e\\u2066b\\r\\nt  B: c\"}}",
        "\xef\xbf\xbd[1m  A\xe2\x80\xa6: a\xef\xbf\xbd[2J\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
        "b\xef\xbf\xbd\n    t  B: c\n");
}

Test(client_chat_message, anything_is_fine)
{
    expect("{}", "no time  * somebody: something\n");
    expect("{\"type\":17,\"content\":[],\"createdOn\":{}}", "no time  * somebody: something\n");
}
