/*
 * courier.h - whoever carries a message to its destination
 *
 * chat/ implements this over HTTPS, tests implement it in memory. What the
 * chat answers is never an error: it is data, a struct delivery, and its
 * `scope` says what the answer proves broken.
 */
#ifndef CHATRELAY_QUEUE_COURIER_H
#define CHATRELAY_QUEUE_COURIER_H

#include "queue/message.h"

/* What became of one attempt. On disk in the attempt's row: never renumber. */
enum outcome {
    OUTCOME_NONE = 0,    /* under way, or its end was never learned */
    OUTCOME_SENT = 1,    /* the chat has the message */
    OUTCOME_REFUSED = 2, /* an answer that is a definite no */
    OUTCOME_UNSENT = 3,  /* nothing of the request left us */
    OUTCOME_DOUBT = 4,   /* it may or may not have arrived */
};

/* The smallest thing that an answer proves broken: that is what waits. */
enum scope {
    SCOPE_NONE = 0,
    SCOPE_MESSAGE = 1,  /* this message will never be taken */
    SCOPE_THREAD = 2,   /* this thread, whatever is sent to it */
    SCOPE_SENDER = 3,   /* this identity's token */
    SCOPE_ENDPOINT = 4, /* the whole service, or the way to it */
    SCOPE_UNCLEAR = 5,  /* message or thread: the thread's own properties will tell */
    SCOPE_MEMBER = 6,   /* this identity in this thread: others may write there */
};
enum { SCOPES = 7 };

/* It is the thread that does not take what is sent: from anybody, or from this sender. */
static inline bool scope_is_of_thread(enum scope scope)
{
    return scope == SCOPE_THREAD || scope == SCOPE_MEMBER;
}

/* No chat is believed that tells us to stay away for longer: whoever waits loses by it. */
enum { COURIER_LONGEST_WAIT_MS = 60 * 60 * 1000 };
enum { DELIVERY_NO_WAIT = -1 };

struct delivery {
    enum outcome outcome;
    enum scope scope;
    bool throttled; /* 429: slow down */
    int http;       /* the status, 0 when no answer came */
    msec_t
        wait_ms; /* the chat told us to wait: 0 to COURIER_LONGEST_WAIT_MS, else DELIVERY_NO_WAIT */
    bool dated;  /* clock_ahead_ms is known */
    msec_t clock_ahead_ms; /* the service's clock, from its Date header, minus ours */
    msec_t connect_ms;  /* from start to a token and an open connection; 0 when both were there */
    msec_t request_ms;  /* from there to the end of the answer */
    char remote_id[64]; /* OUTCOME_SENT: what the chat calls the message */
    char code[64];      /* the error's code, such as "TooManyRequests", "timeout" or "" */
    char cv[80];        /* the correlation vector, header MS-CV, or "" */
    char detail[200]; /* for people: what happened, in a few words; never content, never a secret */
};

/* The thread itself said no, and not for now only. */
static inline bool delivery_is_no_of_thread(const struct delivery *delivery)
{
    return scope_is_of_thread(delivery->scope) && !delivery->throttled;
}

/*
 * Everything an attempt needs. All of it is borrowed until `done` is called. The
 * message's kind says what is to be done with it: MESSAGE_UPDATE replaces the
 * content of the one that the chat calls `remote_id`, MESSAGE_DELETE removes that
 * (which is done, too, when it is not there any more), all others are posted.
 */
struct parcel {
    const char *endpoint; /* such as https://name.communication.azure.com */
    const char *thread;   /* the chat's id of the thread, not encoded */
    const char *sender;   /* the name of the sender in our settings */
    const struct message *message;
};

typedef void courier_done(void *context, const struct delivery *delivery);

enum { LOOK_MOST_STAMPS = 2048 };

struct pacer;

/* "Which of these messages does the chat already have?" Borrowed likewise. */
struct look {
    const char *endpoint, *thread, *sender;
    msec_t since_at;     /* on the service's clock; 0: from the thread's beginning */
    struct pacer *lists; /* of the thread: every page begins and ends there, as an urgent send */
    size_t count;        /* 1 to LOOK_MOST_STAMPS */
    const char *const *stamps; /* rising */
};

struct finding {
    char remote_id[64];            /* "" for not seen */
    int64_t first_rank, last_rank; /* it is the first or the last of a digest of these; 0: itself */
};

/* Metadata of a digest, "STAMP RANK": its first message, and its last. */
#define COURIER_KEY_FIRST "chatrelayFirst"
#define COURIER_KEY_LAST "chatrelayLast"

struct findings {
    bool complete;               /* every page was read: what was not found is not there */
    const struct finding *found; /* per stamp */
    struct delivery answer;      /* !complete: why, charged as an attempt's would be */
};

typedef void look_done(void *context, const struct findings *findings);

/* "What is this thread?" Borrowed likewise. */
struct inspection {
    const char *endpoint, *thread, *sender;
};

/* What a thread says of itself. Texts are cut to fit. */
struct thread_properties {
    char topic[128];
    char creator[128];      /* a communication user's id; "" when it does not say */
    msec_t created_at;      /* 0: it does not say */
    msec_t deleted_at;      /* 0: it is not deleted */
    char retention[32];     /* the kind: "none", "threadCreationDate", others; "" for no word */
    int64_t retention_days; /* after which the thread deletes itself, from created_at; 0: never */
};

struct inspected {
    bool answered;                       /* the thread is there, and its id is one */
    struct thread_properties properties; /* answered */
    struct delivery answer;              /* !answered: why, charged as an attempt's would be */
};

typedef void inspect_done(void *context, const struct inspected *inspected);

/*
 * Each starts one piece of work; `done` is called exactly once for each and
 * never before the starter has returned. To give all of it up, the courier's
 * owner destroys the courier: then `done` is never called.
 */
struct courier {
    void (*send)(void *self, const struct parcel *parcel, courier_done *done, void *context);
    void (*look)(void *self, const struct look *look, look_done *done, void *context);
    void (*inspect)(void *self, const struct inspection *inspection, inspect_done *done,
                    void *context);
    void *self;
};

#endif
