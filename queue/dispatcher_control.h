/*
 * dispatcher_control.h - hands on the queue: on messages, on threads, on waits
 */
#ifndef CHATRELAY_QUEUE_DISPATCHER_CONTROL_H
#define CHATRELAY_QUEUE_DISPATCHER_CONTROL_H

#include "queue/control.h"
#include "queue/dispatcher.h"

/*
 * Do it to `message`, as it came out of the outbox, in the turn that is open;
 * see control_apply(). The message's fields and state are up to date after.
 */
enum control_verdict dispatcher_control(struct dispatcher *dispatcher, enum control control,
                                        struct message *message, const char *by, struct moment now);

/*
 * Send nothing to the remote thread of `thread` before `until_at`, 0 for no
 * pause. It is stored, and ends by itself. False when the thread is not in the
 * settings.
 */
bool dispatcher_pause(struct dispatcher *dispatcher, int64_t thread, msec_t until_at,
                      struct moment now);

struct flushed {
    int64_t forgotten; /* waits of our own choosing, which are over now */
    int64_t kept;      /* threads that the chat told us to leave alone for now */
};

/* Forget the waits on the way of `thread`, or of all threads for -1, and try again now. */
struct flushed dispatcher_flush(struct dispatcher *dispatcher, int64_t thread, struct moment now);

#endif
