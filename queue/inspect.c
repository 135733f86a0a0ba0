/*
 * A 400: whose fault is it, the message's or the thread's?
 *
 *     send -> 400 -> the thread is asked about itself -> it answers -> send again -> 400 -> dead
 *                                  '-> it does not: then the thread waits
 *
 * What is dead stays so, and a service may refuse anything for a moment: so an
 * answer proves something of this one message, and only together with the two
 * refusals around it. The next message is asked for anew, and so is this one if
 * anything else came of it in between. The lane waits for the answer, others do not.
 */
#include "queue/dispatcher_state.h"

static int64_t suspect_of(const struct message *message)
{
    return message->kind == MESSAGE_DIGEST ? SUSPICION_DIGEST : message->id;
}

struct delivery dispatcher_suspect(struct lane *lane, const struct message *message,
                                   const struct delivery *delivery)
{
    struct delivery charged = *delivery;
    const struct suspicion before = lane->suspicion;
    lane->suspicion = (struct suspicion){ 0 };
    if (delivery->scope != SCOPE_UNCLEAR)
        return charged;
    if (before.thread_answered && before.message == suspect_of(message))
        charged.scope = SCOPE_MESSAGE;
    else
        lane->suspicion.message = suspect_of(message);
    return charged;
}

bool dispatcher_asks_thread(const struct lane *lane)
{
    return lane->suspicion.message && !lane->suspicion.thread_answered;
}

struct work *dispatcher_begin_inspection(struct dispatcher *dispatcher, struct lane *lane,
                                         struct moment now)
{
    struct route *route = lane->route;
    struct message none = { 0 };
    struct work *work =
        dispatcher_begin_work(dispatcher, WORK_INSPECT, route, route->place, 1, now);
    dispatcher_board(work, lane, &none);
    work->inspection = (struct inspection){ .endpoint = route->place->endpoint,
                                            .thread = route->place->thread,
                                            .sender = route->sender->record.name };
    return work;
}

void dispatcher_settle_inspection(struct dispatcher *dispatcher, struct work *work,
                                  const struct inspected *inspected, struct moment now,
                                  uint32_t dice)
{
    struct cargo *cargo = work->cargo;
    const struct delivery answer =
        inspected->answered ? inspected->answer : dispatcher_fault_of(&inspected->answer);
    dispatcher_charge(dispatcher, work, &answer, now, dice);

    /* Without an answer it is sent again, which tells whether the question still stands. */
    struct suspicion *suspicion = &cargo->passengers[0].lane->suspicion;
    if (inspected->answered)
        suspicion->thread_answered = true;
    else
        *suspicion = (struct suspicion){ 0 };
    dispatcher_end_work(dispatcher, work);
    dispatcher_requeue_all(dispatcher, now);
}
