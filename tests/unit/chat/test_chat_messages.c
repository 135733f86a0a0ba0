#include "chat/messages.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char stamp[] = "0123456789abcdef0123456789abcdef";

Test(chat_messages, the_threads_id_is_percent_encoded)
{
    struct text url = { 0 };
    messages_send_url(&url, "https://n.communication.azure.com/", "19:a_B-1.2~@thread.v2/?&",
                      "2025-03-15");
    cr_expect_str_eq(url.bytes,
                     "https://n.communication.azure.com/chat/threads/"
                     "19%3Aa_B-1.2~%40thread.v2%2F%3F%26/messages"
                     "?api-version=2025-03-15");
    text_clear(&url);
}

Test(chat_messages, a_list_from_the_beginning_names_no_start)
{
    struct text url = { 0 };
    messages_list_url(&url, "http://h", "t", "v", 200, 0);
    cr_expect_str_eq(url.bytes, "http://h/chat/threads/t/messages?api-version=v&maxPageSize=200");
    text_clear(&url);
}

Test(chat_messages, a_list_from_an_instant)
{
    struct text url = { 0 };
    messages_list_url(&url, "http://h", "t", "v", 25, 1631044682620);
    cr_expect_str_eq(url.bytes,
                     "http://h/chat/threads/t/messages?api-version=v&maxPageSize=25"
                     "&startTime=2021-09-07T19%3A58%3A02.620Z");
    text_clear(&url);
}

static json_t *body_of(struct message *message, const char *default_name)
{
    struct text body = { 0 };
    message->content_bytes = strlen(message->content);
    memcpy(message->stamp, stamp, sizeof stamp);
    messages_send_body(&body, message, default_name);
    json_t *parsed = json_loadb(body.bytes, body.length, 0, NULL);
    cr_assert(parsed, "%s", body.bytes);
    text_clear(&body);
    return parsed;
}

static const char *string_in(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

Test(chat_messages, every_character_arrives_as_it_was)
{
    static const char beyond[] = "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x98";
    char content[0x7f + sizeof beyond];
    for (int c = 1; c < 0x80; c++)
        content[c - 1] = (char)c;
    memcpy(content + 0x7f, beyond, sizeof beyond);
    struct message message = { .content = content };
    json_t *body = body_of(&message, NULL);
    cr_expect_str_eq(string_in(body, "content"), content);
    json_decref(body);
}

Test(chat_messages, a_nul_is_escaped_and_ends_nothing)
{
    char content[] = "a\0b";
    struct text body = { 0 };
    messages_update_body(&body, &(struct message){ .content = content, .content_bytes = 3 });
    cr_expect_str_eq(body.bytes, "{\"content\":\"a\\u0000b\"}");
    text_clear(&body);
}

Test(chat_messages, the_stamp_wins_over_metadata_of_that_name)
{
    char content[] = "x", metadata[] = "{\"chatrelayId\":\"forged\",\"a\":\"\\\"b\\\"\"}";
    struct message message = { .content = content, .metadata = metadata };
    json_t *body = body_of(&message, NULL);
    const json_t *sent = json_object_get(body, "metadata");
    cr_expect_str_eq(string_in(sent, "chatrelayId"), stamp);
    cr_expect_str_eq(string_in(sent, "a"), "\"b\"");
    json_decref(body);
}

Test(chat_messages, damaged_metadata_does_not_cost_the_stamp)
{
    static char damaged[][8] = { "{", "[]", "", "\"x\"" };
    char content[] = "x";
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        struct message message = { .content = content, .metadata = damaged[i] };
        json_t *body = body_of(&message, NULL);
        cr_expect_str_eq(string_in(json_object_get(body, "metadata"), "chatrelayId"), stamp);
        json_decref(body);
    }
}

Test(chat_messages, the_own_name_comes_before_the_default)
{
    char content[] = "x", name[] = "own";
    struct message message = { .content = content };
    json_t *body = body_of(&message, NULL);
    cr_expect_null(json_object_get(body, "senderDisplayName"));
    json_decref(body);
    body = body_of(&message, "default");
    cr_expect_str_eq(string_in(body, "senderDisplayName"), "default");
    json_decref(body);
    message.display_name = name;
    body = body_of(&message, "default");
    cr_expect_str_eq(string_in(body, "senderDisplayName"), "own");
    json_decref(body);
}

static void expect_id(const char *body, const char *location, const char *wanted)
{
    char id[REMOTE_ID_SIZE];
    messages_remote_id(body, strlen(body), location, id);
    cr_expect_str_eq(id, wanted, "%s | %s: %s", body, location ? location : "", id);
}

