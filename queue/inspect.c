/*
 * A 400: whose fault is it, the message's or the thread's?
 *
 *     send -> 400 -> the thread is asked about itself -> it answers -> send again -> 400 -> dead
 *                                  '-> it does not: then the thread waits
 *
 * Its answer is remembered for a while, so that a heap of bad messages costs one
 * question; not for long, since a thread may be gone the next minute, and what is
 * dead stays so. The lane of the message waits for the answer, others do not.
 */
#include "queue/dispatcher_state.h"

enum { REMEMBERED_MS = 60 * 1000 };

bool dispatcher_is_sound(const struct place *place, struct moment now)
{
    return now.steady_at < place->sound_until_steady_at;
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

/* Nobody need ask any more. */
static void clear_questions(struct place *place)
{
    for (struct route *route = place->routes; route; route = route->next_here)
        for (size_t i = 0; i < PRIORITIES; i++)
            if (route->lanes[i])
                route->lanes[i]->asks_thread = false;
}

void dispatcher_settle_inspection(struct dispatcher *dispatcher, struct work *work,
                                  const struct inspected *inspected, struct moment now,
                                  uint32_t dice)
{
    struct cargo *cargo = work->cargo;
    struct delivery answer = inspected->answer;
    /* No failure of an inspection is a message's, and none is nobody's: something must wait. */
    bool unexplained = answer.scope == SCOPE_NONE || answer.scope == SCOPE_MESSAGE ||
                       answer.scope == SCOPE_UNCLEAR;
    if (!inspected->answered && unexplained)
        answer.scope = SCOPE_THREAD;
    dispatcher_charge(dispatcher, work, &answer, now, dice);

    /* Also when there was no answer: the next send will tell whether the question still stands. */
    cargo->passengers[0].lane->asks_thread = false;
    if (inspected->answered) {
        cargo->place->sound_until_steady_at = now.steady_at + REMEMBERED_MS;
        clear_questions(cargo->place);
    }
    dispatcher_end_work(dispatcher, work);
    dispatcher_requeue_all(dispatcher, now);
}
