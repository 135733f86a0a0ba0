/*
 * scope.h - a thing that can be broken for many messages at once
 *
 * A remote thread, a sender, a sender in a remote thread, an endpoint. Waiting belongs to it, never
 * to the message: while it waits, nothing that needs it goes, and one success ends the wait. Its
 * state is stored, so a restart does not forget it.
 */
#ifndef CHATRELAY_QUEUE_SCOPE_H
#define CHATRELAY_QUEUE_SCOPE_H

#include "queue/outbox.h"
#include "queue/retry.h"

/* So many threads refused with 429 and none accepted in between: it is not the threads. */
enum { SCOPE_THROTTLED_MOST = 3 };

struct scope_state {
    struct scope_record record; /* as it is stored; instants on the wall clock */
    msec_t opens_steady_at;     /* record.until_at on the steady clock */
    msec_t failed_steady_at;    /* the latest failure that counted */
    int64_t under_way;          /* attempts and looks */
    msec_t answered_steady_at;  /* an endpoint: when it answered last as it should */
    bool failed_look;           /* an endpoint: its latest failure was that of a look */
    bool crowded;               /* an endpoint: full, until a good part has come home */
    bool dated;                 /* an endpoint: clock_ahead_ms is known */
    msec_t clock_ahead_ms;      /* its clock minus our steady one, from the latest Date header */
    int64_t throttled[SCOPE_THROTTLED_MOST]; /* an endpoint: places refused since one accepted */
    size_t throttled_count;
};

/* A scope that works, called `name`. */
void scope_init(struct scope_state *state, enum scope scope, const char *name);

/* Take over what was stored of it. A wait longer than COURIER_LONGEST_WAIT_MS (a clock that jumped)
 * is cut. */
void scope_restore(struct scope_state *state, const struct scope_record *record, struct moment now);

/*
 * What began at `began_steady_at` failed: wait, for as long as the chat asked or
 * else doubling. What was under way already when the latest failure became
 * known tells nothing new: a hundred requests that die together are one failure.
 * True when this one counted. The first 401 of a sender costs no wait: its token
 * may just be old, and a new one is tried at once.
 */
bool scope_fail(struct scope_state *state, const struct delivery *delivery,
                const struct retry_policy *policy, msec_t began_steady_at, struct moment now,
                uint32_t dice);

/* It works. True when that is news, so that it must be stored. */
bool scope_succeed(struct scope_state *state);

/*
 * Its latest failure was a definite no. Else a good answer was missing: there was
 * none, or one that leaves open what became of the request (408, 5xx, a success
 * other than the one it should be).
 */
bool scope_refuses(const struct scope_record *record);

/* Forget a wait of our own choosing; one that the chat asked for stays. True when there was one. */
bool scope_flush(struct scope_state *state);

/*
 * An endpoint: the place of this number was refused with 429. True when so many
 * were that the endpoint itself must be what is busy.
 */
bool scope_throttle(struct scope_state *state, int64_t place);

/* From when on it may be used, on the steady clock: pauses, waits, and one probe at a time while it
 * fails. */
msec_t scope_opens_steady_at(const struct scope_state *state, struct moment now);

#endif
