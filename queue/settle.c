/*
 * What the end of an attempt means for its message; of a look: settle_look.c.
 *
 *     sent            -> sent
 *     definite no     -> dead if it is the message's fault, else again later;
 *                        a 400 may be either's: then the thread is asked first
 *     nothing left us -> again later
 *     anything else   -> in doubt: look first, no sooner than settle_ms from now
 */
#include "base/memory.h"
#include "queue/change.h"
#include "queue/control.h"
#include "queue/dispatcher_state.h"

#include <stdlib.h>
#include <string.h>

static void set_reason(struct message *message, const struct delivery *delivery)
{
    free(message->reason);
    message->reason = delivery->detail[0] ? xstrdup(delivery->detail) : NULL;
}

void dispatcher_mark_sent(struct message *message, const char *remote_id, struct moment now)
{
    dispatcher_clear_doubt(message);
    message->ended_at = now.at;
    free(message->remote_id);
    message->remote_id = remote_id && remote_id[0] ? xstrdup(remote_id) : NULL;
    free(message->reason);
    message->reason = NULL;
}

/* Surely not there by this attempt; it ends if that is its own fault, or it is not wanted. */
static enum message_state end_unsent(struct dispatcher *dispatcher, struct message *message,
                                     const struct delivery *delivery, struct moment now)
{
    enum message_state state = MESSAGE_DEAD;
    if (delivery->scope == SCOPE_MESSAGE && message->kind != MESSAGE_DIGEST)
        message->ended_at = now.at;
    else
        state = control_fulfil(message, now.at);
    if (message_state_is_final(state))
        dispatcher_recall_doubt(dispatcher, message);
    return state;
}

/* One that was risked may be in the chat: it is kept as it is, unless it never can be. */
static bool comes_apart(struct dispatcher *dispatcher, struct message *digest,
                        const struct delivery *delivery)
{
    if (digest->kind != MESSAGE_DIGEST || digest->wish)
        return false;
    dispatcher_recall_doubt(dispatcher, digest);
    bool was_risked = digest->doubted_at != 0;
    dispatcher_clear_doubt(digest);
    return !was_risked || delivery->scope == SCOPE_MESSAGE;
}

/* The state that the attempt leaves the message in, with the fields that go with it. */
static enum message_state judge(struct dispatcher *dispatcher, const struct route *route,
                                struct message *message, const struct delivery *delivery,
                                struct moment now)
{
    switch (delivery->outcome) {
    case OUTCOME_SENT:
        dispatcher_mark_sent(message, delivery->remote_id, now);
        return MESSAGE_SENT;
    case OUTCOME_REFUSED:
    case OUTCOME_UNSENT:
        dispatcher_clear_doubt(message);
        if (comes_apart(dispatcher, message, delivery))
            return dispatcher_come_apart(message, now);
        set_reason(message, delivery);
        return end_unsent(dispatcher, message, delivery, now);
    case OUTCOME_NONE:
    case OUTCOME_DOUBT:
        break;
    }
    set_reason(message, delivery);
    return dispatcher_meet_doubt(route, message, now);
}

void dispatcher_write_down_end(struct dispatcher *dispatcher, struct message *message,
                               enum message_state state, struct attempt *attempt, struct moment now)
{
    attempt->ended_at = now.at;
    timeline_keep(&dispatcher->timeline, dispatcher->outbox, now);
    outbox_end(dispatcher->outbox, message, state, attempt);
}

static void end_attempt(struct dispatcher *dispatcher, struct cargo *cargo,
                        const struct delivery *delivery, enum message_state state,
                        struct moment now)
{
    struct attempt *attempt = &cargo->attempt;
    attempt->outcome = delivery->outcome;
    attempt->scope = delivery->scope;
    attempt->http = delivery->http;
    attempt->wait_ms = delivery->wait_ms;
    memcpy(attempt->code, delivery->code, sizeof attempt->code);
    memcpy(attempt->cv, delivery->cv, sizeof attempt->cv);
    memcpy(attempt->detail, delivery->detail, sizeof attempt->detail);
    dispatcher_write_down_end(dispatcher, &cargo->passengers[0].message, state, attempt, now);
}

msec_t dispatcher_retry_ms(const struct cargo *cargo, const struct passenger *passenger,
                           struct moment now)
{
    const struct message *message = &passenger->message;
    if (message->state != MESSAGE_PENDING)
        return 0;
    msec_t opens_at = msec_max(cargo->endpoint->opens_steady_at, cargo->sender->opens_steady_at);
    opens_at = msec_max(opens_at, cargo->place->scope.opens_steady_at);
    if (cargo->member)
        opens_at = msec_max(opens_at, cargo->member->opens_steady_at);
    if (message->doubted_at)
        opens_at = msec_max(opens_at, passenger->lane->look_from_steady_at);
    return msec_max(opens_at - now.steady_at, 0);
}

