#include "queue/message.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[MESSAGE_STATES] = {
    [MESSAGE_SCHEDULED] = "scheduled", [MESSAGE_PENDING] = "pending", [MESSAGE_HELD] = "held",
    [MESSAGE_SENT] = "sent",           [MESSAGE_FOLDED] = "folded",   [MESSAGE_EXPIRED] = "expired",
    [MESSAGE_CANCELLED] = "cancelled", [MESSAGE_DEAD] = "dead",
};

static const char *const priority_names[PRIORITIES] = {
    [PRIORITY_URGENT] = "urgent",
    [PRIORITY_NORMAL] = "normal",
    [PRIORITY_BULK] = "bulk",
};

bool message_state_is_final(enum message_state state)
{
    return state >= MESSAGE_SENT;
}

const char *message_state_name(enum message_state state)
{
    return state_names[state];
}

bool message_state_from_name(const char *name, enum message_state *state)
{
    for (int i = 0; i < MESSAGE_STATES; i++) {
        if (strcmp(name, state_names[i]) == 0) {
            *state = (enum message_state)i;
            return true;
        }
    }
    return false;
}

const char *priority_name(enum priority priority)
{
    return priority_names[priority];
}

bool priority_from_name(const char *name, enum priority *priority)
{
    for (int i = 0; i < PRIORITIES; i++) {
        if (strcmp(name, priority_names[i]) == 0) {
            *priority = (enum priority)i;
            return true;
        }
    }
    return false;
}

const char *message_type_name(enum message_type type)
{
    return type == MESSAGE_HTML ? "html" : "text";
}

bool message_kind_repeats(enum message_kind kind)
{
    return kind == MESSAGE_UPDATE || kind == MESSAGE_DELETE;
}

const char *message_kind_name(enum message_kind kind)
{
    static const char *const kinds[] = { [MESSAGE_SEND] = "",
                                         [MESSAGE_UPDATE] = "update",
                                         [MESSAGE_DELETE] = "delete",
                                         [MESSAGE_DIGEST] = "digest",
                                         [MESSAGE_REPORT] = "report" };
    return kinds[kind];
}

bool message_is_unfolded(const struct message *message)
{
    return message->kind == MESSAGE_DIGEST && message->state == MESSAGE_CANCELLED &&
           message->reason && strcmp(message->reason, MESSAGE_UNFOLDED) == 0;
}

msec_t message_meant_at(const struct message *message)
{
    return message->kind == MESSAGE_DIGEST ? message->fold_since
                                           : msec_max(message->accepted_at, message->due_at);
}

void message_copy(struct message *copy, const struct message *message)
{
    *copy = *message;
    copy->user = xstrdup_or_null(message->user);
    copy->once = xstrdup_or_null(message->once);
    copy->fold = xstrdup_or_null(message->fold);
    copy->content = message->content ? xmemdup0(message->content, message->content_bytes) : NULL;
    copy->display_name = xstrdup_or_null(message->display_name);
    copy->metadata = xstrdup_or_null(message->metadata);
    copy->late_mark = xstrdup_or_null(message->late_mark);
    copy->wish = xstrdup_or_null(message->wish);
    copy->remote_id = xstrdup_or_null(message->remote_id);
    copy->reason = xstrdup_or_null(message->reason);
    copy->booked_bytes = message->content_bytes;
}

void message_clear(struct message *message)
{
    free(message->user);
    free(message->once);
    free(message->fold);
    free(message->content);
    free(message->display_name);
    free(message->metadata);
    free(message->late_mark);
    free(message->wish);
    free(message->remote_id);
    free(message->reason);
    *message = (struct message){ 0 };
}
