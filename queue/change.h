/*
 * change.h - edit a message or take it back, wherever it is on its way
 *
 *     not sent yet             its own row changes; taken back, it is cancelled
 *     under way or in doubt    a row of its own (MESSAGE_UPDATE, MESSAGE_DELETE) goes behind it,
 *     sent                     in the same lane: durable, in order, within the same budget
 *
 * By the time such a row is the first of its lane, what it is about has ended:
 * if it is in the chat, the row is sent as an update or a delete, else it ends
 * by itself, as does an update of what was taken back meanwhile. A message has one
 * delete at most that waits. To do either twice is to do it once, so a lost answer needs no
 * look: as soon as what was lost cannot arrive any more, it goes again.
 */
#ifndef CHATRELAY_QUEUE_CHANGE_H
#define CHATRELAY_QUEUE_CHANGE_H

#include "queue/dispatcher.h"

struct lane;

enum change_verdict {
    CHANGE_IN_PLACE,   /* it had not left: its row is changed, or it is cancelled */
    CHANGE_GOES,       /* a row of its own was added, behind all others of its lane */
    CHANGE_OF_CHANGE,  /* it is itself an update or a delete */
    CHANGE_OF_OURS,    /* made by the relay out of others, or to say something */
    CHANGE_FOLDED,     /* it went into another */
    CHANGE_NOT_THERE,  /* it ended unsent */
    CHANGE_DOUBTFUL,   /* it has ended, or is set aside, and may have appeared */
    CHANGE_NAMELESS,   /* it is sent, and the chat never told what it calls it */
    CHANGE_TAKEN_BACK, /* it was, or is about to be */
};

/*
 * What can be done to it, by what `target` says of itself. Pure. `kind` is
 * MESSAGE_UPDATE or MESSAGE_DELETE.
 */
enum change_verdict change_judge(enum message_kind kind, const struct message *target);

/*
 * The same, and what dispatcher_change() would return: an earlier attempt that was
 * risked (on_doubt = risk_twice) counts as a doubt of an edit's `target`.
 */
enum change_verdict dispatcher_judge_change(struct dispatcher *dispatcher, enum message_kind kind,
                                            struct message *target);

/*
 * Do it, in the turn that is open. Of `change` the kind, content, stamp, time of
 * acceptance and who asks are given, borrowed; with CHANGE_GOES it has an id
 * after. `target` came out of the outbox and is up to date after.
 */
enum change_verdict dispatcher_change(struct dispatcher *dispatcher, struct message *change,
                                      struct message *target, struct moment now);

/* ---- for the dispatcher's files ------------------------------------------------------------- */

/*
 * `message` is the first of its lane, about to go. True for all that are no
 * changes, and for those that may: their remote_id is set then, and they are in
 * no doubt. False: it has ended, or was moved, and the lane was asked anew;
 * `message` is cleared.
 */
bool change_is_ready(struct dispatcher *dispatcher, struct lane *lane, struct message *message,
                     struct moment now);

/* It was sent. If it was a change, what it is about is in the chat as it says. */
void change_done(struct dispatcher *dispatcher, const struct message *message);

/* It ended unsent. If it was a delete, what it is about may be changed again. */
void change_given_up(struct dispatcher *dispatcher, const struct message *message);

/* It has ended. If it was a delete, another one waits in its place. */
bool change_is_replaced(struct dispatcher *dispatcher, const struct message *message);

/* It had ended unsent and waits again. If it is a delete, what it is about is as it was then. */
void change_brought_back(struct dispatcher *dispatcher, const struct message *message);

/* Tell of those that ended by themselves. */
void change_tell(struct dispatcher *dispatcher,
                 void (*moved)(void *context, const struct message *message), void *context);

#endif
