#include "daemon/submission.h"

#include "base/fnv.h"
#include "base/memory.h"
#include "daemon/event_log.h"
#include "daemon/room.h"
#include "queue/fold.h"
#include "wire/answer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- may it come in? --------------------------------------------------------------------- */

static const struct directory_thread *find_thread(const struct desk *desk,
                                                  const struct request *request,
                                                  struct refusal *refusal)
{
    const struct directory_thread *thread = directory_find(desk->directory, request->to);
    if (thread)
        return thread;
    if (request->to)
        directory_refuse_unknown(desk->directory, "thread", request->to, "to", refusal);
    else
        refusal_set(refusal, REFUSAL_INVALID, "to",
                    "to which thread? there is no default (setting default_thread)");
    return NULL;
}

bool submission_may_send(const struct directory_thread *thread, const struct asker *asker,
                         struct refusal *refusal)
{
    return directory_admits(thread, asker) ||
           refusal_set(refusal, REFUSAL_DENIED, "to",
                       "%s may not send to thread %s (setting allow)", asker->user,
                       thread->settings->name);
}

/* ---- the message ------------------------------------------------------------------------- */

/* A byte that cannot be in UTF-8 behind each part. */
static uint64_t hash_part(uint64_t hash, const char *part)
{
    if (part)
        hash = fnv_add(hash, part, strlen(part));
    return fnv_add(hash, "\xff", 1);
}

static enum priority priority_of(const struct request *request)
{
    switch (request->priority) {
    case REQUEST_PRIORITY_URGENT:
        return PRIORITY_URGENT;
    case REQUEST_PRIORITY_BULK:
        return PRIORITY_BULK;
    case REQUEST_PRIORITY_UNSAID:
    case REQUEST_PRIORITY_NORMAL:
        break;
    }
    return PRIORITY_NORMAL;
}

/* What was asked for, as one number: the same `once` must come with the same. */
static int64_t hash_of(const struct directory_thread *thread, const struct request *request)
{
    uint64_t hash = FNV_START;
    hash = hash_part(hash, thread->settings->name);
    hash = hash_part(hash, request->content);
    hash = hash_part(hash, request->display_name);
    hash = hash_part(hash, request->metadata);
    hash = hash_part(hash, priority_name(priority_of(request)));
    hash = hash_part(hash, request->type == REQUEST_TYPE_HTML ? "html" : "text");
    if (request->fold)
        hash = hash_part(hash, request->fold);
    return (int64_t)hash;
}

/* Strings are borrowed from the request and the asker: the outbox copies them to disk. */
static struct message compose(const struct desk *desk, const struct directory_thread *thread,
                              const struct peer *peer, const struct request *request)
{
    const struct asker *asker = &peer->asker;
    bool later = request->due_at > desk->now.at;
    msec_t ttl_ms = request->ttl_ms >= 0 ? request->ttl_ms : thread->settings->ttl_ms;
    struct message message = {
        .lane = lane_of(thread->number, priority_of(request)),
        .state = later ? MESSAGE_SCHEDULED : MESSAGE_PENDING,
        .kind = MESSAGE_SEND,
        .accepted_at = desk->now.at,
        .due_at = later ? request->due_at : 0,
        .uid = asker->uid,
        .user = asker->user,
        .pid = asker->pid,
        .once = (char *)(uintptr_t)request->once,
        .once_hash = request->once ? hash_of(thread, request) : 0,
        .content = (char *)(uintptr_t)request->content,
        .content_bytes = request->content_bytes,
        .type = request->type == REQUEST_TYPE_HTML ? MESSAGE_HTML : MESSAGE_TEXT,
        .fold = (char *)(uintptr_t)request->fold,
        .display_name = (char *)(uintptr_t)request->display_name,
        .metadata = request->metadata,
    };
    msec_t from_at = later ? request->due_at : desk->now.at;
    message.expires_at = ttl_ms == MSEC_NEVER ? 0 : msec_add(from_at, ttl_ms);
    dice_stamp(desk->dice, message.stamp);
    return message;
}

/* ---- the answer -------------------------------------------------------------------------- */

