#include "base/instant.h"
#include "chat/thread.h"

#include <criterion/criterion.h>
#include <string.h>

Test(chat_thread, is_asked_for_at_the_place_of_the_api)
{
    CLEANUP(text_clear) struct text url = { 0 };
    thread_url(&url, "https://a.example/", "19:x@thread.v2", "2025-03-15");
    cr_expect_str_eq(url.bytes,
                     "https://a.example/chat/threads/19%3Ax%40thread.v2?api-version=2025-03-15");
}

static struct thread_properties parse(const char *body)
{
    struct thread_properties properties;
    struct error err = { 0 };
    cr_assert(thread_parse(&properties, body, strlen(body), &err), "%s: %s", body, err.text);
    return properties;
}

Test(chat_thread, says_what_it_is_and_when_it_will_be_gone)
{
    msec_t created_at = 0;
    cr_assert(instant_parse_rfc3339("2020-10-30T10:50:50Z", &created_at));
    struct thread_properties properties = parse(
        "{\"id\":\"19:x@thread.v2\",\"topic\":\"Lunch\\n\","
        "\"createdOn\":\"2020-10-30T10:50:50Z\",\"metadata\":{},"
        "\"createdByCommunicationIdentifier\":{\"rawId\":\"8:acs:a_b\"},"
        "\"retentionPolicy\":{\"kind\":\"threadCreationDate\",\"deleteThreadAfterDays\":90}}");
    cr_expect_str_eq(properties.topic, "Lunch ");
    cr_expect_str_eq(properties.creator, "8:acs:a_b");
    cr_expect_eq(properties.created_at, created_at);
    cr_expect_eq(properties.deleted_at, 0);
    cr_expect_str_eq(properties.retention, "threadCreationDate");
    cr_expect_eq(properties.retention_days, 90);
}

Test(chat_thread, its_creator_is_known_without_a_raw_id)
{
    struct thread_properties properties = parse(
        "{\"id\":\"t\",\"createdByCommunicationIdentifier\":"
        "{\"rawId\":null,\"communicationUser\":{\"id\":\"8:acs:a_b\"}}}");
    cr_expect_str_eq(properties.creator, "8:acs:a_b");
}

Test(chat_thread, without_a_policy_or_with_an_unknown_one_it_lasts)
{
    struct thread_properties properties =
        parse("{\"id\":\"t\",\"deletedOn\":\"1970-01-01T00:00:01Z\"}");
    cr_expect_str_eq(properties.retention, "");
    cr_expect_eq(properties.deleted_at, 1000);
    properties = parse("{\"id\":\"t\",\"retentionPolicy\":{\"kind\":\"none\"}}");
    cr_expect_str_eq(properties.retention, "none");
    properties = parse("{\"id\":\"t\",\"retentionPolicy\":{\"kind\":\"lastMessage\"}}");
    cr_expect_str_eq(properties.retention, "lastMessage");
    cr_expect_eq(properties.retention_days, 0);
}

Test(chat_thread, what_has_no_id_is_no_thread)
{
    static const char *const others[] = {
        "", "{}", "[]", "{\"id\":17}", "{\"id\":\"\"}", "{\"id\":\"t\"", "<html>"
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct thread_properties properties;
        cr_expect_not(thread_parse(&properties, others[i], strlen(others[i]), NULL), "%s",
                      others[i]);
    }
}
