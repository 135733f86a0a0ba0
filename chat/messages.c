#include "chat/messages.h"

#include "base/instant.h"
#include "base/memory.h"
#include "base/quote.h"
#include "chat/page.h"
#include "chat/raw_id.h"
#include "chat/url.h"
#include "queue/courier.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const char messages_stamp_key[] = "chatrelayId";

static void add_messages(struct text *url, const char *endpoint, const char *thread)
{
    url_add_thread(url, endpoint, thread);
    text_add(url, "/messages");
}

void messages_send_url(struct text *url, const char *endpoint, const char *thread,
                       const char *api_version)
{
    add_messages(url, endpoint, thread);
    url_add_version(url, api_version);
}

void messages_one_url(struct text *url, const char *endpoint, const char *thread,
                      const char *api_version, const char *id)
{
    add_messages(url, endpoint, thread);
    text_add(url, "/");
    url_add_encoded(url, id);
    url_add_version(url, api_version);
}

void messages_list_url(struct text *url, const char *endpoint, const char *thread,
                       const char *api_version, int page_size, msec_t since_at)
{
    messages_send_url(url, endpoint, thread, api_version);
    text_printf(url, "&maxPageSize=%d", page_size);
    if (since_at <= 0)
        return;
    char since[INSTANT_LONGEST_TEXT];
    instant_format_rfc3339(since_at, since);
    text_add(url, "&startTime=");
    url_add_encoded(url, since);
}

/* The sender's own metadata with our stamp in it. */
static void add_metadata(struct text *json, const struct message *message)
{
    json_t *metadata = message->metadata ? json_loads(message->metadata, 0, NULL) : NULL;
    if (!json_is_object(metadata)) {
        json_decref(metadata);
        text_add(json, "{\"");
        text_add(json, messages_stamp_key);
        text_add(json, "\":\"");
        text_add(json, message->stamp);
        text_add(json, "\"}");
        return;
    }
    json_object_set_new(metadata, messages_stamp_key, json_string(message->stamp));
    char *dumped = json_dumps(metadata, JSON_COMPACT);
    json_decref(metadata);
    text_add(json, dumped);
    free(dumped);
}

void messages_send_body(struct text *body, const struct message *message, const char *default_name)
{
    const char *name = message->display_name ? message->display_name : default_name;
    text_add(body, "{\"content\":");
    quote_json_bytes(body, message->content, message->content_bytes);
    if (name) {
        text_add(body, ",\"senderDisplayName\":");
        quote_json_bytes(body, name, strlen(name));
    }
    text_add(body, ",\"type\":\"");
    text_add(body, message_type_name(message->type));
    text_add(body, "\",\"metadata\":");
    add_metadata(body, message);
    text_add(body, "}");
}

void messages_update_body(struct text *body, const struct message *message)
{
    text_add(body, "{\"content\":");
    quote_json_bytes(body, message->content, message->content_bytes);
    text_add(body, "}");
}

/* Copy an id of `length` bytes; false, with "", when it is not one. */
static bool copy_id(char id[REMOTE_ID_SIZE], const char *bytes, size_t length)
{
    id[0] = '\0';
    if (length == 0 || length >= REMOTE_ID_SIZE)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!url_is_unreserved(bytes[i]))
            return false;
    memcpy(id, bytes, length);
    id[length] = '\0';
    return true;
}

static bool copy_json_id(char id[REMOTE_ID_SIZE], const json_t *object)
{
    const json_t *value = json_object_get(object, "id");
    return copy_id(id, json_is_string(value) ? json_string_value(value) : "",
                   json_string_length(value));
}

/* ".../messages/ID". */
static bool copy_located_id(char id[REMOTE_ID_SIZE], const char *location)
{
    static const char folder[] = "/messages/";
    const size_t folder_length = sizeof folder - 1;
    size_t path = strcspn(location, "?#");
    size_t start = path;
    while (start > 0 && location[start - 1] != '/')
        start--;
    return start >= folder_length &&
           memcmp(location + start - folder_length, folder, folder_length) == 0 &&
           copy_id(id, location + start, path - start);
}

void messages_remote_id(const char *body, size_t length, const char *location,
                        char id[REMOTE_ID_SIZE])
{
    if (location && copy_located_id(id, location))
        return;
    json_t *answer = json_loadb(body, length, 0, NULL);
    copy_json_id(id, answer);
    json_decref(answer);
}

/* "STAMP RANK". */
static bool read_end(struct stamped_end *end, const json_t *value)
{
    const char *text = json_string_value(value);
    char *rest = NULL;
    if (json_string_length(value) < STAMP_LENGTH + 2 || text[STAMP_LENGTH] != ' ')
        return false;
    memcpy(end->stamp, text, STAMP_LENGTH);
    end->rank = strtoll(text + STAMP_LENGTH + 1, &rest, 10);
    return *rest == '\0' && end->rank > 0;
}

/* Of a digest: which messages are in it. */
static void read_range(struct stamped *stamped, const json_t *metadata)
{
    struct stamped_end first = { 0 }, last = { 0 };
    if (!read_end(&first, json_object_get(metadata, COURIER_KEY_FIRST)) ||
        !read_end(&last, json_object_get(metadata, COURIER_KEY_LAST)))
        return;
    stamped->first = first;
    stamped->last = last;
}

/* One that is cut off would be somebody else. */
static void read_author(struct stamped *stamped, const json_t *identifier)
{
    const json_t *id = raw_id_of(identifier);
    if (id && json_string_length(id) < sizeof stamped->author)
        text_copy(stamped->author, sizeof stamped->author, json_string_value(id));
}

/*
 * Note the message if it carries a stamp. False for what is no message, and for a
 * stamp without an id: to overlook one of ours would mean to post it again.
 */
static bool read_message(struct message_page *page, const json_t *message)
{
    const json_t *stamp = json_object_get(json_object_get(message, "metadata"), messages_stamp_key);
    if (json_string_length(stamp) != STAMP_LENGTH)
        return json_is_object(message);

    struct stamped *stamped = &page->found[page->found_count++];
    memcpy(stamped->stamp, json_string_value(stamp), STAMP_LENGTH + 1);
    read_range(stamped, json_object_get(message, "metadata"));
    read_author(stamped, json_object_get(message, "senderCommunicationIdentifier"));
    return copy_json_id(stamped->id, message);
}

static bool read_messages(struct message_page *page, const json_t *messages)
{
    size_t count = json_array_size(messages);
    page->found = xcalloc(count + 1, sizeof *page->found);
    for (size_t i = 0; i < count; i++)
        if (!read_message(page, json_array_get(messages, i)))
            return false;
    return true;
}

bool message_page_parse(struct message_page *page, const char *body, size_t length,
                        struct error *err)
{
    CLEANUP(page_clear) struct page answer;
    *page = (struct message_page){ 0 };
    if (!page_parse(&answer, body, length, "messages", err))
        return false;
    page->next_link = xstrdup_or_null(answer.next_link);
    if (read_messages(page, answer.items))
        return true;
    message_page_clear(page);
    return error_set(err, "the answer is not a page of messages");
}

void message_page_clear(struct message_page *page)
{
    free(page->found);
    free(page->next_link);
    *page = (struct message_page){ 0 };
}
