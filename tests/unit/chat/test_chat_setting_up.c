/* The operations that make identities and threads and let people in, as bytes. */
#include "chat/new_identity.h"
#include "chat/new_thread.h"
#include "chat/participants.h"
#include "chat/thread_list.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(chat_setting_up, an_identity_is_asked_for_and_ended_at_the_place_of_the_api)
{
    CLEANUP(text_clear) struct text made = { 0 };
    CLEANUP(text_clear) struct text ended = { 0 };
    new_identity_url(&made, "https://a.example/");
    identity_end_url(&ended, "https://a.example", "8:acs:a_b");
    cr_expect_str_eq(made.bytes, "https://a.example/identities?api-version=2023-10-01");
    cr_expect_str_eq(ended.bytes,
                     "https://a.example/identities/8%3Aacs%3Aa_b?api-version=2023-10-01");
}

static void expect_identity(const char *body, const char *expected)
{
    struct error err = { 0 };
    char *id = new_identity_parse(body, strlen(body), &err);
    if (expected)
        cr_expect_str_eq(id, expected, "%s", body);
    else
        cr_expect_null(id, "%s", body);
    cr_expect_eq(!id, err.text[0] != '\0');
    free(id);
}

Test(chat_setting_up, an_identity_is_one_word_that_fits_into_settings)
{
    expect_identity("{\"identity\":{\"id\":\"8:acs:a_b\"}}", "8:acs:a_b");
    expect_identity("{\"identity\":{\"id\":\"8:acs:a b\"}}", NULL);
    expect_identity("{\"identity\":{\"id\":\"8:acs:a\\nendpoint = https://b\"}}", NULL);
    expect_identity("{\"identity\":{\"id\":\"8:acs:a#\"}}", NULL);
    expect_identity("{\"identity\":{\"id\":\"8:\"}}", NULL);
    expect_identity("{\"identity\":{\"id\":\"4:+49\"}}", NULL);
    expect_identity("{\"identity\":{\"id\":8}}", NULL);
    expect_identity("{\"identity\":[]}", NULL);
    expect_identity("{\"error\":{}}", NULL);
    expect_identity("<html>", NULL);
    expect_identity("", NULL);
}

Test(chat_setting_up, a_thread_is_made_to_stay)
{
    CLEANUP(text_clear) struct text url = { 0 };
    CLEANUP(text_clear) struct text body = { 0 };
    new_thread_url(&url, "https://a.example/");
    new_thread_body(&body, "Night \"watch\" 🌙");
    cr_expect_str_eq(url.bytes, "https://a.example/chat/threads?api-version=2025-03-15");
    cr_expect_str_eq(body.bytes,
                     "{\"topic\":\"Night \\\"watch\\\" 🌙\","
                     "\"retentionPolicy\":{\"kind\":\"none\"}}");
}

static void expect_thread(const char *body, const char *location, const char *expected)
{
    struct error err = { 0 };
    char *id = new_thread_parse(body, strlen(body), location, &err);
    if (expected)
        cr_expect_str_eq(id, expected, "%s %s", body, location);
    else
        cr_expect_null(id, "%s %s", body, location);
    free(id);
}

Test(chat_setting_up, the_new_threads_id_is_in_the_body_or_else_in_the_location)
{
    static const char place[] = "https://a.example/chat/threads/19%3Ax@thread.v2";
    expect_thread("{\"chatThread\":{\"id\":\"19:x@thread.v2\"}}", NULL, "19:x@thread.v2");
    expect_thread("{\"chatThread\":{\"id\":\"19:x@thread.v2\"}}", "nonsense", "19:x@thread.v2");
    expect_thread("", place, "19:x@thread.v2");
    expect_thread("{}", "/chat/threads/19%3ax%40thread.v2?api-version=1", "19:x@thread.v2");
    expect_thread("{}", "/chat/threads/", NULL);
    expect_thread("{}", "/chat/threads/a%0Ab", NULL);
    expect_thread("{}", "/chat/threads/a%00", "a");
    expect_thread("{}", "/chat/threads/100%", NULL);
    expect_thread("{}", "https://a.example/", NULL);
    expect_thread("{\"chatThread\":{\"id\":\"19:x y\"}}", NULL, NULL);
    expect_thread("{\"chatThread\":{\"id\":\"\"}}", place, NULL);
    expect_thread("<html>", NULL, NULL);
}

