#include "sandbox/message.h"

#include "base/memory.h"
#include "sandbox/timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {
    [MESSAGE_TEXT] = "text",
    [MESSAGE_HTML] = "html",
    [MESSAGE_TOPIC_UPDATED] = "topicUpdated",
    [MESSAGE_PARTICIPANT_ADDED] = "participantAdded",
    [MESSAGE_PARTICIPANT_REMOVED] = "participantRemoved",
};

void message_free(struct message *message)
{
    if (!message)
        return;
    free(message->content);
    free(message->display_name);
    free(message->metadata);
    free(message);
}

bool message_is_said(const struct message *message)
{
    return message->type == MESSAGE_TEXT || message->type == MESSAGE_HTML;
}

bool message_type_from_name(const char *name, enum message_type *type)
{
    bool text = strcmp(name, type_names[MESSAGE_TEXT]) == 0;
    *type = text ? MESSAGE_TEXT : MESSAGE_HTML;
    return text || strcmp(name, type_names[MESSAGE_HTML]) == 0;
}

static void set_instant(json_t *json, const char *key, msec_t instant_at)
{
    char text[INSTANT_LONGEST_TEXT];
    if (instant_at == 0)
        return;
    timestamp_seconds(instant_at, text);
    json_object_set_new(json, key, json_string(text));
}

static void set_number(json_t *json, const char *key, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    json_object_set_new(json, key, json_string(text));
}

static void set_parsed(json_t *json, const char *key, const char *text)
{
    if (text)
        json_object_set_new(json, key, json_loads(text, 0, NULL));
}

static void set_content(json_t *json, const struct message *message)
{
    if (message->deleted_at > 0)
        return;
    if (message_is_said(message))
        json_object_set_new(json, "content", json_pack("{s:s}", "message", message->content));
    else
        set_parsed(json, "content", message->content);
    set_parsed(json, "metadata", message->metadata);
}

json_t *message_json(const struct message *message)
{
    json_t *json = json_object();
    set_number(json, "id", message->id);
    json_object_set_new(json, "type", json_string(type_names[message->type]));
    set_number(json, "sequenceId", message->sequence);
    set_number(json, "version", message->version_at);
    set_content(json, message);
    if (message->display_name)
        json_object_set_new(json, "senderDisplayName", json_string(message->display_name));
    set_instant(json, "createdOn", message->id);
    if (message_is_said(message))
        json_object_set_new(json, "senderCommunicationIdentifier", identity_json(message->author));
    set_instant(json, "editedOn", message->edited_at);
    set_instant(json, "deletedOn", message->deleted_at);
    return json;
}
