/*
 * diagnosis.h - why the messages of a thread wait, and what happens next
 */
#ifndef CHATRELAY_QUEUE_DIAGNOSIS_H
#define CHATRELAY_QUEUE_DIAGNOSIS_H

#include "queue/dispatcher.h"

/* The one that matters most, in this order. */
enum cause {
    CAUSE_NO_THREAD, /* it is not in the settings */
    CAUSE_PAUSED,    /* by an operator */
    CAUSE_ENDPOINT,  /* the service, or the way to it, is in trouble */
    CAUSE_SENDER,    /* our identity is refused */
    CAUSE_THREAD,    /* the thread refuses us, does not answer, or wants us to be slower */
    CAUSE_DOUBT,     /* the first message may have appeared: a look comes first */
    CAUSE_PACE,      /* the budget of the remote thread is spent for now */
    CAUSE_UNDER_WAY, /* the first message is on its way */
    CAUSE_BUSY,      /* too many requests are under way */
    CAUSE_NOTHING,   /* nothing waits, or it goes now */
};
enum { CAUSES = CAUSE_NOTHING + 1 };

/* "no-such-thread" and so on: the protocol's words. */
const char *cause_name(enum cause cause);

struct diagnosis {
    enum cause cause;
    /* Of the scope in trouble, failures > 0; NULL for none. Borrowed until the dispatcher is told
     * anything. */
    const struct scope_record *trouble;
    const struct scope_record *place; /* of the remote thread; NULL: not in the settings */
    const char *endpoint, *remote_thread;
    const struct pacer_limits *limits;
    msec_t next_at;    /* when the first message is tried next, 0 when nobody knows */
    int64_t under_way; /* of its messages */
};

/* Of a thread, by its number. */
struct diagnosis dispatcher_diagnose(struct dispatcher *dispatcher, int64_t thread,
                                     struct moment now);

/* Of one lane of it: pace and doubt are a lane's own. */
struct diagnosis dispatcher_diagnose_lane(struct dispatcher *dispatcher, lane_id lane,
                                          struct moment now);

/* True when this message is on its way, or being looked for. */
bool dispatcher_is_under_way(const struct dispatcher *dispatcher, int64_t id);

/* How many pending messages, of all threads, wait for the same cause as this thread's. */
int64_t dispatcher_count_behind(struct dispatcher *dispatcher, int64_t thread, enum cause cause);

/* How much a thread needs a person. The numbers are the command's exit codes. */
enum level {
    LEVEL_WELL = 0,
    LEVEL_LOOK = 1, /* it may mend itself, or somebody wanted it so: worth a look */
    LEVEL_ACT = 2,  /* it will not mend itself */
};

const char *level_name(enum level level);

/*
 * Pure. `pending` and `held` are numbers of messages, `oldest_at` the acceptance of the first.
 * Where none is pending nobody tries whether a trouble is over, so that it calls for no act.
 */
enum level level_of(const struct diagnosis *diagnosis, int64_t pending, int64_t held,
                    msec_t oldest_at, msec_t now_at);

/* Where a waiting message stands. */
struct standing {
    int64_t position; /* 1 for the first of its lane */
    bool about;       /* the position is an estimate: nobody counts more than 10 000 */
    msec_t eta_ms;    /* as in struct prospect */
};

/* Of a pending message. */
struct standing dispatcher_standing(struct dispatcher *dispatcher, const struct message *message,
                                    struct moment now);

#endif
