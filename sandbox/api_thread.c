#include "sandbox/api_thread.h"

#include "base/memory.h"
#include "sandbox/metadata.h"
#include "sandbox/page.h"
#include "sandbox/participants.h"

#include <stdlib.h>
#include <string.h>

/* ACS: a policy of threadCreationDate keeps a thread 30 to 90 days. */
enum { RETENTION_SHORTEST_DAYS = 30, RETENTION_LONGEST_DAYS = 90 };

static const msec_t day_ms = 24LL * 60 * 60 * 1000;

/* retentionPolicy and thread metadata came with this version. */
static bool knows_policies(const struct call *call)
{
    return strcmp(call_query(call, "api-version"), "2025-03-15") >= 0;
}

static bool refuse(const struct call *call, struct answer *answer, const char *message)
{
    call_refuse(call, answer, 400, message);
    return false;
}

/* The days of a retentionPolicy, 0 for ever. Older versions ignore it. */
static bool read_policy(const struct call *call, int *days, struct answer *answer)
{
    json_t *policy = json_object_get(call->json, "retentionPolicy");
    const char *kind = "";
    *days = 0;
    if (!policy || !knows_policies(call))
        return true;
    if (json_unpack(policy, "{s:s, s?i}", "kind", &kind, "deleteThreadAfterDays", days) != 0)
        return refuse(call, answer, "retentionPolicy is not valid.");
    if (strcmp(kind, "none") == 0) {
        *days = 0;
        return true;
    }
    if (strcmp(kind, "threadCreationDate") != 0)
        return refuse(call, answer, "The kind of retentionPolicy is not known.");
    return (*days >= RETENTION_SHORTEST_DAYS && *days <= RETENTION_LONGEST_DAYS) ||
           refuse(call, answer, "deleteThreadAfterDays must be between 30 and 90.");
}

static void set_policy(const struct call *call, struct thread *thread, int days)
{
    thread->delete_after_days = days;
    thread->retention_ends_ms = call->elapsed_ms + days * day_ms;
}

static bool read_creation(struct call *call, const char **topic, int *days, char **metadata,
                          struct answer *answer)
{
    if (!call_read_json(call, answer, "application/json"))
        return false;
    *topic = json_string_value(json_object_get(call->json, "topic"));
    if (!*topic || !**topic)
        return refuse(call, answer, "topic is required.");
    if (!participants_are_valid(call, json_object_get(call->json, "participants"), answer) ||
        !read_policy(call, days, answer))
        return false;
    return metadata_read(json_object_get(call->json, "metadata"), metadata) ||
           refuse(call, answer, "The values of metadata must be strings.");
}

static void answer_created(const struct call *call, struct answer *answer,
                           const struct thread *thread, json_t *unknown)
{
    CLEANUP(free_memory) char *endpoint = call_endpoint(call);
    CLEANUP(free_memory) char *id = call_thread_in_url(thread);
    CLEANUP(free_memory) char *location = xasprintf("%s/chat/threads/%s", endpoint, id);
    json_t *json = json_pack("{s:o}", "chatThread", thread_json(thread, knows_policies(call)));
    if (json_array_size(unknown) > 0)
        json_object_set(json, "invalidParticipants", unknown);
    json_decref(unknown);
    answer_header(answer, "Location", location);
    answer_json(answer, 201, json);
}

/* The name under which this creation is remembered, or NULL. To be freed. */
static char *creation_name(const struct call *call)
{
    const char *id = call_header(call, "repeatability-request-id");
    return id ? xasprintf("%s/%s", call->user->id, id) : NULL;
}

/* Make the thread with all that the request names. `*unknown`: see participants_join(). */
static struct thread *create(struct call *call, const char *topic, json_t **unknown)
{
    CLEANUP(free_memory) char *id = service_new_thread_id();
    struct thread *thread = service_add_thread(call->service, id, topic, call->user);
    json_t *joined = json_array();
    *unknown = participants_join(call, thread, json_object_get(call->json, "participants"), joined);
    json_decref(joined);
    service_say_creation(call->service, thread);
    return thread;
}

void api_thread_create(struct call *call, struct answer *answer)
{
    const char *topic = NULL;
    char *metadata = NULL;
    int days = 0;
    if (!read_creation(call, &topic, &days, &metadata, answer))
        return;

    CLEANUP(free_memory) char *name = creation_name(call);
    struct thread *thread = name ? store_creation(&call->service->store, name) : NULL;
    if (thread) {
        free(metadata);
        answer_created(call, answer, thread, json_array());
        return;
    }
    json_t *unknown = NULL;
    thread = create(call, topic, &unknown);
    thread->metadata = metadata;
    set_policy(call, thread, days);
    if (name)
        store_remember_creation(&call->service->store, name, thread);
    answer_created(call, answer, thread, unknown);
}

static bool is_in(const struct call *call, const struct thread *thread)
{
    const struct member *member = thread_member(thread, call->user);
    return member && !member->removed;
}

void api_thread_list(struct call *call, struct answer *answer)
{
    const struct store *store = &call->service->store;
    struct page page;
    if (!page_read(call, &page, answer))
        return;

    json_t *values = json_array();
    int64_t seen = 0;
    for (size_t i = 0; i < store->thread_count; i++) {
        struct thread *thread = store->threads[i];
        if (!is_in(call, thread) || thread->created_at < page.start_at)
            continue;
        seen++;
        service_thread_is_gone(call->service, thread);
        if (seen > page.skip && seen <= page.skip + page.size)
            json_array_append_new(values, thread_item_json(thread));
    }
    struct page next = page;
    next.skip = page.skip + page.size;
    page_answer(call, answer, values, seen > next.skip ? &next : NULL);
}

void api_thread_properties(struct call *call, struct answer *answer)
{
    answer_json(answer, 200, thread_json(call->thread, knows_policies(call)));
}

static bool read_update(struct call *call, const char **topic, int *days, struct answer *answer)
{
    if (!call_read_json(call, answer, "application/merge-patch+json"))
        return false;
    json_t *given = json_object_get(call->json, "topic");
    *topic = json_string_value(given);
    if (given && (!*topic || !**topic))
        return refuse(call, answer, "topic must be a string, and not empty.");
    return read_policy(call, days, answer);
}

void api_thread_update(struct call *call, struct answer *answer)
{
    const char *topic = NULL;
    int days = 0;
    if (!read_update(call, &topic, &days, answer))
        return;
    if (!metadata_patch(json_object_get(call->json, "metadata"), &call->thread->metadata)) {
        refuse(call, answer, "The values of metadata must be strings.");
        return;
    }
    if (json_object_get(call->json, "retentionPolicy") && knows_policies(call))
        set_policy(call, call->thread, days);
    if (topic) {
        free(call->thread->topic);
        call->thread->topic = xstrdup(topic);
        service_say_topic(call->service, call->thread, call->user);
    }
    answer_empty(answer, 204);
}

void api_thread_delete(struct call *call, struct answer *answer)
{
    call->thread->deleted_at = call->now_at;
    answer_empty(answer, 204);
}
