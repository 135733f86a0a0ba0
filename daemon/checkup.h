/*
 * checkup.h - the round of looks at how the threads are at the service
 *
 * Each thread of the settings is looked at a minute after the start, once a day,
 * when the chat refuses it, and when somebody asks (check_desk.h). Nothing is sent:
 * that we may is known from the list of participants.
 */
#ifndef CHATRELAY_DAEMON_CHECKUP_H
#define CHATRELAY_DAEMON_CHECKUP_H

#include "daemon/desk.h"
#include "daemon/thread_condition.h"

/*
 * The settings have been read, or the outbox has been opened: other threads may be
 * in them. Only while it is open: threads are known by their numbers there.
 */
void checkup_configure(struct desk *desk);

/* The chat refused this thread: look why, soon. */
void checkup_wake(struct desk *desk, int64_t thread);

/* Look at what is due. Returns how long until there is more. */
msec_t checkup_tend(struct desk *desk);

/* When the service will delete the thread by its policy; 0: never, or nobody knows. */
msec_t checkup_deletes_at(const struct desk *desk, int64_t thread);

/*
 * Whether the thread has been looked at since the look of number `after_look` (see
 * desk.h) was begun, or is not in the settings any more.
 */
bool checkup_is_done(const struct desk *desk, int64_t thread, int64_t after_look);

/* Add what is known of the thread to `threads`; `worst` is raised to how bad that is. */
void checkup_add(const struct desk *desk, int64_t thread, json_t *threads, enum level *worst);

/* The end. */
void checkup_clear(struct desk *desk);

#endif
