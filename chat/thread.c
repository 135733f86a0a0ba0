#include "chat/thread.h"

#include "chat/json_text.h"
#include "chat/raw_id.h"
#include "chat/url.h"

#include <jansson.h>

void thread_url(struct text *url, const char *endpoint, const char *thread, const char *api_version)
{
    url_add_thread(url, endpoint, thread);
    url_add_version(url, api_version);
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
        const json_t *creator =
            raw_id_of(json_object_get(thread, "createdByCommunicationIdentifier"));
        json_text_copy(properties->topic, sizeof properties->topic,
                       json_object_get(thread, "topic"));
        json_text_copy(properties->creator, sizeof properties->creator, creator);
        properties->created_at = json_text_instant(json_object_get(thread, "createdOn"));
        properties->deleted_at = json_text_instant(json_object_get(thread, "deletedOn"));
        read_retention(properties, json_object_get(thread, "retentionPolicy"));
    }
    json_decref(thread);
    return is_thread || error_set(err, "the answer is not a thread's properties");
}
