#include "sandbox/api_message.h"

#include "base/memory.h"
#include "sandbox/metadata.h"
#include "sandbox/page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(struct call *call, struct answer *answer, const char *message)
{
    call_refuse(call, answer, 400, message);
    return false;
}

/* What a send says, borrowed from its JSON but for the metadata. */
struct submission {
    const char *content, *display_name;
    enum message_type type;
    char *metadata;
};

static bool check_size(struct call *call, struct answer *answer, const char *content)
{
    return strlen(content) <= call->service->content_limit_bytes ||
           refuse(call, answer, "Message size exceeded.");
}

static bool submission_read(struct call *call, struct submission *submission, struct answer *answer)
{
    const char *type = "text";
    *submission = (struct submission){ 0 };
    if (!call_read_json(call, answer, "application/json"))
        return false;
    if (json_unpack(call->json, "{s:s, s?s, s?s}", "content", &submission->content, "type", &type,
                    "senderDisplayName", &submission->display_name) != 0)
        return refuse(call, answer,
                      "content is required; content, type and senderDisplayName are strings.");
    if (!message_type_from_name(type, &submission->type))
        return refuse(call, answer, "The message type must be text or html.");
    if (!check_size(call, answer, submission->content))
        return false;
    return metadata_read(json_object_get(call->json, "metadata"), &submission->metadata) ||
           refuse(call, answer, "The values of metadata must be strings.");
}

static void set_location(struct call *call, struct answer *answer, const struct message *message)
{
    CLEANUP(free_memory) char *endpoint = call_endpoint(call);
    CLEANUP(free_memory) char *thread = call_thread_in_url(call->thread);
    CLEANUP(free_memory)
    char *location =
        xasprintf("%s/chat/threads/%s/messages/%" PRId64, endpoint, thread, message->id);
    answer_header(answer, "Location", location);
}

void api_message_send(struct call *call, struct answer *answer)
{
    struct submission submission;
    if (!submission_read(call, &submission, answer))
        return;

    struct message *message = store_add_message(&call->service->store, call->thread, call->user,
                                                submission.type, call->now_at);
    message->content = xstrdup(submission.content);
    message->display_name = xstrdup_or_null(submission.display_name);
    message->metadata = submission.metadata;
    message->listed_ms = call->elapsed_ms + call->late_ms;

    CLEANUP(free_memory) char *id = xasprintf("%" PRId64, message->id);
    set_location(call, answer, message);
    answer_json(answer, 201, json_pack("{s:s}", "id", id));
}

/* May this member see the message at all? */
static bool is_readable(const struct call *call, const struct message *message)
{
    const struct member *member = call->member;
    return message->id >= member->history_from_at && !message->author->deleted &&
           (!member->removed || message->id <= member->last_message_id);
}

static bool is_listed(const struct call *call, const struct message *message)
{
    return message->listed_ms <= call->elapsed_ms && is_readable(call, message);
}

void api_message_list(struct call *call, struct answer *answer)
{
    struct page page;
    if (!page_read(call, &page, answer))
        return;

    json_t *values = json_array();
    struct page next = page;
    bool more = false;
    for (size_t i = thread_messages_before(call->thread, page.before); i > 0 && !more; i--) {
        const struct message *message = call->thread->messages[i - 1];
        if (message->id < page.start_at)
            break;
        if (!is_listed(call, message))
            continue;
        more = (int64_t)json_array_size(values) == page.size;
        if (!more) {
            json_array_append_new(values, message_json(message));
            next.before = message->id;
        }
    }
    page_answer(call, answer, values, more ? &next : NULL);
}

/* The message that the path names. NULL when there is none; the answer then says so. */
static struct message *find(struct call *call, struct answer *answer)
{
    const char *id = call->captures[1];
    size_t digits = strspn(id, "0123456789");
    if (digits == 0 || digits > 18 || id[digits]) {
        CLEANUP(free_memory) char *text = xasprintf("Value for MessageId (%s) is not valid.", id);
        refuse(call, answer, text);
        return NULL;
    }
    struct message *message = thread_message(call->thread, strtoll(id, NULL, 10));
    if (message && is_readable(call, message))
        return message;
    call_refuse(call, answer, 404, "The specified message id was not found.");
    return NULL;
}

void api_message_get(struct call *call, struct answer *answer)
{
    const struct message *message = find(call, answer);
    if (message)
        answer_json(answer, 200, message_json(message));
}

/* As find(), for those who may change it. */
static struct message *find_own(struct call *call, struct answer *answer)
{
    struct message *message = find(call, answer);
    if (message && (message->author != call->user || !message_is_said(message))) {
        call_refuse(call, answer, 403,
                    "The initiator doesn't have the permission to perform the requested "
                    "operation.");
        return NULL;
    }
    if (message && message->deleted_at > 0) {
        call_refuse(call, answer, 404, "The specified message id was not found.");
        return NULL;
    }
    return message;
}

/* ACS: every change makes a new version and moves the sequenceId; the id stays. */
static void mark_changed(const struct call *call, struct message *message)
{
    message->version_at = msec_max(call->now_at, message->version_at + 1);
    message->sequence = ++call->thread->sequence;
}

void api_message_update(struct call *call, struct answer *answer)
{
    const char *content = NULL;
    struct message *message = find_own(call, answer);
    if (!message || !call_read_json(call, answer, "application/merge-patch+json"))
        return;
    if (json_unpack(call->json, "{s?s}", "content", &content) != 0) {
        refuse(call, answer, "content must be a string.");
        return;
    }
    if (content && !check_size(call, answer, content))
        return;
    if (!metadata_patch(json_object_get(call->json, "metadata"), &message->metadata)) {
        refuse(call, answer, "The values of metadata must be strings.");
        return;
    }
    if (content) {
        free(message->content);
        message->content = xstrdup(content);
    }
    mark_changed(call, message);
    message->edited_at = message->version_at;
    answer_empty(answer, 204);
}

void api_message_delete(struct call *call, struct answer *answer)
{
    struct message *message = find_own(call, answer);
    if (!message)
        return;
    mark_changed(call, message);
    message->deleted_at = message->version_at;
    answer_empty(answer, 204);
}
