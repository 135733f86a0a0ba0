/*
 * fault.h - what shall go wrong, and when
 *
 * A fault says which requests it is meant for, how many of them, and what shall
 * happen to them. Which request meets which fault is fault_plan.h's affair, how
 * it is carried out mischief.h's.
 */
#ifndef CHATRELAY_SANDBOX_FAULT_H
#define CHATRELAY_SANDBOX_FAULT_H

#include "base/error.h"
#include "sandbox/answer.h"
#include "sandbox/operation.h"

#include <stdint.h>

enum fault_kind {
    FAULT_ANSWER,  /* another answer */
    FAULT_RESET,   /* a TCP reset */
    FAULT_CLOSE,   /* the connection is closed unanswered */
    FAULT_STALL,   /* the answer comes late, or never */
    FAULT_CUT,     /* the first bytes of the answer, then the connection is closed */
    FAULT_GARBAGE, /* bytes that are no HTTP, then the connection is closed */
    FAULT_LATE,    /* what is sent shows up late in lists */
    FAULT_REPEAT,  /* a page's nextLink leads to the page itself */
};

enum { FAULT_LONGEST_ID = 256 };

struct fault {
    int id;
    enum fault_kind kind;

    /* for whom */
    enum operation operation;
    char thread[FAULT_LONGEST_ID]; /* "" is every one */
    bool reused;                   /* only on a connection that had an answer before */
    uint64_t after;                /* this many of them are spared first */
    uint64_t count;                /* how many are hit; 0: all */
    double probability;            /* of each */
    uint64_t random;               /* the state of its own dice */

    /* what */
    bool stored;    /* the request is carried out first */
    int status;     /* 0: as it would have been; then it is always carried out */
    bool has_shape; /* the body is an error in this shape */
    enum error_shape shape;
    char *text;      /* the body as it is, or NULL */
    char *message;   /* in the error's body, or NULL */
    json_t *headers; /* name to value, or NULL */
    enum retry_after_form retry_after_form;
    msec_t retry_after_ms; /* as it is sent: of the machine's time */
    msec_t for_ms;         /* of the service's time; -1: for ever */
    int64_t bytes;         /* FAULT_CUT: how many; -1: all headers and half the body */

    uint64_t seen, hits;
};

/*
 * Read a fault from JSON; see chatrelay-sandbox(1) for its fields. NULL and an
 * error when it would do nothing, or not what it seems to say.
 */
struct fault *fault_parse(json_t *json, struct error *err);
void fault_free(struct fault *fault);

/* As `what` has it: "reset". */
const char *fault_kind_name(enum fault_kind kind);

#endif
