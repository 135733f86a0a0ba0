#include "daemon/event_log.h"

#include "base/memory.h"
#include "daemon/filter.h"
#include "daemon/follower.h"
#include "daemon/member.h"

#include <stdlib.h>

static json_t *event_of(msec_t at, const struct message *message, const char *thread,
                        const char *status)
{
    json_t *event = json_object();
    member_number(event, "at", at);
    member_number(event, "id", message->id);
    member_text(event, "thread", thread);
    member_text(event, "status", status);
    if (message->kind == MESSAGE_DIGEST)
        member_number(event, "messages", message->fold_count);
    return event;
}

/* ---- those who follow ---------------------------------------------------------------------- */

static bool wants(const struct peer *peer, const struct message *message)
{
    return peer->follower.thread < 0 || peer->follower.thread == lane_thread(message->lane);
}

/* Takes `event` over. */
static void publish(struct desk *desk, const struct message *message, json_t *event)
{
    for (struct peer *peer = desk->followers; peer; peer = peer->follower.next)
        if (wants(peer, message) &&
            directory_may_see_message(desk->directory, &peer->asker, message))
            follower_tell(peer, desk->floor->turn, event);
    json_decref(event);
}

void event_log_accepted(struct desk *desk, const struct message *message, const char *thread)
{
    if (!desk->followers)
        return;
    json_t *event = event_of(desk->now.at, message, thread, "accepted");
    member_text(event, "user", message->user);
    member_text(event, "priority", priority_name(lane_priority(message->lane)));
    member_count(event, "size", (int64_t)message->content_bytes);
    publish(desk, message, event);
}

void event_log_settled(struct desk *desk, const struct settlement *settlement)
{
    const struct message *message = settlement->message;
    const struct delivery *delivery = settlement->delivery;
    if (!desk->followers)
        return;
    json_t *event = event_of(desk->now.at, message, settlement->thread, result_log_status(message));
    if (settlement->attempt)
        member_number(event, "attempt", settlement->attempt->number);
    else
        json_object_set_new(event, "look", json_true());
    member_number(event, "http", delivery->http);
    member_text(event, "code", delivery->code);
    if (message->state == MESSAGE_PENDING)
        member_count(event, "wait_ms", settlement->retry_ms);
    member_count(event, "delay_ms", msec_max(desk->now.at - message_meant_at(message), 0));
    member_text(event, "remote_id", message->remote_id);
    member_text(event, "cv", delivery->cv);
    if (message->state != MESSAGE_SENT)
        member_text(event, "reason", delivery->detail);
    publish(desk, message, event);
}

void event_log_moved(struct desk *desk, const struct message *message, const char *by)
{
    if (!desk->followers)
        return;
    CLEANUP(free_memory) char *thread = desk_thread_name(desk, message);
    json_t *event = event_of(desk->now.at, message, thread, message_state_name(message->state));
    member_text(event, "by", by);
    member_text(event, "wish", message->wish);
    member_text(event, "reason", message->reason);
    publish(desk, message, event);
}

/* It follows the digest's thread, and is not told of the digest itself: so of its own in there. */
static bool asks_for_originals(const struct desk *desk, const struct peer *peer,
                               const struct message *digest)
{
    return wants(peer, digest) && !directory_may_see_message(desk->directory, &peer->asker, digest);
}

bool event_log_asks_for_originals(const struct desk *desk, const struct message *digest)
{
    for (const struct peer *peer = desk->followers; peer; peer = peer->follower.next)
        if (asks_for_originals(desk, peer, digest))
            return true;
    return false;
}

void event_log_ended_in(struct desk *desk, int64_t id, const struct message *digest,
                        const char *thread)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (!outbox_load(desk->floor->outbox, id, &message))
        return;
    json_t *event = event_of(desk->now.at, &message, thread, message_state_name(digest->state));
    member_number(event, "into_id", digest->id);
    member_text(event, "remote_id", digest->remote_id);
    member_text(event, "reason", digest->reason);
    for (struct peer *peer = desk->followers; peer; peer = peer->follower.next)
        if (message.uid == peer->asker.uid && asks_for_originals(desk, peer, digest))
            follower_tell(peer, desk->floor->turn, event);
    json_decref(event);
}

void event_log_folded(struct desk *desk, const struct message *message, int64_t into_id,
                      const char *thread)
{
    if (!desk->followers)
        return;
    json_t *event = event_of(desk->now.at, message, thread, message_state_name(message->state));
    member_number(event, "into_id", into_id);
    publish(desk, message, event);
}

/* ---- what is stored ------------------------------------------------------------------------ */

enum { PAGE = 100 };

struct attempts {
    struct attempt *attempts;
    size_t count, capacity;
};

