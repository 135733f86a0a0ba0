#include "daemon/hands.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "daemon/event_log.h"
#include "daemon/filter.h"
#include "daemon/member.h"
#include "daemon/room.h"
#include "daemon/submission.h"
#include "queue/dispatcher_control.h"

#include <inttypes.h>
#include <stdlib.h>

static enum control control_of(enum request_op op)
{
    static const enum control controls[REQUEST_OPS] = {
        [REQUEST_CANCEL] = CONTROL_CANCEL,
        [REQUEST_HOLD] = CONTROL_HOLD,
        [REQUEST_RELEASE] = CONTROL_RELEASE,
        [REQUEST_RETRY] = CONTROL_RETRY,
    };
    return controls[op];
}

/* ---- what was lost, and is brought back ----------------------------------------------------- */

static void settle_recovered(void *context, enum outbox_commit how)
{
    struct desk *desk = context;
    if (how == OUTBOX_COMMITTED)
        desk->recovered += desk->new_recovered;
    desk->new_recovered = 0;
}

/* Nobody need look any more for a message that was lost since the start. */
static void count_recovered(struct desk *desk)
{
    if (desk->new_recovered == 0)
        turn_defer(desk->floor->turn, settle_recovered, desk);
    desk->new_recovered++;
}

static bool is_counted_loss(const struct desk *desk, const struct message *message)
{
    return desk_is_lost(message) && message->ended_at >= desk->started_at;
}

/* ---- one message --------------------------------------------------------------------------- */

/* What has been done so far, and to what not. */
struct outcome_count {
    int64_t changed, wished;
    json_t *unchanged; /* from a word to a number */
    json_t *left;      /* {"id":7,"why":"sent"}, of those that were named one by one */
};

static const char *word_of(enum control_verdict verdict, const struct message *message)
{
    if (verdict == CONTROL_ALREADY)
        return "already";
    if (verdict == CONTROL_WIPED)
        return "wiped";
    if (verdict == CONTROL_UNFOLDED)
        return "unfolded";
    return message_state_name(message->state);
}

static void leave(struct outcome_count *count, int64_t id, const char *why)
{
    int64_t before = json_integer_value(json_object_get(count->unchanged, why));
    member_count(count->unchanged, why, before + 1);
    if (count->left)
        json_array_append_new(count->left,
                              json_pack("{s:I, s:s}", "id", (json_int_t)id, "why", why));
}

/* Bringing back is like sending: for those who may send there, while there is room. */
static bool may_retry(const struct desk *desk, const struct asker *asker,
                      const struct message *message, struct refusal *refusal)
{
    static const struct message nothing = { 0 };
    const struct directory_thread *thread =
        directory_by_number(desk->directory, lane_thread(message->lane));
    bool takes_room = control_may_retry(message);
    if (!thread)
        return !takes_room ||
               refusal_set(refusal, REFUSAL_UNKNOWN_THREAD, "id",
                           "the thread of message %" PRId64 " is not in the settings any more",
                           message->id);
    return submission_may_send(thread, asker, refusal) &&
           (!takes_room || room_for(desk, thread, asker, message, &nothing, refusal));
}

/* Operators may always: what they bring back was let in once. */
static bool may_apply(const struct desk *desk, const struct asker *asker, enum control control,
                      const struct message *message, struct refusal *refusal)
{
    return control != CONTROL_RETRY || directory_is_operator(desk->directory, asker) ||
           may_retry(desk, asker, message, refusal);
}

static enum control_verdict apply(struct desk *desk, const struct asker *asker,
                                  enum control control, struct message *message)
{
    bool was_lost = is_counted_loss(desk, message);
    enum control_verdict verdict =
        dispatcher_control(desk->floor->dispatcher, control, message, asker->user, desk->now);
    if (was_lost && verdict == CONTROL_DONE)
        count_recovered(desk);
    if (verdict == CONTROL_DONE || verdict == CONTROL_WISHED) {
        CLEANUP(free_memory) char *thread = desk_thread_name(desk, message);
        result_log_controlled(desk->log, message, thread, control, asker->user);
        event_log_moved(desk, message, asker->user);
        desk_notice(desk, message);
    }
    return verdict;
}

static void apply_by_id(struct desk *desk, const struct asker *asker, enum control control,
                        int64_t id, struct outcome_count *count)
{
    CLEANUP(message_clear) struct message message = { 0 };
    struct refusal refusal;
    if (!outbox_load(desk->floor->outbox, id, &message) ||
        !directory_may_see_message(desk->directory, asker, &message)) {
        leave(count, id, "not-found");
        return;
    }
    if (!may_apply(desk, asker, control, &message, &refusal)) {
        leave(count, id, refusal_name(refusal.word));
        return;
    }
    enum control_verdict verdict = apply(desk, asker, control, &message);
    if (verdict == CONTROL_DONE)
        count->changed++;
    else if (verdict == CONTROL_WISHED)
        count->wished++;
    else
        leave(count, id, word_of(verdict, &message));
}

static json_t *counts_of(const struct outcome_count *count)
{
    return json_pack("{s:I, s:I, s:o, s:o*}", "changed", (json_int_t)count->changed, "wished",
                     (json_int_t)count->wished, "unchanged", count->unchanged, "left", count->left);
}

