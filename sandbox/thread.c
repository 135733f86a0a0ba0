#include "sandbox/thread.h"

#include "base/memory.h"
#include "sandbox/timestamp.h"

#include <stdlib.h>
#include <string.h>

static const char prefix[] = "19:";
static const char suffix[] = "@thread.v2";
static const char id_characters[] =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

struct thread *thread_new(const char *id, const char *topic, const struct identity *creator,
                          msec_t created_at)
{
    struct thread *thread = xcalloc(1, sizeof *thread);
    thread->id = xstrdup(id);
    thread->topic = xstrdup(topic);
    thread->creator = creator;
    thread->created_at = created_at;
    return thread;
}

static void member_clear(struct member *member)
{
    free(member->display_name);
    free(member->metadata);
    limit_usage_clear(&member->list_usage);
    limit_usage_clear(&member->get_usage);
}

void thread_free(struct thread *thread)
{
    if (!thread)
        return;
    for (size_t i = 0; i < thread->message_count; i++)
        message_free(thread->messages[i]);
    for (size_t i = 0; i < thread->member_count; i++)
        member_clear(&thread->members[i]);
    limit_usage_clear(&thread->usage);
    limit_usage_clear(&thread->list_usage);
    free(thread->messages);
    free(thread->members);
    free(thread->metadata);
    free(thread->topic);
    free(thread->id);
    free(thread);
}

bool thread_id_is_well_formed(const char *id)
{
    if (strncmp(id, prefix, strlen(prefix)) != 0 || strlen(id) > 200)
        return false;
    const char *name = id + strlen(prefix);
    size_t length = strspn(name, id_characters);
    return length > 0 && strcmp(name + length, suffix) == 0;
}

struct member *thread_member(const struct thread *thread, const struct identity *identity)
{
    for (size_t i = 0; i < thread->member_count; i++)
        if (thread->members[i].identity == identity)
            return &thread->members[i];
    return NULL;
}

struct member *thread_join(struct thread *thread, struct identity *identity)
{
    struct member *member = thread_member(thread, identity);
    if (!member) {
        thread->members = xreallocarray(thread->members, thread->member_count + 1, sizeof *member);
        member = &thread->members[thread->member_count++];
        *member = (struct member){ .identity = identity, .history_from_at = thread->created_at };
    }
    member->removed = false;
    return member;
}

size_t thread_messages_before(const struct thread *thread, msec_t id)
{
    size_t low = 0, high = thread->message_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (thread->messages[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct message *thread_message(const struct thread *thread, msec_t id)
{
    size_t place = thread_messages_before(thread, id);
    bool found = place < thread->message_count && thread->messages[place]->id == id;
    return found ? thread->messages[place] : NULL;
}

void thread_append(struct thread *thread, struct message *message)
{
    if (thread->message_count == thread->message_capacity) {
        thread->message_capacity = thread->message_capacity ? 2 * thread->message_capacity : 8;
        thread->messages =
            xreallocarray(thread->messages, thread->message_capacity, sizeof(struct message *));
    }
    message->thread = thread;
    message->sequence = ++thread->sequence;
    thread->messages[thread->message_count++] = message;
}

static void set_instant(json_t *json, const char *key, msec_t instant_at)
{
    char text[INSTANT_LONGEST_TEXT];
    timestamp_seconds(instant_at, text);
    json_object_set_new(json, key, json_string(text));
}

json_t *member_json(const struct member *member)
{
    json_t *json = json_pack("{s:o}", "communicationIdentifier", identity_json(member->identity));
    if (member->display_name)
        json_object_set_new(json, "displayName", json_string(member->display_name));
    set_instant(json, "shareHistoryTime", member->history_from_at);
    if (member->metadata)
        json_object_set_new(json, "metadata", json_loads(member->metadata, 0, NULL));
    return json;
}

static json_t *policy_json(const struct thread *thread)
{
    if (thread->delete_after_days == 0)
        return json_pack("{s:s}", "kind", "none");
    return json_pack("{s:s, s:i}", "kind", "threadCreationDate", "deleteThreadAfterDays",
                     thread->delete_after_days);
}

json_t *thread_json(const struct thread *thread, bool with_policy)
{
    json_t *json = json_pack("{s:s, s:s}", "id", thread->id, "topic", thread->topic);
    set_instant(json, "createdOn", thread->created_at);
    json_object_set_new(json, "createdByCommunicationIdentifier", identity_json(thread->creator));
    if (thread->deleted_at > 0)
        set_instant(json, "deletedOn", thread->deleted_at);
    if (with_policy) {
        json_object_set_new(json, "retentionPolicy", policy_json(thread));
        if (thread->metadata)
            json_object_set_new(json, "metadata", json_loads(thread->metadata, 0, NULL));
    }
    return json;
}

json_t *thread_item_json(const struct thread *thread)
{
    json_t *json = json_pack("{s:s, s:s}", "id", thread->id, "topic", thread->topic);
    if (thread->deleted_at > 0)
        set_instant(json, "deletedOn", thread->deleted_at);
    if (thread->message_count > 0)
        set_instant(json, "lastMessageReceivedOn", thread->messages[thread->message_count - 1]->id);
    return json;
}