static void keep_attempt(void *context, const struct attempt *attempt)
{
    struct attempts *kept = context;
    if (kept->count == kept->capacity) {
        kept->capacity = kept->capacity ? 2 * kept->capacity : PAGE;
        kept->attempts = xreallocarray(kept->attempts, kept->capacity, sizeof *kept->attempts);
    }
    kept->attempts[kept->count++] = *attempt;
}

static const char *status_of_attempt(const struct attempt *attempt)
{
    if (attempt->ended_at == 0)
        return attempt->outcome == OUTCOME_NONE ? "unknown" : "doubt";
    if (attempt->outcome == OUTCOME_SENT)
        return "sent";
    if (attempt->outcome == OUTCOME_DOUBT)
        return "doubt";
    return attempt->scope == SCOPE_MESSAGE ? "dead" : "deferred";
}

static json_t *event_of_attempt(const struct attempt *attempt, const struct message *message,
                                const char *thread)
{
    json_t *event = event_of(attempt->began_at, message, thread, status_of_attempt(attempt));
    member_number(event, "attempt", attempt->number);
    member_number(event, "http", attempt->http);
    member_text(event, "code", attempt->code);
    if (attempt->ended_at)
        member_count(event, "took_ms", attempt->ended_at - attempt->began_at);
    if (attempt->outcome == OUTCOME_SENT)
        member_text(event, "remote_id", message->remote_id);
    member_text(event, "cv", attempt->cv);
    if (attempt->outcome != OUTCOME_SENT)
        member_text(event, "reason", attempt->detail);
    return event;
}

/* Its answer was lost, and a look found it: it was never tried again. */
static bool was_found(const struct attempt *attempt, const struct message *message)
{
    return message->state == MESSAGE_SENT && attempt->outcome == OUTCOME_DOUBT &&
           attempt->number == message->attempts;
}

static json_t *event_of_finding(const struct message *message, const char *thread)
{
    json_t *event = event_of(message->ended_at, message, thread, "sent");
    json_object_set_new(event, "look", json_true());
    member_text(event, "remote_id", message->remote_id);
    return event;
}

static void add_attempt(const struct desk *desk, const struct asker *asker, int64_t thread,
                        const struct attempt *attempt, json_t *events)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (!outbox_load(desk->floor->outbox, attempt->message, &message) ||
        !directory_may_see_message(desk->directory, asker, &message) ||
        (thread >= 0 && lane_thread(message.lane) != thread))
        return;
    CLEANUP(free_memory) char *name = desk_thread_name(desk, &message);
    if (was_found(attempt, &message))
        json_array_append_new(events, event_of_finding(&message, name));
    json_array_append_new(events, event_of_attempt(attempt, &message, name));
}

/* Of what may not be seen much is read at once, so that a page is seldom empty. */
static int64_t read_page(const struct desk *desk, const struct asker *asker, int64_t thread,
                         int64_t after, size_t most, json_t *events)
{
    size_t read = 0;
    int64_t next = after;
    do {
        struct attempts kept = { 0 };
        next = outbox_log(desk->floor->outbox, next, most, keep_attempt, &kept);
        for (size_t i = 0; i < kept.count; i++)
            add_attempt(desk, asker, thread, &kept.attempts[i], events);
        read += kept.count;
        free(kept.attempts);
    } while (next && json_array_size(events) == 0 && read < REQUEST_LARGEST_PAGE);
    return next;
}

/* Whether something that may be seen, and is wanted, is behind; if in doubt, it is. */
static bool is_more_behind(const struct desk *desk, const struct asker *asker, int64_t thread,
                           int64_t after)
{
    enum { AT_ONCE = 16 };
    json_t *events = json_array();
    int64_t next = read_page(desk, asker, thread, after, AT_ONCE, events);
    bool more = next || json_array_size(events) > 0;
    json_decref(events);
    return more;
}

static void answer_page(struct desk *desk, struct peer *peer, const struct request *request,
                        int64_t thread)
{
    json_t *events = json_array();
    size_t most = request->limit ? (size_t)request->limit : PAGE;
    int64_t next = read_page(desk, &peer->asker, thread, request->after, most, events);
    if (next && !is_more_behind(desk, &peer->asker, thread, next))
        next = 0;
    desk->has_browsed = true;
    json_t *members = json_pack("{s:o}", "events", events);
    member_number(members, "next", next);
    desk_name_time_zone(desk, members);
    desk_answer(desk, peer, request, members);
}

void event_log_answer(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct refusal refusal;
    int64_t thread = -1;
    if (request->thread && !filter_thread(desk, request->thread, &thread, &refusal)) {
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    if (!request->follow) {
        answer_page(desk, peer, request, thread);
        return;
    }
    json_t *members = json_pack("{s:b}", "follow", 1);
    desk_name_time_zone(desk, members);
    desk_answer(desk, peer, request, members);
    follower_join(peer, &desk->followers, thread, request->ref);
}