/* ---- one that is named --------------------------------------------------------------------- */

static void refuse_state(struct desk *desk, struct peer *peer, const struct request *request,
                         enum control_verdict verdict, const struct message *message)
{
    struct refusal refusal;
    CLEANUP(message_clear) struct message whole = { 0 };
    const char *op = request_op_name(request->op);
    if (verdict == CONTROL_WIPED)
        refusal_set(&refusal, REFUSAL_WRONG_STATE, "id",
                    "the content of message %" PRId64 " is not kept any more", message->id);
    else if (verdict == CONTROL_UNFOLDED)
        refusal_set(&refusal, REFUSAL_WRONG_STATE, "id",
                    "message %" PRId64 " was a digest; what was in it goes on by itself",
                    message->id);
    else if (message->state == MESSAGE_FOLDED &&
             outbox_load_whole(desk->floor->outbox, message, &whole))
        refusal_set(&refusal, REFUSAL_WRONG_STATE, "id",
                    "message %" PRId64 " went into message %" PRId64
                    ", which is %s%s: %s applies to that one alone",
                    message->id, whole.id, message_state_name(whole.state),
                    whole.doubted_at ? " and may have appeared" : "", op);
    else
        refusal_set(&refusal, REFUSAL_WRONG_STATE, "id",
                    "message %" PRId64 " is %s: %s does not apply to it", message->id,
                    message_state_name(message->state), op);
    desk_refuse(desk, peer, request, &refusal);
}

static void do_to_one(struct desk *desk, struct peer *peer, const struct request *request)
{
    CLEANUP(message_clear) struct message message = { 0 };
    struct refusal refusal;
    if (!desk_load(desk, peer, request, request->id, &message))
        return;
    if (!may_apply(desk, &peer->asker, control_of(request->op), &message, &refusal)) {
        /* The request has neither a thread nor a content. */
        utf8_copy(refusal.field, sizeof refusal.field, "id");
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    enum control_verdict verdict = apply(desk, &peer->asker, control_of(request->op), &message);
    if (verdict != CONTROL_DONE && verdict != CONTROL_WISHED && verdict != CONTROL_ALREADY) {
        refuse_state(desk, peer, request, verdict, &message);
        return;
    }
    struct outcome_count count = { .changed = verdict == CONTROL_DONE,
                                   .wished = verdict == CONTROL_WISHED,
                                   .unchanged = json_object() };
    if (verdict == CONTROL_ALREADY)
        leave(&count, message.id, "already");
    json_t *members = counts_of(&count);
    member_count(members, "id", message.id);
    member_text(members, "state", message_state_name(message.state));
    member_text(members, "wish", message.wish);
    desk_answer(desk, peer, request, members);
}

/* ---- several ------------------------------------------------------------------------------- */

static void do_to_named(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct outcome_count count = { .unchanged = json_object(), .left = json_array() };
    for (size_t i = 0; i < request->id_count; i++)
        apply_by_id(desk, &peer->asker, control_of(request->op), request->ids[i], &count);
    desk_answer(desk, peer, request, counts_of(&count));
}

enum { MOST_AT_ONCE = TURN_MOST_ASKED / 2 };

struct ids {
    enum control control;
    unsigned states; /* as asked for */
    int64_t ids[MOST_AT_ONCE];
    size_t count;
};

/* Of those with a wish only the ones that are asked to forget it. */
static bool keep_id(void *context, const struct message *message)
{
    struct ids *ids = context;
    if ((ids->states & outbox_state_bit(message->state)) ||
        control_takes_back(ids->control, message))
        ids->ids[ids->count++] = message->id;
    return true;
}

/*
 * Each is found, read and told of, which takes as long as taking in two; bringing
 * one back takes a new number as well.
 */
static size_t room_of(const struct desk *desk, const struct request *request)
{
    size_t changes = outbox_changes(desk->floor->outbox);
    size_t room = changes < MOST_AT_ONCE ? MOST_AT_ONCE - changes : 1;
    if (request->op == REQUEST_RETRY)
        room = (room + 1) / 2;
    return request->limit && (size_t)request->limit < room ? (size_t)request->limit : room;
}

static void do_to_many(struct desk *desk, struct peer *peer, const struct request *request)
{
    enum control control = control_of(request->op);
    struct outbox_filter filter;
    struct refusal refusal;
    if (!filter_make(desk, &peer->asker, request, &filter, &refusal)) {
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    if (filter.states == 0) {
        filter.states = control_states(control);
        filter.or_wished = true;
    }
    desk->has_browsed = true;
    struct ids found = { .control = control, .states = filter.states };
    int64_t next = outbox_list(desk->floor->outbox, &filter, request->after, room_of(desk, request),
                               keep_id, &found);
    struct outcome_count count = { .unchanged = json_object() };
    for (size_t i = 0; i < found.count; i++)
        apply_by_id(desk, &peer->asker, control, found.ids[i], &count);
    json_t *members = counts_of(&count);
    member_number(members, "next", next);
    desk_answer(desk, peer, request, members);
}

void hands_on_messages(struct desk *desk, struct peer *peer, const struct request *request)
{
    if (request->id)
        do_to_one(desk, peer, request);
    else if (request->id_count > 0)
        do_to_named(desk, peer, request);
    else
        do_to_many(desk, peer, request);
}
