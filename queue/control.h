/*
 * control.h - hands on a message: cancel, hold, release, retry
 *
 *              hold                    cancel
 *     pending ------> held    waiting ------------> cancelled
 *             <------                 <------------
 *             release                    retry        (dead and expired likewise)
 *
 * A message that is under way or in doubt may be in the chat already: it is
 * neither held nor cancelled. What was asked for is kept as its wish, and is
 * done when its attempt or look has ended with the message still on our hands.
 *
 * Pure: what is decided here is written down by dispatcher_control().
 */
#ifndef CHATRELAY_QUEUE_CONTROL_H
#define CHATRELAY_QUEUE_CONTROL_H

#include "queue/message.h"

enum control {
    CONTROL_CANCEL,  /* it is not to be sent any more */
    CONTROL_HOLD,    /* not before it is released */
    CONTROL_RELEASE, /* back to its old place */
    CONTROL_RETRY,   /* what was lost: once more, at the end of its lane, with a fresh ttl */
};

enum control_verdict {
    CONTROL_DONE,
    CONTROL_WISHED,   /* done when its attempt or look has ended, unless it is sent by then */
    CONTROL_ALREADY,  /* so it is, or so it was wished */
    CONTROL_IN_STATE, /* its state does not allow it */
    CONTROL_WIPED,    /* retry: its content is not kept any more */
    CONTROL_UNFOLDED, /* retry: a digest whose messages go on by themselves */
};

/* The states whose messages it can change, as bits of struct outbox_filter's `states`. */
unsigned control_states(enum control control);

/* It has ended in a way that a retry would mend: control_apply() would do it. */
bool control_may_retry(const struct message *message);

/* A wish of the message, which is pending, is what this would take back. */
bool control_takes_back(enum control control, const struct message *message);

/*
 * Do it to a message of the outbox: its fields are changed, and `state` gets
 * the state to move it to. `by` is the name of who asked. A message that goes
 * to the end of its lane gets the rank 0: the caller gives it the next one.
 * With any verdict but CONTROL_DONE and CONTROL_WISHED nothing is changed.
 */
enum control_verdict control_apply(enum control control, struct message *message, const char *by,
                                   msec_t now_at, enum message_state *state);

/*
 * A delete was queued behind a message that is under way, in doubt or sent: its
 * wish says so until the delete has ended. One that ends unsent is cancelled.
 */
void control_unsend(struct message *message, const char *by);

/* The delete is no more. True if the message's wish was about it: it has none then. */
bool control_forget_unsend(struct message *message);

/* A delete waits behind it: one is enough. */
bool control_is_unsent(const struct message *message);

/* It is to be taken back; a cancel that came too late, of what is sent by now, asks for nothing. */
bool control_is_unwanted(const struct message *message);

/*
 * An attempt or a look has ended with the message unsent and in no doubt: do
 * what was wished meanwhile. Returns the state to move it to: pending without a
 * wish.
 */
enum message_state control_fulfil(struct message *message, msec_t now_at);

#endif