Test(chat_messages, the_remote_id)
{
    char longest[128];
    expect_id("{\"id\":\"1631044682620\"}", NULL, "1631044682620");
    expect_id("{\"id\":\"1b-c_d.e~F\"}", "", "1b-c_d.e~F");
    expect_id("{\"id\":\"1631044682620\"}", "/elsewhere/2", "1631044682620");
    expect_id("{\"id\":\"1631044682620\"}", "/messages/2/read", "1631044682620");
    expect_id("{\"id\":\"1631044682620\"}", "/messages/a%20b", "1631044682620");
    expect_id("{\"id\":\"1631044682620\"}", "messages/2", "1631044682620");
    expect_id("{\"id\":\"1631044682620\"}", "2", "1631044682620");
    expect_id("<html>", "https://h/chat/threads/19%3Ax@thread.v2/messages/1631044682620",
              "1631044682620");
    expect_id("", "/messages/5?api-version=1", "5");
    expect_id("{\"id\":\"a b\"}", "/messages/5#x", "5");
    expect_id("{\"id\":\"\"}", "/messages/", "");
    expect_id("{\"id\":null}", "", "");
    memset(longest, '1', sizeof longest);
    char *id = longest + sprintf(longest, "/messages/");
    *id = '1';
    id[63] = '\0';
    expect_id("", longest, id);
    id[63] = '1';
    id[64] = '\0';
    expect_id("", longest, "");
}

static bool parse(struct message_page *page, const char *body)
{
    return message_page_parse(page, body, strlen(body), NULL);
}

Test(chat_messages, a_page_tells_stamps_and_where_to_go_on)
{
    struct message_page page;
    cr_assert(parse(&page,
                    "{\"value\":["
                    "{\"id\":\"3\",\"metadata\":{\"chatrelayId\":"
                    "\"0123456789abcdef0123456789abcdef\"},\"unknown\":{\"x\":[1]}},"
                    "{\"id\":\"2\",\"type\":\"topicUpdated\",\"content\":{}},"
                    "{\"id\":\"1\",\"metadata\":{\"chatrelayId\":\"short\"}},"
                    "{\"id\":7,\"metadata\":null}],\"nextLink\":\"https://h/next\"}"));
    cr_assert_eq(page.found_count, 1);
    cr_expect_str_eq(page.found[0].id, "3");
    cr_expect_str_eq(page.found[0].stamp, stamp);
    cr_expect_str_eq(page.next_link, "https://h/next");
    message_page_clear(&page);
    message_page_clear(&page);
}

Test(chat_messages, a_digest_tells_which_messages_are_in_it)
{
    struct message_page page;
    cr_assert(parse(&page,
                    "{\"value\":["
                    "{\"id\":\"3\",\"metadata\":{"
                    "\"chatrelayId\":\"0123456789abcdef0123456789abcdef\","
                    "\"chatrelayFirst\":\"f123456789abcdef0123456789abcdef 17\","
                    "\"chatrelayLast\":\"e123456789abcdef0123456789abcdef 42\"},"
                    "\"senderCommunicationIdentifier\":{\"rawId\":\"8:acs:us\"}},"
                    "{\"id\":\"2\",\"metadata\":{"
                    "\"chatrelayId\":\"0123456789abcdef0123456789abcdef\","
                    "\"chatrelayFirst\":\"f123456789abcdef0123456789abcdef 17\","
                    "\"chatrelayLast\":\"short 42\"},"
                    "\"senderCommunicationIdentifier\":{\"communicationUser\":"
                    "{\"id\":\"8:acs:them\"}}}]}"));
    cr_assert_eq(page.found_count, 2);
    cr_expect_str_eq(page.found[0].first.stamp, "f123456789abcdef0123456789abcdef");
    cr_expect_str_eq(page.found[0].last.stamp, "e123456789abcdef0123456789abcdef");
    cr_expect(page.found[0].first.rank == 17 && page.found[0].last.rank == 42);
    cr_expect(page.found[1].first.rank == 0 && page.found[1].last.rank == 0);
    cr_expect_str_eq(page.found[0].author, "8:acs:us");
    cr_expect_str_eq(page.found[1].author, "8:acs:them");
    message_page_clear(&page);
}

Test(chat_messages, an_author_that_is_no_string_is_nobody)
{
    struct message_page page;
    cr_assert(parse(&page,
                    "{\"value\":[{\"id\":\"1\",\"metadata\":{\"chatrelayId\":"
                    "\"0123456789abcdef0123456789abcdef\"},"
                    "\"senderCommunicationIdentifier\":{\"rawId\":7}}]}"));
    cr_assert_eq(page.found_count, 1);
    cr_expect_str_eq(page.found[0].author, "");
    message_page_clear(&page);
}

Test(chat_messages, the_last_page_leads_nowhere)
{
    static const char *const last[] = { "{\"value\":[]}", "{\"value\":[],\"nextLink\":null}",
                                        "{\"value\":[],\"nextLink\":\"\"}" };
    for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
        struct message_page page;
        cr_assert(parse(&page, last[i]));
        cr_expect_null(page.next_link);
        message_page_clear(&page);
    }
}

Test(chat_messages, what_is_no_page_is_refused)
{
    static const char without_id[] =
        "{\"value\":[{\"metadata\":{\"chatrelayId\":\"0123456789abcdef0123456789abcdef\"}}]}";
    static const char *const wrong[] = { "",
                                         "{}",
                                         "[]",
                                         "null",
                                         "<html>",
                                         "{\"value\":{}}",
                                         "{\"value\":[],\"nextLink\":7}",
                                         "{\"value\":[7]}",
                                         "{\"value\":[null]}",
                                         "{\"value\":[]",
                                         "{\"value\":[]} x",
                                         "{\"value\":[\"\xff\"]}",
                                         without_id };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct message_page page;
        cr_expect_not(parse(&page, wrong[i]), "%s", wrong[i]);
        cr_expect_null(page.found);
        message_page_clear(&page);
    }
}
