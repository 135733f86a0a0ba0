#include "queue/change.h"

#include "base/memory.h"
#include "queue/control.h"
#include "queue/dispatcher_control.h"
#include "queue/dispatcher_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- what can be done ------------------------------------------------------------------------ */

/* Nothing goes behind a delete that waits, another one included; after a cancel, only a delete. */
static enum change_verdict judge_behind(enum message_kind kind, const struct message *target)
{
    bool is_over = kind == MESSAGE_UPDATE ? control_is_unwanted(target) : control_is_unsent(target);
    return is_over ? CHANGE_TAKEN_BACK : CHANGE_GOES;
}

static enum change_verdict judge_sent(enum message_kind kind, const struct message *target)
{
    if (!target->remote_id || !target->remote_id[0])
        return CHANGE_NAMELESS;
    return target->verified == MESSAGE_TAKEN_BACK ? CHANGE_TAKEN_BACK : judge_behind(kind, target);
}

static enum change_verdict judge_pending(enum message_kind kind, const struct message *target)
{
    return target->doubted_at ? judge_behind(kind, target) : CHANGE_IN_PLACE;
}

enum change_verdict change_judge(enum message_kind kind, const struct message *target)
{
    if (message_kind_repeats(target->kind))
        return CHANGE_OF_CHANGE;
    if (target->kind != MESSAGE_SEND)
        return CHANGE_OF_OURS;
    switch (target->state) {
    case MESSAGE_PENDING:
        return judge_pending(kind, target);
    case MESSAGE_SENT:
        return judge_sent(kind, target);
    case MESSAGE_SCHEDULED:
    case MESSAGE_HELD:
        return target->doubted_at ? CHANGE_DOUBTFUL : CHANGE_IN_PLACE;
    case MESSAGE_FOLDED:
        return CHANGE_FOLDED;
    case MESSAGE_EXPIRED:
    case MESSAGE_CANCELLED:
    case MESSAGE_DEAD:
        break;
    }
    return target->doubted_at ? CHANGE_DOUBTFUL : CHANGE_NOT_THERE;
}

/* ---- doing it -------------------------------------------------------------------------------- */

static void edit_in_place(struct dispatcher *dispatcher, const struct message *change,
                          struct message *target, struct moment now)
{
    replace_text(&target->content, xmemdup0(change->content, change->content_bytes));
    target->content_bytes = change->content_bytes;
    outbox_move(dispatcher->outbox, target, target->state);
    if (target->state == MESSAGE_PENDING)
        dispatcher_changed(dispatcher, target->lane, now);
}

static void add(struct dispatcher *dispatcher, struct message *change, const struct message *target,
                struct moment now)
{
    change->state = MESSAGE_PENDING;
    change->lane = target->lane;
    change->type = target->type;
    change->target_id = target->id;
    change->remote_id = target->remote_id;
    outbox_add(dispatcher->outbox, change);
    dispatcher_added(dispatcher, change, now);
    change->remote_id = NULL; /* it was the target's */
}

enum change_verdict dispatcher_judge_change(struct dispatcher *dispatcher, enum message_kind kind,
                                            struct message *target)
{
    /* What was risked may be in the chat with the old words. A cancel remembers that by itself. */
    if (kind == MESSAGE_UPDATE)
        dispatcher_recall_doubt(dispatcher, target);
    return change_judge(kind, target);
}

enum change_verdict dispatcher_change(struct dispatcher *dispatcher, struct message *change,
                                      struct message *target, struct moment now)
{
    enum change_verdict verdict = dispatcher_judge_change(dispatcher, change->kind, target);
    bool edits = change->kind == MESSAGE_UPDATE;
    if (verdict == CHANGE_IN_PLACE && edits)
        edit_in_place(dispatcher, change, target, now);
    else if (verdict == CHANGE_IN_PLACE)
        dispatcher_control(dispatcher, CONTROL_CANCEL, target, change->user, now);
    if (verdict != CHANGE_GOES)
        return verdict;
    if (!edits) /* what is under way is not taken back by the delete alone */
        dispatcher_unsend(dispatcher, target, change->user);
    add(dispatcher, change, target, now);
    return verdict;
}

