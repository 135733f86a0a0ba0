#include "daemon/wait_desk.h"

#include "daemon/member.h"
#include "daemon/sighting.h"
#include "wire/answer.h"

#include <inttypes.h>

/* In one turn: each reads a message. */
enum { MOST_REVIEWS = 1000 };

/* ---- the end ------------------------------------------------------------------------------- */

/* Of the message that was asked about, with the end of the one that it went into, if it did. */
static json_t *outcome_of(const struct wait *wait, const struct message *whole)
{
    json_t *members = json_pack("{s:I, s:s}", "id", (json_int_t)wait->asked, "state",
                                message_state_name(whole->state));
    if (whole->id != wait->asked)
        member_number(members, "into_id", whole->id);
    member_text(members, "remote_id", whole->remote_id);
    member_text(members, "reason", whole->reason);
    if (wait->goal == REQUEST_FOR_VISIBLE)
        sighting_add(members, whole);
    return members;
}

static void end_wait(struct desk *desk, struct wait *wait, const struct message *whole,
                     bool timed_out)
{
    json_t *members = outcome_of(wait, whole);
    if (timed_out)
        json_object_set_new(members, "timeout", json_true());
    else if (wait->goal == REQUEST_FOR_VISIBLE && sighting_is_impossible(whole))
        member_text(members, "verified", "unknown");
    answer_json(peer_end_wait(wait, desk->floor->turn), members, wait->ref);
    json_decref(members);
}

/* Its message was removed meanwhile, or the turn that it came in has failed. */
static void end_wait_in_vain(struct desk *desk, struct wait *wait)
{
    struct refusal refusal;
    refusal_set(&refusal, REFUSAL_NOT_FOUND, "id",
                "message %" PRId64 " is not kept any more, or was refused when it came",
                wait->asked);
    answer_refused(peer_end_wait(wait, desk->floor->turn), &refusal, wait->ref);
}

/*
 * Its message may have moved on: into another, or to its end. True when it waits
 * for this one no more.
 */
static bool review(struct desk *desk, struct wait *wait)
{
    CLEANUP(message_clear) struct message whole = { 0 };
    bool found =
        outbox_load_whole(desk->floor->outbox, &(struct message){ .id = wait->asked }, &whole);
    if (outbox_failure(desk->floor->outbox))
        return false;
    if (!found)
        end_wait_in_vain(desk, wait);
    else if (wait->goal == REQUEST_FOR_VISIBLE && !sighting_is_over(&whole) &&
             sighting_begin(desk, &whole))
        wait_follow(desk->waits, wait, sighting_id(whole.id));
    else if (message_state_is_final(whole.state))
        end_wait(desk, wait, &whole, false);
    else if (whole.id != wait->id)
        wait_follow(desk->waits, wait, whole.id);
    else
        return false;
    return true;
}

/* ---- when it is looked at ------------------------------------------------------------------ */

/* Those that were called, as many as there is time for. Returns how many more there may be. */
static size_t review_called(struct desk *desk)
{
    struct wait *wait = NULL;
    size_t left = MOST_REVIEWS;
    for (; left > 0 && (wait = waits_called(desk->waits)); left--)
        if (!review(desk, wait))
            wait_follow(desk->waits, wait, wait->id); /* it was for nothing */
    return left;
}

static void end_late(struct desk *desk, size_t most)
{
    struct wait *wait = NULL;
    for (; most > 0 && (wait = waits_late(desk->waits, desk->now)); most--) {
        CLEANUP(message_clear) struct message message = { 0 };
        int64_t id = wait->id < 0 ? sighting_id(wait->id) : wait->id;
        if (outbox_load(desk->floor->outbox, id, &message))
            end_wait(desk, wait, &message, true);
        else
            end_wait_in_vain(desk, wait);
    }
}

msec_t wait_desk_tend(struct desk *desk)
{
    size_t left = review_called(desk);
    end_late(desk, left);
    return waits_called(desk->waits) ? 0 : waits_next_ms(desk->waits, desk->now);
}

/* ---- the operation ------------------------------------------------------------------------- */

void wait_desk_answer(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct message message = { 0 };
    struct refusal refusal;
    int64_t id = request->id ? request->id : peer->latest_id;
    if (id == 0) {
        refusal_set(&refusal, REFUSAL_INVALID, "id",
                    "wait for which message? give its id, or send one on this connection first");
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    if (!desk_load(desk, peer, request, id, &message))
        return;
    message_clear(&message);
    struct wait *wait = wait_new(desk->waits, peer, request, id, desk->now);
    peer_add_wait(peer, wait);
    review(desk, wait);
}
