/*
 * message.h - one message on its way to the chat
 *
 *     scheduled -> pending -> sent | dead | expired | cancelled | folded
 *                    ^  v
 *                    held
 *
 * A pending message carries `doubted_at` from the commit before its request
 * leaves until its end is known. There is no state "in flight" that a crash
 * could leave behind: after one, `doubted_at` alone says "look before you post".
 */
#ifndef CHATRELAY_QUEUE_MESSAGE_H
#define CHATRELAY_QUEUE_MESSAGE_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers are on disk: add at the end, never renumber. */
enum message_state {
    MESSAGE_SCHEDULED = 0, /* waits for due_at */
    MESSAGE_PENDING = 1,   /* in its lane */
    MESSAGE_HELD = 2,      /* set aside by an operator */
    MESSAGE_SENT = 3,
    MESSAGE_FOLDED = 4,    /* went into `into_id`, whose end is its end */
    MESSAGE_EXPIRED = 5,   /* nobody wanted it any more */
    MESSAGE_CANCELLED = 6, /* by a person */
    MESSAGE_DEAD = 7,      /* no retry can help; see `reason` */
};
enum { MESSAGE_STATES = 8 };

/* On disk, as above. */
enum message_kind {
    MESSAGE_SEND = 0,
    MESSAGE_UPDATE = 1, /* replaces the content of `target_id` */
    MESSAGE_DELETE = 2, /* removes `target_id` */
    MESSAGE_DIGEST = 3, /* made by the relay out of several */
    MESSAGE_REPORT = 4, /* the relay's own word */
};

/* An update or a delete: to do it twice is to do it once. */
bool message_kind_repeats(enum message_kind kind);

/* "update" and so on; "" for an ordinary message. A string that lives forever. */
const char *message_kind_name(enum message_kind kind);

/* On disk, as above. */
enum message_type {
    MESSAGE_TEXT = 0,
    MESSAGE_HTML = 1,
};

/* On disk, as part of a lane's number. */
enum priority {
    PRIORITY_URGENT = 0,
    PRIORITY_NORMAL = 1,
    PRIORITY_BULK = 2,
};
enum { PRIORITIES = 3, LANES_PER_THREAD = 4 };

/* A lane is one thread at one priority: messages of a lane keep their order. */
typedef int64_t lane_id;

static inline lane_id lane_of(int64_t thread, enum priority priority)
{
    return thread * LANES_PER_THREAD + (lane_id)priority;
}

static inline int64_t lane_thread(lane_id lane)
{
    return lane / LANES_PER_THREAD;
}

static inline enum priority lane_priority(lane_id lane)
{
    return (enum priority)(lane % LANES_PER_THREAD);
}

/*
 * Whose the relay's own messages are, digests and reports: a number that no user
 * has, as setresuid(2) takes it for "as it is".
 */
#define RELAY_UID INT64_C(4294967295)

/* 128 random bits in hexadecimal. */
enum { STAMP_LENGTH = 32 };

/*
 * A row of the outbox. Numbers are 0 and strings NULL when there is nothing to
 * say. Strings are owned by the message when it came out of the outbox and
 * borrowed when it is on its way in.
 */
struct message {
    int64_t id; /* given by the outbox, rising, never used twice */
    lane_id lane;
    int64_t rank; /* its place in the lane; see outbox_add() */
    enum message_state state;
    enum message_kind kind;
    enum message_type type;
    char stamp[STAMP_LENGTH + 1]; /* goes into the chat with it, so that it can be found there */

    msec_t accepted_at;    /* when we promised to deliver it */
    msec_t due_at;         /* not before */
    msec_t expires_at;     /* worthless from here on */
    msec_t ended_at;       /* when it reached its final state */
    msec_t doubted_at;     /* start of an attempt whose end we have not learned */
    int64_t doubted_place; /* the place (outbox_place) of that attempt; 0: see adoption.h */

    int64_t into_id;   /* MESSAGE_FOLDED: into which message */
    int64_t target_id; /* MESSAGE_UPDATE, MESSAGE_DELETE: of which message */

    int64_t uid; /* who handed it in, as the kernel said */
    char *user;  /* the name of uid at that time */
    int64_t pid;

    char *once;        /* idempotency key */
    int64_t once_hash; /* of what was asked for with it */
    char *fold;        /* newer messages with this name replace it while it waits */
    int64_t
        fold_count;    /* how many it stands for, besides itself; of a digest: how many are in it */
    msec_t fold_since; /* when the first of them was accepted */

    char *content;        /* UTF-8; NULL once wiped */
    size_t content_bytes; /* its size, known even after that */
    size_t booked_bytes;  /* content_bytes as the outbox's books have it; the outbox's own */
    char *display_name;
    char *metadata;  /* a JSON object of strings */
    char *late_mark; /* the words put in front of it by the latest attempt; see late_mark.h */

    int64_t attempts; /* begun so far */
    char *wish;       /* what was asked for and is not done yet; see control.h and change.h */

    char *remote_id;     /* what the chat calls it; sent without: the answer was cut off */
    int64_t sequence_id; /* its number in the thread, as far as it was read back */
    msec_t created_on;   /* the chat's time of it, likewise */
    int64_t verified;    /* enum message_verified */
    char *reason;        /* why it ended as it did */
};

/* On disk: what is known of a sent message as it is in the chat. */
enum message_verified {
    MESSAGE_UNVERIFIED = 0,
    MESSAGE_AS_SENT = 1,   /* read back, and found as it was sent */
    MESSAGE_CHANGED = 2,   /* read back, and found changed */
    MESSAGE_TAKEN_BACK = 3 /* removed by us */
};

/* A state that a message does not leave by itself. */
bool message_state_is_final(enum message_state state);

/* "pending" and so on; a string that lives forever. */
const char *message_state_name(enum message_state state);

/* False when there is no such state. */
bool message_state_from_name(const char *name, enum message_state *state);

const char *priority_name(enum priority priority);
bool priority_from_name(const char *name, enum priority *priority);

/* "text" or "html": as the chat's API calls them. */
const char *message_type_name(enum message_type type);

/* The `reason` of a digest that was not taken, and whose originals go on by themselves. */
#define MESSAGE_UNFOLDED "unfolded"
bool message_is_unfolded(const struct message *message);

/*
 * When it was meant to go: at its acceptance, or later if that was asked for; a digest when the
 * first of its messages was.
 */
msec_t message_meant_at(const struct message *message);

/* One with strings of its own, as it is when it comes out of the outbox. */
void message_copy(struct message *copy, const struct message *message);

/* Free the strings that the message owns and zero it. Safe on a zeroed one; also for CLEANUP(). */
void message_clear(struct message *message);

#endif
