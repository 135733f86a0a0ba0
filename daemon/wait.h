/*
 * wait.h - clients that wait for a message's end, or for what the chat answers
 *
 * A wait holds its own connection's later answers, nobody else's: those are
 * drafted behind it. Waits are found by their message and by their deadline, or
 * known to the one who will answer them.
 */
#ifndef CHATRELAY_DAEMON_WAIT_H
#define CHATRELAY_DAEMON_WAIT_H

#include "daemon/draft.h"
#include "queue/agenda.h"
#include "wire/request.h"

struct peer;

struct wait {
    struct peer *peer;
    int64_t id;    /* of the message whose end it waits for; 0: somebody else answers it; < 0: of
                      the sight of a message, see sighting.h */
    int64_t asked; /* of the one that was asked about: perhaps folded into the other */
    enum request_goal goal;
    char *ref;              /* NULL for none */
    size_t size_bytes;      /* in memory, without its drafts */
    struct wait **known_as; /* whoever will answer it; becomes NULL when it is over or gone */
    struct agenda_item deadline;
    struct wait *next_of_message, **link; /* others in the same list */
    struct wait *next_of_peer;            /* the one asked for after it */
    struct draft answer;                  /* its own; empty until it is over */
    struct draft behind;                  /* of requests that came after it */
    bool over;
};

enum { WAIT_BUCKETS = 256 };

/* All waits. Zeroed, there are none. */
struct waits {
    struct wait *buckets[WAIT_BUCKETS];
    size_t count;
    struct agenda deadlines; /* on the steady clock */
    struct wait *called;     /* whose message has moved; in no bucket meanwhile */
};

/* `asked` is waited for, as its own end for now. `timeout_ms` may be -1 for none. `ref` is copied.
 */
struct wait *wait_new(struct waits *waits, struct peer *peer, const struct request *request,
                      int64_t asked, struct moment now);

/* From now on it waits for the end of this message, perhaps another. */
void wait_follow(struct waits *waits, struct wait *wait, int64_t id);

/*
 * For what somebody else answers: `*known_as` becomes the wait, and NULL when it
 * is over or its connection is gone.
 */
struct wait *wait_new_known(struct peer *peer, const char *ref, struct wait **known_as);

/* It is over or its connection is gone: nobody will find it any more. */
void wait_unlist(struct waits *waits, struct wait *wait);

/* Unlist and free. */
void wait_free(struct waits *waits, struct wait *wait);

/* Whether anybody waits for this message, and was not called. */
bool waits_any_for(const struct waits *waits, int64_t id);

/* Something has become of this message, or may have of all of them: call those who wait for it. */
void waits_call(struct waits *waits, int64_t id);
void waits_call_all(struct waits *waits);

/* One that was called, until it is unlisted or follows again; NULL when there is none. */
struct wait *waits_called(const struct waits *waits);

/* Whether anybody waits for anything. */
bool waits_any(const struct waits *waits);

/* A wait whose time has come, NULL when there is none; and how long until the next. */
struct wait *waits_late(const struct waits *waits, struct moment now);
msec_t waits_next_ms(const struct waits *waits, struct moment now);

void waits_clear(struct waits *waits);

#endif
