#include "daemon/sighting.h"

#include "base/memory.h"
#include "chat/json_text.h"
#include "daemon/member.h"
#include "queue/late_mark.h"
#include "queue/retry.h"

#include <stdlib.h>
#include <string.h>

struct sighting {
    struct desk *desk;
    int64_t thread, message;
    char *remote_id;
    bool under_way;
    int64_t failures;
    msec_t next_steady_at;
    struct sighting *next;
};

static const struct retry_policy patience = { .first_ms = 200, .longest_ms = 10000 };

int64_t sighting_id(int64_t message)
{
    return -message;
}

bool sighting_is_over(const struct message *message)
{
    return message->state != MESSAGE_SENT || message->kind == MESSAGE_DELETE ||
           message->verified != MESSAGE_UNVERIFIED || !message->remote_id || !message->remote_id[0];
}

bool sighting_is_impossible(const struct message *message)
{
    return message->state == MESSAGE_SENT && message->kind != MESSAGE_DELETE &&
           message->verified == MESSAGE_UNVERIFIED;
}

/* ---- what was found ------------------------------------------------------------------------ */

/* The service rewrites HTML, so only text can be compared, with the mark that went with it. */
static bool is_as_sent(const struct message *message, const json_t *body)
{
    const char *shown =
        json_string_value(json_object_get(json_object_get(body, "content"), "message"));
    if (json_is_string(json_object_get(body, "deletedOn")))
        return false;
    if (message->type == MESSAGE_HTML || !message->content)
        return true;
    CLEANUP(free_memory)
    char *marked =
        message->late_mark ? late_mark_prepend(message->late_mark, message->content) : NULL;
    return shown && strcmp(shown, marked ? marked : message->content) == 0;
}

static void note(struct message *message, const json_t *body)
{
    const char *sequence = json_string_value(json_object_get(body, "sequenceId"));
    message->verified = is_as_sent(message, body) ? MESSAGE_AS_SENT : MESSAGE_CHANGED;
    message->sequence_id = sequence ? strtoll(sequence, NULL, 10) : 0;
    message->created_on = json_text_instant(json_object_get(body, "createdOn"));
}

static void end(struct sighting *sighting, const json_t *body)
{
    struct desk *desk = sighting->desk;
    CLEANUP(message_clear) struct message message = { 0 };
    if (outbox_load(desk->floor->outbox, sighting->message, &message) &&
        !sighting_is_over(&message)) {
        note(&message, body);
        outbox_move(desk->floor->outbox, &message, message.state);
    }
    waits_call(desk->waits, sighting_id(sighting->message));
}

static void on_answer(void *context, const struct chat_answer *answer)
{
    struct sighting *sighting = context;
    struct desk *desk = sighting->desk;
    desk->now = clock_now(desk->floor->use.clock);
    sighting->under_way = false;
    if (answer->body && desk->floor->outbox) {
        end(sighting, answer->body);
        return;
    }
    sighting->failures++;
    sighting->next_steady_at =
        desk->now.steady_at + retry_wait_ms(&patience, sighting->failures, UINT32_MAX);
}

/* ---- looking ------------------------------------------------------------------------------- */

bool sighting_begin(struct desk *desk, const struct message *message)
{
    const struct directory_thread *thread =
        directory_by_number(desk->directory, lane_thread(message->lane));
    for (struct sighting *other = desk->sightings; other; other = other->next)
        if (other->message == message->id)
            return true;
    if (!thread)
        return false;
    struct sighting *sighting = xcalloc(1, sizeof *sighting);
    sighting->desk = desk;
    sighting->thread = thread->number;
    sighting->message = message->id;
    sighting->remote_id = xstrdup(message->remote_id);
    sighting->next = desk->sightings;
    desk->sightings = sighting;
    return true;
}

static void sighting_free(struct sighting *sighting)
{
    free(sighting->remote_id);
    free(sighting);
}

/* Where the settings have the thread now. */
static void ask(struct sighting *sighting, const struct directory_thread *thread)
{
    CLEANUP(chat_place_clear) struct chat_place place = chat_place_of(thread);
    const struct question question = { .kind = QUESTION_MESSAGE, .message = sighting->remote_id };
    struct desk *desk = sighting->desk;
    sighting->under_way = chat_reader_ask(desk->reader, &place, &question, on_answer, sighting);
    if (!sighting->under_way)
        sighting->next_steady_at = desk->now.steady_at + patience.longest_ms;
}

/*
 * One that nobody waits for any more, or whose thread is not in the settings any more, is kept
 * until it would be asked for again.
 */
msec_t sighting_tend(struct desk *desk)
{
    msec_t next_ms = MSEC_NEVER;
    struct sighting **link = &desk->sightings, *sighting = NULL;
    while ((sighting = *link)) {
        bool is_due = !sighting->under_way && sighting->next_steady_at <= desk->now.steady_at;
        const struct directory_thread *thread =
            is_due ? directory_by_number(desk->directory, sighting->thread) : NULL;
        if (is_due && !(thread && waits_any_for(desk->waits, sighting_id(sighting->message)))) {
            waits_call(desk->waits, sighting_id(sighting->message));
            *link = sighting->next;
            sighting_free(sighting);
            continue;
        }
        if (is_due)
            ask(sighting, thread);
        if (!sighting->under_way)
            next_ms = msec_min(next_ms, sighting->next_steady_at - desk->now.steady_at);
        link = &sighting->next;
    }
    return next_ms;
}

void sighting_clear(struct desk *desk)
{
    while (desk->sightings) {
        struct sighting *sighting = desk->sightings;
        desk->sightings = sighting->next;
        sighting_free(sighting);
    }
}

void sighting_add(json_t *members, const struct message *message)
{
    static const char *const words[] = { [MESSAGE_UNVERIFIED] = NULL,
                                         [MESSAGE_AS_SENT] = "as-sent",
                                         [MESSAGE_CHANGED] = "changed",
                                         [MESSAGE_TAKEN_BACK] = "taken-back" };
    bool known = message->verified >= 0 && message->verified <= MESSAGE_TAKEN_BACK;
    member_text(members, "verified", known ? words[message->verified] : NULL);
    member_number(members, "sequence_id", message->sequence_id);
    member_number(members, "created_at", message->created_on);
}