/* ---- when its turn has come ------------------------------------------------------------------ */

/* What was sent to one remote thread is in no other. */
static bool is_elsewhere(struct dispatcher *dispatcher, const struct message *target,
                         const struct place *place)
{
    struct attempt attempt;
    return outbox_latest_attempt(dispatcher->outbox, target->id, &attempt) &&
           attempt.place != place->id;
}

static enum message_state end(struct message *message, enum message_state state, char *reason,
                              struct moment now)
{
    replace_text(&message->reason, reason);
    if (message_state_is_final(state))
        message->ended_at = now.at;
    return state;
}

static enum message_state decide_sent(struct dispatcher *dispatcher, struct message *message,
                                      const struct message *target, const struct place *place,
                                      struct moment now)
{
    if (message->kind == MESSAGE_UPDATE && target->verified == MESSAGE_TAKEN_BACK)
        return end(message, MESSAGE_CANCELLED,
                   xasprintf("message %" PRId64 " has been taken back", target->id), now);
    if (!target->remote_id || !target->remote_id[0])
        return end(message, MESSAGE_DEAD,
                   xasprintf("the chat never told what it calls message %" PRId64, target->id),
                   now);
    if (is_elsewhere(dispatcher, target, place))
        return end(message, MESSAGE_DEAD,
                   xasprintf("message %" PRId64 " was sent to another remote thread than the "
                             "settings lead to now",
                             target->id),
                   now);
    replace_text(&message->remote_id, xstrdup(target->remote_id));
    return MESSAGE_PENDING;
}

/* The state that the change is to be in, as its target is. Pending with its rank: it may go. */
static enum message_state decide(struct dispatcher *dispatcher, struct message *message,
                                 const struct message *target, const struct place *place,
                                 struct moment now)
{
    switch (target->state) {
    case MESSAGE_SENT:
        return decide_sent(dispatcher, message, target, place, now);
    case MESSAGE_PENDING: /* brought back: it is behind us */
        message->rank = outbox_next_number(dispatcher->outbox);
        return MESSAGE_PENDING;
    case MESSAGE_SCHEDULED:
    case MESSAGE_HELD:
        return end(
            message, MESSAGE_HELD,
            xasprintf("message %" PRId64 " is %s", target->id, message_state_name(target->state)),
            now);
    case MESSAGE_FOLDED:
    case MESSAGE_EXPIRED:
    case MESSAGE_CANCELLED:
    case MESSAGE_DEAD:
        break;
    }
    return end(
        message, target->doubted_at ? MESSAGE_DEAD : MESSAGE_CANCELLED,
        xasprintf("message %" PRId64 " is %s", target->id, message_state_name(target->state)), now);
}

/* Its row may be gone while we waited; then what we noted of it has to do. */
static enum message_state decide_by_target(struct dispatcher *dispatcher, struct message *message,
                                           const struct place *place, struct moment now)
{
    CLEANUP(message_clear) struct message target = { 0 };
    if (outbox_load(dispatcher->outbox, message->target_id, &target))
        return decide(dispatcher, message, &target, place, now);
    if (message->remote_id && message->remote_id[0])
        return MESSAGE_PENDING;
    return end(message, MESSAGE_DEAD,
               xasprintf("message %" PRId64 " is not kept any more", message->target_id), now);
}

static void remember_ended(struct dispatcher *dispatcher, int64_t id)
{
    dispatcher->ended =
        xreallocarray(dispatcher->ended, dispatcher->ended_count + 1, sizeof *dispatcher->ended);
    dispatcher->ended[dispatcher->ended_count++] = id;
}

