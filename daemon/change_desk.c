#include "daemon/change_desk.h"

#include "base/memory.h"
#include "daemon/event_log.h"
#include "daemon/member.h"
#include "daemon/room.h"
#include "daemon/submission.h"
#include "queue/change.h"

#include <inttypes.h>

/* ---- what cannot be ------------------------------------------------------------------------ */

/* Behind "message 42 ". To be freed. */
static char *why_not(const struct message *target, enum change_verdict verdict)
{
    const char *state = message_state_name(target->state);
    switch (verdict) {
    case CHANGE_OF_CHANGE:
        return xasprintf("is itself a change, of %" PRId64 ": change that", target->target_id);
    case CHANGE_OF_OURS:
        return xstrdup("was made by the relay, and cannot be changed");
    case CHANGE_FOLDED:
        return xasprintf("went into %" PRId64 ": it is no message of its own", target->into_id);
    case CHANGE_DOUBTFUL:
        return xasprintf("is %s and may have appeared: nobody knows what the chat calls it", state);
    case CHANGE_NAMELESS:
        return xstrdup("is in the chat, which never told what it calls it");
    case CHANGE_TAKEN_BACK:
        return xstrdup("has been taken back, or is about to be");
    case CHANGE_NOT_THERE:
    case CHANGE_IN_PLACE:
    case CHANGE_GOES:
        break;
    }
    return xasprintf("is %s: it never appeared", state);
}

static void refuse(const struct message *target, enum change_verdict verdict,
                   struct refusal *refusal)
{
    CLEANUP(free_memory) char *why = why_not(target, verdict);
    refusal_set(refusal, REFUSAL_WRONG_STATE, "id", "message %" PRId64 " %s", target->id, why);
}

/*
 * A thread that is not in the settings takes nothing; what never left can still be cancelled. Who
 * may see a message may take it back, but a removal that goes behind it takes room as a send does.
 */
static bool may_change(struct desk *desk, const struct peer *peer, const struct message *change,
                       const struct message *target, enum change_verdict verdict,
                       struct refusal *refusal)
{
    const struct directory_thread *thread =
        directory_by_number(desk->directory, lane_thread(target->lane));
    const struct message nothing = { 0 };
    bool in_place = verdict == CHANGE_IN_PLACE, edits = change->kind == MESSAGE_UPDATE;
    if (in_place && !edits)
        return true;
    if (!thread)
        return refusal_set(refusal, REFUSAL_UNKNOWN_THREAD, NULL,
                           "the thread of message %" PRId64 " is not in the settings any more",
                           target->id);
    return (!edits || directory_is_operator(desk->directory, &peer->asker) ||
            submission_may_send(thread, &peer->asker, refusal)) &&
           room_for(desk, thread, &peer->asker, change, in_place ? target : &nothing, refusal);
}

/* ---- what is done -------------------------------------------------------------------------- */

static void tell_in_place(struct desk *desk, const struct peer *peer, enum request_op op,
                          const struct message *target)
{
    CLEANUP(free_memory) char *thread = desk_thread_name(desk, target);
    if (op == REQUEST_EDIT)
        result_log_edited(desk->log, target, thread, peer->asker.user);
    else
        result_log_controlled(desk->log, target, thread, CONTROL_CANCEL, peer->asker.user);
    event_log_moved(desk, target, peer->asker.user);
    desk_notice(desk, target);
}

static msec_t tell_of_change(struct desk *desk, const struct message *change)
{
    const struct directory_thread *thread =
        directory_by_number(desk->directory, lane_thread(change->lane));
    msec_t eta_ms = dispatcher_prospect(desk->floor->dispatcher, change->lane, desk->now).eta_ms;
    result_log_accepted(desk->log, change, thread->settings->name, eta_ms);
    event_log_accepted(desk, change, thread->settings->name);
    return eta_ms;
}

static struct message compose(struct desk *desk, const struct peer *peer,
                              const struct request *request)
{
    bool edits = request->op == REQUEST_EDIT;
    struct message change = {
        .kind = edits ? MESSAGE_UPDATE : MESSAGE_DELETE,
        .accepted_at = desk->now.at,
        .uid = peer->asker.uid,
        .user = peer->asker.user,
        .pid = peer->asker.pid,
        .content = edits ? (char *)(uintptr_t)request->content : NULL,
        .content_bytes = edits ? request->content_bytes : 0,
    };
    dice_stamp(desk->dice, change.stamp);
    return change;
}

static void do_it(struct desk *desk, struct peer *peer, const struct request *request,
                  struct message *change, struct message *target)
{
    enum change_verdict verdict =
        dispatcher_change(desk->floor->dispatcher, change, target, desk->now);
    json_t *members = json_pack("{s:I, s:s}", "id", (json_int_t)target->id, "state",
                                message_state_name(target->state));
    if (verdict == CHANGE_GOES) {
        msec_t eta_ms = tell_of_change(desk, change);
        member_number(members, "change", change->id);
        if (eta_ms != MSEC_NEVER)
            member_count(members, "eta_ms", eta_ms);
        peer->latest_id = change->id;
    } else {
        tell_in_place(desk, peer, request->op, target);
    }
    desk_answer(desk, peer, request, members);
}

void change_desk_answer(struct desk *desk, struct peer *peer, const struct request *request)
{
    CLEANUP(message_clear) struct message target = { 0 };
    struct refusal refusal;
    if (!desk_load(desk, peer, request, request->id, &target))
        return;
    struct message change = compose(desk, peer, request);
    enum change_verdict verdict =
        dispatcher_judge_change(desk->floor->dispatcher, change.kind, &target);
    bool can = verdict == CHANGE_IN_PLACE || verdict == CHANGE_GOES;
    if (!can)
        refuse(&target, verdict, &refusal);
    if (can && may_change(desk, peer, &change, &target, verdict, &refusal))
        do_it(desk, peer, request, &change, &target);
    else
        desk_refuse(desk, peer, request, &refusal);
}
