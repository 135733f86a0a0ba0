/*
 * checkup.h - how the threads are at the service: there, readable, ours to write to, for how long
 *
 * Each thread of the settings is looked at a minute after the start, once a day,
 * when the chat refuses it, and when somebody asks. ACS: only participants may
 * send, while one who was removed may still read; so that we may send is known
 * from the list of participants, without sending anything.
 */
#ifndef CHATRELAY_DAEMON_CHECKUP_H
#define CHATRELAY_DAEMON_CHECKUP_H

#include "daemon/desk.h"
#include "queue/diagnosis.h"

/* The operation check: answers when all that was asked for has been looked at anew. */
void checkup_answer(struct desk *desk, struct peer *peer, const struct request *request);

/* The settings have been read: other threads may be in them. */
void checkup_configure(struct desk *desk);

/* The chat refused this thread: look why, soon. */
void checkup_wake(struct desk *desk, int64_t thread);

/* Look at what is due. Returns how long until there is more. */
msec_t checkup_tend(struct desk *desk);

/* When the service will delete the thread by its policy; 0: never, or nobody knows. */
msec_t checkup_deletes_at(const struct desk *desk, int64_t thread);

/* How bad that is by now. Pure. */
enum level checkup_level_of_end(msec_t deletes_at, msec_t now_at);

/* The end; nobody asks any more. */
void checkup_clear(struct desk *desk);

#endif