void dispatcher_free_lane(const struct passenger *passenger, struct moment now)
{
    const struct message *message = &passenger->message;
    struct lane *lane = passenger->lane;
    lane->work = NULL;
    if (message->state == MESSAGE_PENDING || message_is_unfolded(message))
        lane_forget(lane);
    else
        lane->head_since_at = now.at;
}

/* Those that were refused together go one by one; without a fault of theirs, together again. */
static void unfold(struct dispatcher *dispatcher, struct lane *lane, const struct message *digest,
                   const struct delivery *delivery)
{
    dispatcher_share_risk(dispatcher, digest);
    dispatcher_unfold(dispatcher, digest);
    if (delivery->scope == SCOPE_MESSAGE)
        lane->singly_until_rank = digest->rank;
}

/* A moving average, so that one slow answer does not decide what we tell. */
static void learn_round_trip(struct place *place, const struct delivery *delivery)
{
    if (delivery->outcome == OUTCOME_SENT)
        place->round_trip_ms =
            (7 * place->round_trip_ms + delivery->connect_ms + delivery->request_ms) / 8;
}

/* The place's slot. What is in doubt may still arrive until it has settled, and counts then. */
static void give_back_slot(const struct cargo *cargo, const struct delivery *delivery,
                           struct moment now)
{
    struct place *place = cargo->place;
    struct lane *lane = cargo->passengers[0].lane;
    bool is_doubtful = delivery->outcome == OUTCOME_DOUBT || delivery->outcome == OUTCOME_NONE;
    msec_t settled_steady_at = now.steady_at + (is_doubtful ? cargo->route->settle_ms : 0);
    pacer_end(&place->pacer, cargo->urgent, settled_steady_at);
    lane->look_from_steady_at = msec_max(lane->look_from_steady_at, settled_steady_at);
}

/* What its end means for the messages that it is about, or that are in it. */
static void pass_on_end(struct dispatcher *dispatcher, struct lane *lane, struct message *message,
                        enum message_state state, const struct delivery *delivery)
{
    if (state == MESSAGE_SENT)
        change_done(dispatcher, message);
    else if (message_state_is_final(state))
        change_given_up(dispatcher, message);
    if (message_is_unfolded(message))
        unfold(dispatcher, lane, message, delivery);
}

static void tell_of_attempt(const struct cargo *cargo, const struct delivery *delivery,
                            struct moment now,
                            void (*tell)(void *context, const struct settlement *settlement),
                            void *context)
{
    const struct passenger *passenger = &cargo->passengers[0];
    const struct settlement settlement = { .message = &passenger->message,
                                           .thread = cargo->route->name,
                                           .attempt = &cargo->attempt,
                                           .delivery = delivery,
                                           .queued_ms = cargo->queued_ms,
                                           .lane_ms = cargo->lane_ms,
                                           .retry_ms = dispatcher_retry_ms(cargo, passenger, now) };
    tell(context, &settlement);
}

void dispatcher_settle(struct dispatcher *dispatcher, struct work *work,
                       const struct delivery *delivery, struct moment now, uint32_t dice,
                       void (*tell)(void *context, const struct settlement *settlement),
                       void *context)
{
    struct cargo *cargo = work->cargo;
    struct lane *lane = cargo->passengers[0].lane;
    struct message *message = &cargo->passengers[0].message;
    struct place *place = cargo->place;
    const struct delivery charged = dispatcher_suspect(lane, message, delivery);
    delivery = &charged;

    enum message_state state = judge(dispatcher, cargo->route, message, delivery, now);
    learn_round_trip(place, delivery);
    give_back_slot(cargo, delivery, now);
    end_attempt(dispatcher, cargo, delivery, state, now);
    pass_on_end(dispatcher, lane, message, state, delivery);
    if (delivery->outcome == OUTCOME_SENT)
        dispatcher_learn_newest(dispatcher, place, delivery->remote_id);
    bool concerns_others = dispatcher_charge(dispatcher, work, delivery, now, dice);
    dispatcher_watch_expiry(dispatcher, message);
    dispatcher_free_lane(&cargo->passengers[0], now);
    tell_of_attempt(cargo, delivery, now, tell, context);
    concerns_others = dispatcher_end_work(dispatcher, work) || concerns_others;
    if (concerns_others)
        dispatcher_requeue_all(dispatcher, now);
    else
        dispatcher_requeue_place(dispatcher, place, now);
    dispatcher_requeue(dispatcher, lane, now); /* its route may lead elsewhere by now */
}
