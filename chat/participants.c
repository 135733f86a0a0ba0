#include "chat/participants.h"

#include "base/instant.h"
#include "base/memory.h"
#include "chat/json_text.h"
#include "chat/page.h"
#include "chat/raw_id.h"
#include "chat/url.h"

#include <jansson.h>
#include <stdlib.h>

static void add_url(struct text *url, const char *endpoint, const char *thread, const char *what,
                    const char *api_version)
{
    url_add_thread(url, endpoint, thread);
    text_add(url, what);
    url_add_version(url, api_version);
}

void participants_list_url(struct text *url, const char *endpoint, const char *thread,
                           const char *api_version, int page_size)
{
    add_url(url, endpoint, thread, "/participants", api_version);
    if (page_size > 0)
        text_printf(url, "&maxPageSize=%d", page_size);
}

void participants_add_url(struct text *url, const char *endpoint, const char *thread,
                          const char *api_version)
{
    add_url(url, endpoint, thread, "/participants/:add", api_version);
}

void participants_remove_url(struct text *url, const char *endpoint, const char *thread,
                             const char *api_version)
{
    add_url(url, endpoint, thread, "/participants/:remove", api_version);
}

/* A CommunicationIdentifierModel; ACS: the raw id goes with the kind's own form of it. */
static json_t *identifier(const char *identity)
{
    return json_pack("{s:s, s:{s:s}}", "rawId", identity, "communicationUser", "id", identity);
}

void participants_add_body(struct text *body, const char *identity, const char *name,
                           msec_t history_from_at)
{
    char since[INSTANT_LONGEST_TEXT];
    instant_format_rfc3339(history_from_at, since);
    json_text_dump(body,
                   json_pack("{s:[{s:o, s:s, s:s}]}", "participants", "communicationIdentifier",
                             identifier(identity), "displayName", name, "shareHistoryTime", since));
}

void participants_remove_body(struct text *body, const char *identity)
{
    json_text_dump(body, identifier(identity));
}

bool participants_added(const char *body, size_t length, struct error *err)
{
    char code[32], message[160];
    json_t *answer = json_loadb(body, length, 0, NULL);
    const json_t *left_out = json_array_get(json_object_get(answer, "invalidParticipants"), 0);
    bool all = !left_out;
    json_text_copy(code, sizeof code, json_object_get(left_out, "code"));
    json_text_copy(message, sizeof message, json_object_get(left_out, "message"));
    json_decref(answer);
    return all || error_set(err, "the chat did not take this person: %s %s", code, message);
}

/* Who has no id is passed over. */
static void add(struct participants *participants, const json_t *item)
{
    const json_t *identifier = json_object_get(item, "communicationIdentifier");
    const char *identity = json_string_value(raw_id_of(identifier));
    if (!identity || !*identity)
        return;
    participants->items =
        xreallocarray(participants->items, participants->count + 1, sizeof *participants->items);
    struct participant *participant = &participants->items[participants->count++];
    participant->identity = xstrdup(identity);
    json_text_copy(participant->name, sizeof participant->name,
                   json_object_get(item, "displayName"));
}

bool participants_parse(struct participants *participants, const char *body, size_t length,
                        struct error *err)
{
    CLEANUP(page_clear) struct page page;
    bool is_page = page_parse(&page, body, length, "participants", err);
    for (size_t i = 0; i < json_array_size(page.items); i++)
        add(participants, json_array_get(page.items, i));
    free(participants->next_link);
    participants->next_link = xstrdup_or_null(page.next_link);
    return is_page;
}

void participants_clear(struct participants *participants)
{
    for (size_t i = 0; i < participants->count; i++)
        free(participants->items[i].identity);
    free(participants->items);
    free(participants->next_link);
    *participants = (struct participants){ 0 };
}