Test(chat_setting_up, threads_are_listed_in_pages)
{
    CLEANUP(text_clear) struct text url = { 0 };
    CLEANUP(thread_list_clear) struct thread_list list = { 0 };
    static const char first[] =
        "{\"value\":[{\"id\":\"19:x@thread.v2\",\"topic\":\"A\\tb\\u0007\\u009b\\u202e\",\"extra\":"
        "1,"
        "\"lastMessageReceivedOn\":\"1970-01-01T00:00:01Z\"},{\"topic\":\"no id\"},null],"
        "\"nextLink\":\"https://a.example/2\"}";
    static const char second[] =
        "{\"value\":[{\"id\":\"19:y@thread.v2\",\"topic\":7,"
        "\"deletedOn\":\"1970-01-01T00:00:02Z\"}]}";
    thread_list_url(&url, "https://a.example", "2025-03-15");
    cr_expect_str_eq(url.bytes, "https://a.example/chat/threads?api-version=2025-03-15");

    cr_assert(thread_list_parse(&list, first, sizeof first - 1, NULL));
    cr_expect_str_eq(list.next_link, "https://a.example/2");
    cr_assert(thread_list_parse(&list, second, sizeof second - 1, NULL));
    cr_expect_null(list.next_link);
    cr_assert_eq(list.count, 2);
    cr_expect_str_eq(list.threads[0].topic, "A b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    cr_expect_eq(list.threads[0].last_at, 1000);
    cr_expect_eq(list.threads[0].deleted_at, 0);
    cr_expect_str_eq(list.threads[1].id, "19:y@thread.v2");
    cr_expect_str_eq(list.threads[1].topic, "");
    cr_expect_eq(list.threads[1].deleted_at, 2000);
    cr_expect_not(thread_list_parse(&list, "{\"value\":{}}", 12, NULL));
    cr_expect_not(thread_list_parse(&list, "<html>", 6, NULL));
    cr_expect_eq(list.count, 2);
}

Test(chat_setting_up, people_are_let_in_put_out_and_listed_at_the_place_of_the_api)
{
    CLEANUP(text_clear) struct text url = { 0 };
    participants_list_url(&url, "https://a.example/", "19:x@thread.v2", "2025-03-15", 0);
    cr_expect_str_eq(url.bytes,
                     "https://a.example/chat/threads/19%3Ax%40thread.v2/participants"
                     "?api-version=2025-03-15");
    text_empty(&url);
    participants_add_url(&url, "https://a.example/", "t", "v");
    cr_expect_str_eq(url.bytes, "https://a.example/chat/threads/t/participants/:add?api-version=v");
    text_empty(&url);
    participants_remove_url(&url, "https://a.example/", "t", "v");
    cr_expect_str_eq(url.bytes,
                     "https://a.example/chat/threads/t/participants/:remove?api-version=v");
}

Test(chat_setting_up, people_have_identity_name_and_the_history_they_may_see)
{
    CLEANUP(text_clear) struct text added = { 0 };
    CLEANUP(text_clear) struct text removed = { 0 };
    participants_add_body(&added, "8:acs:a_b", "Zoë", 1000);
    participants_remove_body(&removed, "8:acs:a_b");
    cr_expect_str_eq(added.bytes,
                     "{\"participants\":[{\"communicationIdentifier\":{\"rawId\":\"8:acs:a_b\","
                     "\"communicationUser\":{\"id\":\"8:acs:a_b\"}},\"displayName\":\"Zoë\","
                     "\"shareHistoryTime\":\"1970-01-01T00:00:01.000Z\"}]}");
    cr_expect_str_eq(removed.bytes,
                     "{\"rawId\":\"8:acs:a_b\",\"communicationUser\":{\"id\":\"8:acs:a_b\"}}");
}

Test(chat_setting_up, one_who_was_not_added_is_told_in_a_success)
{
    struct error err = { 0 };
    static const char none[] =
        "{\"invalidParticipants\":[{\"target\":\"8:acs:a_b\",\"code\":"
        "\"404\",\"message\":\"Not found\"}]}";
    cr_expect_not(participants_added(none, sizeof none - 1, &err));
    cr_expect_str_eq(err.text, "the chat did not take this person: 404 Not found");
    cr_expect(participants_added("{}", 2, &err));
    cr_expect(participants_added("{\"invalidParticipants\":[]}", 26, &err));
    cr_expect(participants_added("", 0, &err));
}

Test(chat_setting_up, people_are_listed_with_either_form_of_their_identity)
{
    CLEANUP(participants_clear) struct participants people = { 0 };
    static const char page[] =
        "{\"value\":[{\"communicationIdentifier\":{\"rawId\":\"8:acs:a_b\",\"kind\":\"x\"},"
        "\"displayName\":\"Zo\\u00eb\"},{\"communicationIdentifier\":{\"communicationUser\":"
        "{\"id\":\"8:acs:a_c\"}}},{\"displayName\":\"nobody\"}],\"nextLink\":null}";
    cr_assert(participants_parse(&people, page, sizeof page - 1, NULL));
    cr_assert_eq(people.count, 2);
    cr_expect_str_eq(people.items[0].name, "Zoë");
    cr_expect_str_eq(people.items[1].identity, "8:acs:a_c");
    cr_expect_str_eq(people.items[1].name, "");
    cr_expect_null(people.next_link);
    cr_expect_not(participants_parse(&people, "[]", 2, NULL));
}