/* An earlier attempt may have done it: that is no reason not to do it again. */
static void drop_doubt(struct dispatcher *dispatcher, struct message *message, struct moment now)
{
    if (!message->doubted_at)
        return;
    dispatcher_clear_doubt(message);
    dispatcher_resolve(dispatcher, message, MESSAGE_PENDING, now);
}

/* It does not go now, or ever: but an earlier attempt may have done it. */
static void put_aside(struct dispatcher *dispatcher, struct message *message,
                      enum message_state state, struct moment now)
{
    if (message_state_is_final(state))
        dispatcher_recall_doubt(dispatcher, message);
    if (message->doubted_at)
        dispatcher_resolve(dispatcher, message, state, now);
    else
        outbox_move(dispatcher->outbox, message, state);
    if (message_state_is_final(state))
        change_given_up(dispatcher, message);
    if (state != MESSAGE_PENDING)
        remember_ended(dispatcher, message->id);
}

bool change_is_ready(struct dispatcher *dispatcher, struct lane *lane, struct message *message,
                     struct moment now)
{
    if (!message_kind_repeats(message->kind))
        return true;
    int64_t rank = message->rank;
    enum message_state state = decide_by_target(dispatcher, message, lane->route->place, now);
    if (state == MESSAGE_PENDING && message->rank == rank) {
        drop_doubt(dispatcher, message, now);
        return true;
    }
    put_aside(dispatcher, message, state, now);
    message_clear(message);
    lane_forget(lane);
    dispatcher_requeue(dispatcher, lane, now);
    return false;
}

void change_tell(struct dispatcher *dispatcher,
                 void (*moved)(void *context, const struct message *message), void *context)
{
    for (size_t i = 0; i < dispatcher->ended_count; i++) {
        CLEANUP(message_clear) struct message message = { 0 };
        if (outbox_load(dispatcher->outbox, dispatcher->ended[i], &message))
            moved(context, &message);
    }
    dispatcher->ended_count = 0;
}

/* ---- afterwards ------------------------------------------------------------------------------ */

void change_done(struct dispatcher *dispatcher, const struct message *message)
{
    CLEANUP(message_clear) struct message target = { 0 };
    if (!message_kind_repeats(message->kind) ||
        !outbox_load(dispatcher->outbox, message->target_id, &target))
        return;
    target.verified = MESSAGE_UNVERIFIED;
    if (message->kind == MESSAGE_DELETE) {
        target.verified = MESSAGE_TAKEN_BACK;
        replace_text(&target.wish, NULL);
        replace_text(&target.reason, xasprintf("taken back by %s", message->user));
    } else if (target.content && message->content) {
        replace_text(&target.content, xmemdup0(message->content, message->content_bytes));
        target.content_bytes = message->content_bytes;
        replace_text(&target.late_mark, NULL); /* the words in the chat are the edit's alone */
    }
    outbox_move(dispatcher->outbox, &target, target.state);
}

/* What a delete is about; false when it is none, or that is not kept any more. */
static bool load_removed(struct dispatcher *dispatcher, const struct message *message,
                         struct message *target)
{
    return message->kind == MESSAGE_DELETE &&
           outbox_load(dispatcher->outbox, message->target_id, target);
}

void change_given_up(struct dispatcher *dispatcher, const struct message *message)
{
    CLEANUP(message_clear) struct message target = { 0 };
    if (load_removed(dispatcher, message, &target))
        dispatcher_forget_unsend(dispatcher, &target);
}

bool change_is_replaced(struct dispatcher *dispatcher, const struct message *message)
{
    CLEANUP(message_clear) struct message target = { 0 };
    return load_removed(dispatcher, message, &target) && control_is_unsent(&target);
}

void change_brought_back(struct dispatcher *dispatcher, const struct message *message)
{
    CLEANUP(message_clear) struct message target = { 0 };
    if (load_removed(dispatcher, message, &target) && target.verified != MESSAGE_TAKEN_BACK)
        dispatcher_unsend(dispatcher, &target, message->user);
}
