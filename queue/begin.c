/*
 * A lane begins its work: it is written down as begun, with the doubt that
 * lasts until its end is known, before anything leaves us.
 */
#include "base/memory.h"
#include "queue/change.h"
#include "queue/dispatcher_state.h"
#include "queue/late_mark.h"

#include <stdlib.h>
#include <string.h>

static void write_down_beginning(struct dispatcher *dispatcher, struct cargo *cargo,
                                 struct moment now)
{
    struct message *message = &cargo->passengers[0].message;
    message->attempts++;
    message->doubted_at = now.at;
    message->doubted_place = cargo->place->id;
    cargo->attempt = (struct attempt){ .message = message->id,
                                       .number = message->attempts,
                                       .place = cargo->place->id,
                                       .began_at = now.at,
                                       .known_id = dispatcher_known_id(cargo) };
    outbox_begin(dispatcher->outbox, message, &cargo->attempt);
}

static bool is_what_it_was(const struct message *message, const struct lane *lane,
                           const struct head *head)
{
    bool needs_look = message->doubted_at && !message_kind_repeats(message->kind);
    return message->state == MESSAGE_PENDING && message->lane == lane->id &&
           needs_look == head_needs_look(head);
}

bool dispatcher_load_head(struct dispatcher *dispatcher, struct lane *lane, const struct head *head,
                          struct message *message, struct moment now)
{
    if (outbox_load(dispatcher->outbox, head->id, message) && is_what_it_was(message, lane, head))
        return true;
    message_clear(message);
    lane_forget(lane);
    dispatcher_requeue(dispatcher, lane, now);
    return false;
}

/* What goes out: the message, with a mark in front when it is late. */
static void address(struct cargo *cargo, const struct route *route, struct moment now)
{
    struct message *message = &cargo->passengers[0].message;
    free(message->late_mark);
    message->late_mark = late_mark_compose(&route->late_mark, message, now.at);
    cargo->letter = *message;
    cargo->letter.wish = NULL; /* changes while it is under way */
    if (!message->late_mark)
        return;
    cargo->marked_content = late_mark_prepend(message->late_mark, message->content);
    cargo->letter.content = cargo->marked_content;
    cargo->letter.content_bytes = strlen(cargo->marked_content);
}

/* The lane's head, or a digest that it is the first of, taken out of the lane. */
static void take(struct dispatcher *dispatcher, struct lane *lane, const char *stamp,
                 struct moment now, struct message *message)
{
    struct message whole = { 0 };
    if (!dispatcher_fold(dispatcher, lane, stamp, now, &whole)) {
        lane_pop(lane);
        return;
    }
    message_clear(message);
    *message = whole;
    lane_forget(lane);
}

static struct work *begin_send(struct dispatcher *dispatcher, struct lane *lane,
                               const struct head *head, struct moment now, const char *stamp)
{
    struct message message = { 0 };
    if (!dispatcher_load_head(dispatcher, lane, head, &message, now) ||
        !change_is_ready(dispatcher, lane, &message, now))
        return NULL;

    struct route *route = lane->route;
    struct work *work = dispatcher_begin_work(dispatcher, WORK_SEND, route, route->place, 1, now);
    struct cargo *cargo = work->cargo;
    msec_t waits_since_at = message_meant_at(&message);
    cargo->urgent = lane_priority(lane->id) == PRIORITY_URGENT;
    cargo->queued_ms = msec_max(lane->head_since_at - waits_since_at, 0);
    cargo->lane_ms = msec_max(now.at - msec_max(lane->head_since_at, waits_since_at), 0);
    take(dispatcher, lane, stamp, now, &message);
    dispatcher_board(work, lane, &message);
    address(cargo, route, now);
    work->parcel = (struct parcel){ .endpoint = route->place->endpoint,
                                    .thread = route->place->thread,
                                    .sender = route->sender->record.name,
                                    .message = &cargo->letter };
    pacer_begin(&route->place->pacer, cargo->urgent);
    write_down_beginning(dispatcher, cargo, now);
    return work;
}

static struct work *begin_look(struct dispatcher *dispatcher, struct lane *lane,
                               const struct head *head, struct moment now)
{
    struct place *place = dispatcher_doubted_place(dispatcher, lane, head);
    return dispatcher_begin_look(dispatcher, dispatcher_looker(dispatcher, lane->route, place),
                                 place, now);
}

struct work *dispatcher_begin(struct dispatcher *dispatcher, struct lane *lane, struct moment now,
                              const char *stamp)
{
    const struct head *head = lane_head(lane, dispatcher->outbox);
    if (head_needs_look(head))
        return begin_look(dispatcher, lane, head, now);
    return dispatcher_asks_thread(lane) ? dispatcher_begin_inspection(dispatcher, lane, now)
                                        : begin_send(dispatcher, lane, head, now, stamp);
}