/* Behind all others of its lane, or at the place of one that it replaces. */
static struct prospect put_into_lane(struct desk *desk, struct message *message,
                                     struct message *older)
{
    enum { COUNTED = 100 }; /* farther than that is not worth the counting */
    struct outbox *outbox = desk->floor->outbox;
    struct dispatcher *dispatcher = desk->floor->dispatcher;
    if (older->id == 0) {
        outbox_add(outbox, message);
        dispatcher_added(dispatcher, message, desk->now);
        if (message->state == MESSAGE_PENDING)
            return dispatcher_prospect(dispatcher, message->lane, desk->now);
        return (struct prospect){ .position = -1, .eta_ms = MSEC_NEVER };
    }
    dispatcher_replace(dispatcher, message, older, desk->now);
    size_t ahead = outbox_ahead(outbox, message->lane, message->rank, COUNTED);
    if (ahead < COUNTED)
        return dispatcher_prospect_at(dispatcher, message->lane, (int64_t)ahead + 1, desk->now);
    return (struct prospect){ .position = -1, .eta_ms = MSEC_NEVER };
}

static void tell_of_older(struct desk *desk, const struct message *older,
                          const struct message *message, const char *thread)
{
    if (older->id == 0)
        return;
    result_log_folded(desk->log, older, message->id, thread);
    event_log_folded(desk, older, message->id, thread);
    desk_notice(desk, older);
}

static void take_in(struct desk *desk, struct peer *peer, const struct request *request,
                    const struct directory_thread *thread, struct message *message,
                    struct message *older)
{
    struct prospect prospect = put_into_lane(desk, message, older);
    const struct acceptance acceptance = {
        .id = message->id,
        .state = message_state_name(message->state),
        .position = prospect.position,
        .eta_ms = prospect.eta_ms == MSEC_NEVER ? -1 : prospect.eta_ms,
    };
    peer->latest_id = message->id;
    answer_accepted(peer_answer(peer, desk->floor->turn, request->ref), &acceptance, request->ref);
    result_log_accepted(desk->log, message, thread->settings->name, prospect.eta_ms);
    event_log_accepted(desk, message, thread->settings->name);
    tell_of_older(desk, older, message, thread->settings->name);
}

static void answer_duplicate(struct desk *desk, struct peer *peer, const struct request *request,
                             const struct message *first)
{
    const struct acceptance acceptance = { .id = first->id,
                                           .state = message_state_name(first->state),
                                           .position = -1,
                                           .eta_ms = -1,
                                           .duplicate = true };
    peer->latest_id = first->id;
    answer_accepted(peer_answer(peer, desk->floor->turn, request->ref), &acceptance, request->ref);
}

/* True when `once` has settled the matter: it is known, or was used for something else. */
static bool is_settled_by_once(struct desk *desk, struct peer *peer, const struct request *request,
                               const struct directory_thread *thread)
{
    struct outbox *outbox = desk->floor->outbox;
    struct refusal refusal;
    CLEANUP(message_clear) struct message first = { 0 };
    if (!request->once || !outbox_find_once(outbox, peer->asker.uid, request->once, &first))
        return false;

    msec_t window_ms = desk->directory->config->relay.once_window_ms;
    if (desk->now.at - first.accepted_at > window_ms) {
        outbox_forget_once(outbox, first.id);
        return false;
    }
    if (first.once_hash == hash_of(thread, request)) {
        answer_duplicate(desk, peer, request, &first);
        return true;
    }
    refusal_set(&refusal, REFUSAL_ONCE_CONFLICT, "once",
                "\"%.64s\" was used for another message, %" PRId64, request->once, first.id);
    desk_refuse(desk, peer, request, &refusal);
    return true;
}

void submission_take(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct refusal refusal;
    const struct directory_thread *thread = find_thread(desk, request, &refusal);
    if (!thread) {
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    if (is_settled_by_once(desk, peer, request, thread))
        return;
    struct message message = compose(desk, thread, peer, request);
    CLEANUP(message_clear) struct message older = { 0 };
    fold_find(desk->floor->outbox, &message, &older);
    if (submission_may_send(thread, &peer->asker, &refusal) &&
        room_for(desk, thread, &peer->asker, &message, &older, &refusal))
        take_in(desk, peer, request, thread, &message, &older);
    else
        desk_refuse(desk, peer, request, &refusal);
}
