#include "daemon/message_view.h"

#include "daemon/member.h"
#include "daemon/sighting.h"
#include "queue/diagnosis.h"

#include <stdlib.h>
#include <string.h>

/* A message that is pending, as message_view_brief() made it. */
static bool waits(const json_t *object)
{
    const char *state = json_string_value(json_object_get(object, "state"));
    return strcmp(state, message_state_name(MESSAGE_PENDING)) == 0;
}

void message_view_set_thread(const struct desk *desk, json_t *object, lane_id lane)
{
    char *name = NULL;
    if (outbox_thread_name(desk->floor->outbox, lane_thread(lane), &name)) {
        json_object_set_new(object, "thread", json_string(name));
        if (waits(object) && !directory_find(desk->directory, name))
            member_text(object, "reason", "no such thread");
    }
    free(name);
}

json_t *message_view_brief(const struct message *message)
{
    json_t *object = json_object();
    member_number(object, "id", message->id);
    member_text(object, "kind", message_kind_name(message->kind));
    member_number(object, "target_id", message->target_id);
    if (message->kind == MESSAGE_DIGEST)
        member_number(object, "messages", message->fold_count);
    member_text(object, "state", message_state_name(message->state));
    member_text(object, "priority", priority_name(lane_priority(message->lane)));
    member_text(object, "user", message->user);
    member_number(object, "accepted_at", message->accepted_at);
    json_object_set_new(object, "size", json_integer((json_int_t)message->content_bytes));
    member_text(object, "content", message->content);
    member_text(object, "fold", message->fold);
    if (message->kind != MESSAGE_DIGEST)
        member_number(object, "fold_count", message->fold_count);
    member_number(object, "attempts", message->attempts);
    member_number(object, "doubted_at", message->doubted_at);
    member_text(object, "wish", message->wish);
    member_number(object, "into_id", message->into_id);
    member_text(object, "reason", message->reason);
    return object;
}

static void look_up(const struct desk *desk, int64_t into_id, struct message_view_whole *whole)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (whole->into_id == into_id)
        return;
    outbox_load_whole(desk->floor->outbox, &(struct message){ .id = into_id }, &message);
    *whole = (struct message_view_whole){ into_id, message.id, message.state };
}

void message_view_add_whole(const struct desk *desk, json_t *object,
                            struct message_view_whole *whole)
{
    int64_t into_id = json_integer_value(json_object_get(object, "into_id"));
    if (into_id == 0)
        return;
    look_up(desk, into_id, whole);
    if (whole->id == 0)
        return;
    member_count(object, "into_id", whole->id);
    member_text(object, "end", message_state_name(whole->state));
}

json_t *message_view_full(const struct desk *desk, const struct message *message)
{
    json_t *object = message_view_brief(message);
    message_view_set_thread(desk, object, message->lane);
    message_view_add_whole(desk, object, &(struct message_view_whole){ 0 });
    member_text(object, "type", message_type_name(message->type));
    json_object_set_new(object, "uid", json_integer(message->uid));
    member_number(object, "pid", message->pid);
    member_text(object, "senderDisplayName", message->display_name);
    if (message->metadata)
        json_object_set_new(object, "metadata", json_loads(message->metadata, 0, NULL));
    member_number(object, "due_at", message->due_at);
    member_number(object, "expires_at", message->expires_at);
    member_number(object, "ended_at", message->ended_at);
    member_text(object, "once", message->once);
    if (message->kind != MESSAGE_DIGEST)
        member_number(object, "fold_since_at", message->fold_since);
    member_text(object, "late_mark", message->late_mark);
    member_text(object, "remote_id", message->remote_id);
    sighting_add(object, message);
    return object;
}

/* ---- its attempts -------------------------------------------------------------------------- */

static const char *outcome_name(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_SENT:
        return "sent";
    case OUTCOME_REFUSED:
        return "refused";
    case OUTCOME_UNSENT:
        return "unsent";
    case OUTCOME_DOUBT:
        return "doubt";
    case OUTCOME_NONE:
        break;
    }
    return "unknown";
}

void message_view_add_attempt(void *context, const struct attempt *attempt)
{
    json_t *object = json_object();
    member_number(object, "number", attempt->number);
    member_number(object, "began_at", attempt->began_at);
    member_number(object, "ended_at", attempt->ended_at);
    member_text(object, "outcome", outcome_name(attempt->outcome));
    member_number(object, "http", attempt->http);
    member_text(object, "code", attempt->code[0] ? attempt->code : NULL);
    if (attempt->ended_at && attempt->wait_ms != DELIVERY_NO_WAIT)
        json_object_set_new(object, "wait_ms", json_integer(attempt->wait_ms));
    member_text(object, "cv", attempt->cv[0] ? attempt->cv : NULL);
    member_text(object, "reason", attempt->detail[0] ? attempt->detail : NULL);
    json_array_append_new(context, object);
}

void message_view_add_standing(struct desk *desk, json_t *object, const struct message *message)
{
    struct dispatcher *dispatcher = desk->floor->dispatcher;
    struct standing standing = dispatcher_standing(dispatcher, message, desk->now);
    member_number(object, "position", standing.position);
    if (standing.about)
        json_object_set_new(object, "about", json_true());
    if (standing.eta_ms != MSEC_NEVER)
        member_count(object, "eta_ms", standing.eta_ms);
}
