#include "client/chat_message.h"

#include "base/harmless.h"
#include "base/instant.h"
#include "client/describe.h"
#include "client/html_text.h"
#include "client/member.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAME = 80 };

/* What is no instant is shown as it came. */
static void add_time(struct text *out, const json_t *message, const char *name)
{
    char text[INSTANT_LONGEST_TEXT];
    msec_t instant_at = 0;
    const char *written = member_string(message, name);
    if (instant_parse_rfc3339(written, &instant_at)) {
        instant_say(instant_at, text);
        text_add(out, text);
    } else {
        describe_first_line(out, written[0] ? written : "no time", LONGEST_NAME);
    }
}

static void add_name(struct text *out, const char *display_name, const json_t *identifier,
                     const char *relay)
{
    const char *raw_id = member_string(identifier, "rawId");
    const json_t *user = json_object_get(identifier, "communicationUser");
    const char *id = raw_id[0] ? raw_id : member_string(user, "id");
    if (display_name[0])
        describe_first_line(out, display_name, LONGEST_NAME);
    else if (id[0] && strcmp(id, relay) == 0)
        text_add(out, "(the relay)");
    else
        describe_first_line(out, id[0] ? id : "somebody", LONGEST_NAME);
}

/* Lines behind the first are indented. Ends without a newline. */
static void add_lines(struct text *out, const char *string)
{
    struct text harmless CLEANUP(text_clear) = { 0 };
    harmless_add(&harmless, string);
    for (const char *at = harmless.bytes ? harmless.bytes : ""; *at; at++) {
        text_append(out, at, 1);
        if (*at == '\n')
            text_add(out, "    ");
    }
}

/* ---- what was said --------------------------------------------------------------------------- */

static void add_said(struct text *out, const json_t *message, const json_t *content)
{
    struct text shown CLEANUP(text_clear) = { 0 };
    const char *said = member_string(content, "message");
    if (strcmp(member_string(message, "type"), "html") == 0)
        html_text(&shown, said);
    else
        text_add(&shown, said);
    while (shown.length > 0 && strchr("\r\n ", shown.bytes[shown.length - 1]))
        shown.bytes[--shown.length] = '\0';
    add_lines(out, shown.bytes ? shown.bytes : "");
}

static void add_attachments(struct text *out, const json_t *content)
{
    const json_t *attachments = json_object_get(content, "attachments"), *attachment = NULL;
    size_t i = 0;
    json_array_foreach(attachments, i, attachment)
    {
        const char *name = member_string(attachment, "name");
        text_add(out, "\n    [");
        describe_first_line(out, member_string(attachment, "attachmentType"), LONGEST_NAME);
        text_add(out, name[0] ? ": " : "");
        describe_first_line(out, name, LONGEST_NAME);
        text_add(out, "]");
    }
}

/* ---- what happened --------------------------------------------------------------------------- */

static void add_initiator(struct text *out, const json_t *content, const char *relay)
{
    add_name(out, "", json_object_get(content, "initiatorCommunicationIdentifier"), relay);
}

static void add_participants(struct text *out, const json_t *content, const char *relay)
{
    const json_t *participants = json_object_get(content, "participants"), *participant = NULL;
    size_t i = 0;
    json_array_foreach(participants, i, participant)
    {
        text_add(out, i > 0 ? ", " : "");
        add_name(out, member_string(participant, "displayName"),
                 json_object_get(participant, "communicationIdentifier"), relay);
    }
    if (i == 0)
        text_add(out, "somebody");
}

static void add_event(struct text *out, const char *type, const json_t *content, const char *relay)
{
    text_add(out, "* ");
    add_initiator(out, content, relay);
    if (strcmp(type, "topicUpdated") == 0) {
        text_add(out, " set the topic to \"");
        describe_first_line(out, member_string(content, "topic"), LONGEST_NAME);
        text_add(out, "\"");
    } else if (strcmp(type, "participantAdded") == 0) {
        text_add(out, " added ");
        add_participants(out, content, relay);
    } else if (strcmp(type, "participantRemoved") == 0) {
        text_add(out, " removed ");
        add_participants(out, content, relay);
    } else {
        text_add(out, ": ");
        describe_first_line(out, type[0] ? type : "something", LONGEST_NAME);
    }
}

/* ---- a message ------------------------------------------------------------------------------- */

static bool is_said(const char *type)
{
    return strcmp(type, "text") == 0 || strcmp(type, "html") == 0;
}

static void add_mark(struct text *out, const json_t *message, const char *word, const char *name)
{
    if (!member_string(message, name)[0])
        return;
    text_printf(out, " (%s ", word);
    add_time(out, message, name);
    text_add(out, ")");
}

void chat_message_describe(struct text *out, const json_t *message, const char *relay)
{
    const json_t *content = json_object_get(message, "content");
    const char *type = member_string(message, "type");
    bool deleted = member_string(message, "deletedOn")[0] != '\0';

    add_time(out, message, "createdOn");
    text_add(out, "  ");
    if (is_said(type)) {
        add_name(out, member_string(message, "senderDisplayName"),
                 json_object_get(message, "senderCommunicationIdentifier"), relay);
        text_add(out, deleted ? ":" : ": ");
        if (!deleted)
            add_said(out, message, content);
    } else {
        add_event(out, type, content, relay);
    }
    if (deleted)
        add_mark(out, message, "deleted", "deletedOn");
    else
        add_mark(out, message, "edited", "editedOn");
    add_attachments(out, content);
    text_add(out, "\n");
}
