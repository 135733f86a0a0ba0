/*
 * thread_view.h - one thread as somebody may see it
 */
#ifndef CHATRELAY_DAEMON_THREAD_VIEW_H
#define CHATRELAY_DAEMON_THREAD_VIEW_H

#include "daemon/desk.h"
#include "queue/diagnosis.h"

struct thread_view {
    int64_t number;                          /* outbox_thread() */
    const struct directory_thread *settings; /* NULL: it is not in the settings any more */
    int64_t scheduled, pending, held;        /* messages that the asker may see */
    msec_t oldest_at; /* acceptance of the first pending one; 0: there is none, or not to be seen */
    struct diagnosis diagnosis;
    msec_t deletes_at; /* by the service's policy; 0: never, or nobody knows */
    enum level level;
};

/*
 * The numbers of the threads that the asker may see, rising: those of the
 * settings, and others that messages wait for. To be freed.
 */
int64_t *thread_view_numbers(const struct desk *desk, const struct asker *asker, size_t *count);

/* Valid until the outbox or the dispatcher changes. */
struct thread_view thread_view_of(const struct desk *desk, const struct asker *asker,
                                  int64_t number);

/* The members of its object that say what it is, what waits for it and why. */
json_t *thread_view_json(const struct desk *desk, const struct thread_view *view);

/* The same members for a message of it: of the cause and the scope in trouble alone. */
void thread_view_add_cause(const struct desk *desk, json_t *object,
                           const struct directory_thread *settings,
                           const struct diagnosis *diagnosis);

#endif
