#include "chat/thread.h"

#include "base/instant.h"
#include "chat/json_text.h"
#include "chat/url.h"

#include <jansson.h>

static void add_thread(struct text *url, const char *endpoint, const char *thread)
{
    url_add_endpoint(url, endpoint);
    text_add(url, "/chat/threads/");
    url_add_encoded(url, thread);
}

static void add_version(struct text *url, const char *api_version)
{
    text_add(url, "?api-version=");
    url_add_encoded(url, api_version);
}

void thread_url(struct text *url, const char *endpoint, const char *thread, const char *api_version)
{
    add_thread(url, endpoint, thread);
    add_version(url, api_version);
}

void thread_participants_url(struct text *url, const char *endpoint, const char *thread,
                             const char *api_version, int page_size)
{
    add_thread(url, endpoint, thread);
    text_add(url, "/participants");
    add_version(url, api_version);
    text_printf(url, "&maxPageSize=%d", page_size);
}

/* 0 for what is no time. */
static msec_t instant_of(const json_t *string)
{
    msec_t at = 0;
    const char *text = json_string_value(string);
    return text && instant_parse_rfc3339(text, &at) ? at : 0;
}

static void read_retention(struct thread_properties *properties, const json_t *policy)
{
    enum { LONGEST_DAYS = 1000 * 1000 };
    json_int_t days = json_integer_value(json_object_get(policy, "deleteThreadAfterDays"));
    json_text_copy(properties->retention, sizeof properties->retention,
                   json_object_get(policy, "kind"));
    if (days > 0 && days <= LONGEST_DAYS)
        properties->retention_days = days;
}

bool thread_parse(struct thread_properties *properties, const char *body, size_t length,
                  struct error *err)
{
    *properties = (struct thread_properties){ 0 };
    json_t *thread = json_loadb(body, length, 0, NULL);
    bool is_thread = json_string_length(json_object_get(thread, "id")) > 0;
    if (is_thread) {
        const json_t *creator = json_object_get(thread, "createdByCommunicationIdentifier");
        json_text_copy(properties->topic, sizeof properties->topic,
                       json_object_get(thread, "topic"));
        json_text_copy(properties->creator, sizeof properties->creator,
                       json_object_get(creator, "rawId"));
        properties->created_at = instant_of(json_object_get(thread, "createdOn"));
        properties->deleted_at = instant_of(json_object_get(thread, "deletedOn"));
        read_retention(properties, json_object_get(thread, "retentionPolicy"));
    }
    json_decref(thread);
    return is_thread || error_set(err, "the answer is not a thread's properties");
}
