/*
 * What the end of a look means for the messages that it was about.
 *
 *     found            -> sent, with the id found
 *     surely not there -> again now
 *     no answer        -> still in doubt, look again later
 *     a refusal, by a
 *      place it left   -> set aside, as that will not change
 */
#include "base/memory.h"
#include "queue/control.h"
#include "queue/dispatcher_state.h"

/*
 * The doubt is over, or somebody has looked at it, as the message now says; of its attempt it stays
 * true that it ended in doubt, and may have been counted by the chat until it had settled. One
 * whose end was never learned gets one, so that it does not occupy a window again after each
 * restart. (Of a message that is in doubt because the outbox was restored from a backup there may
 * be none.)
 */
void dispatcher_resolve(struct dispatcher *dispatcher, struct message *message,
                        enum message_state state, struct moment now)
{
    struct attempt attempt;
    if (!outbox_latest_attempt(dispatcher->outbox, message->id, &attempt) || attempt.ended_at) {
        outbox_move(dispatcher->outbox, message, state);
    } else {
        attempt.outcome = OUTCOME_DOUBT;
        dispatcher_write_down_end(dispatcher, message, state, &attempt, now);
    }
    dispatcher_watch_expiry(dispatcher, message);
}

/* What the lost answer would have told us. */
bool dispatcher_adopt(struct dispatcher *dispatcher, struct place *place, struct message *message,
                      const struct finding *finding, struct moment now)
{
    bool is_itself = finding->remote_id[0] && !finding->last_rank;
    if (!finding->remote_id[0] && !dispatcher_went_in_digest(dispatcher, message))
        return false;
    dispatcher_mark_sent(message, is_itself ? finding->remote_id : NULL, now);
    if (!is_itself)
        message->reason = xstrdup("it went in a digest, before the outbox was restored");
    dispatcher_resolve(dispatcher, message, MESSAGE_SENT, now);
    dispatcher_learn_newest(dispatcher, place, finding->remote_id);
    return true;
}

void dispatcher_forget_doubt(struct dispatcher *dispatcher, struct message *message,
                             struct moment now)
{
    dispatcher_clear_doubt(message);
    enum message_state state = control_fulfil(message, now.at);
    if (message_state_is_final(state)) /* an earlier attempt may have been risked elsewhere */
        dispatcher_recall_doubt(dispatcher, message);
    dispatcher_resolve(dispatcher, message, state, now);
}

/* A thread that the settings have left behind is not mended any more. */
static bool is_closed(const struct cargo *cargo, const struct passenger *passenger,
                      const struct findings *findings)
{
    const struct delivery *answer = &findings->answer;
    const struct route *route = passenger->lane->route;
    return !findings->complete && answer->outcome == OUTCOME_REFUSED &&
           delivery_is_no_of_thread(answer) && !route->gone && route->place != cargo->place;
}

static void settle_passenger(struct dispatcher *dispatcher, const struct cargo *cargo,
                             struct passenger *passenger, const struct findings *findings,
                             const struct finding *finding, struct moment now)
{
    struct message *message = &passenger->message;
    bool is_found = dispatcher_adopt(dispatcher, cargo->place, message, finding, now);
    if (!is_found && findings->complete)
        dispatcher_forget_doubt(dispatcher, message, now);
    else if (!is_found && is_closed(cargo, passenger, findings))
        dispatcher_resolve(dispatcher, message,
                           dispatcher_strand(passenger->lane->route, message, now), now);
    dispatcher_free_lane(passenger, now);
}

/* Before the look's own answer is charged: if it failed on a later page, that is news. */
static void credit_thread(struct dispatcher *dispatcher, const struct work *work,
                          const struct findings *findings)
{
    for (size_t i = 0; i < work->look.count; i++) {
        const struct passenger *passenger = work->cargo->sought[i].passenger;
        if (passenger && findings->found[i].remote_id[0])
            dispatcher_credit(dispatcher, work->cargo->place, passenger);
    }
}

void dispatcher_settle_look(struct dispatcher *dispatcher, struct work *work,
                            const struct findings *findings, struct moment now, uint32_t dice,
                            void (*tell)(void *context, const struct settlement *settlement),
                            void *context)
{
    struct cargo *cargo = work->cargo;
    const struct delivery answer =
        findings->complete ? findings->answer : dispatcher_fault_of(&findings->answer);
    credit_thread(dispatcher, work, findings);
    dispatcher_charge(dispatcher, work, &answer, now, dice);

    dispatcher_note_passages(dispatcher, work, findings, now);
    dispatcher_harvest(dispatcher, work, findings);
    for (size_t i = 0; i < work->look.count; i++) {
        struct passenger *passenger = cargo->sought[i].passenger;
        if (!passenger)
            continue;
        settle_passenger(dispatcher, cargo, passenger, findings, &findings->found[i], now);
        const struct settlement settlement = { .message = &passenger->message,
                                               .thread = passenger->lane->route->name,
                                               .delivery = &answer,
                                               .retry_ms =
                                                   dispatcher_retry_ms(cargo, passenger, now) };
        tell(context, &settlement);
    }
    dispatcher_end_work(dispatcher, work);
    /* Of everybody: a look may be about a place that no route leads to any more. */
    dispatcher_requeue_all(dispatcher, now);
}
