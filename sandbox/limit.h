/*
 * limit.h - how many requests a window of time may hold
 *
 * ACS: a thread takes 10 sends, updates and deletes in 10 s and 30 in 60 s. All
 * requests accrue against the limit, those that are refused included: whoever
 * goes on hammering stays out. Whether the service's windows slide or stand still
 * is not documented, so both can be had here.
 */
#ifndef CHATRELAY_SANDBOX_LIMIT_H
#define CHATRELAY_SANDBOX_LIMIT_H

#include "base/clock.h"
#include "base/error.h"

#include <stddef.h>

struct limit_rule {
    unsigned count;   /* 1 to LIMIT_LARGEST_COUNT */
    msec_t window_ms; /* > 0 */
};

enum { LIMIT_MOST_RULES = 4, LIMIT_LARGEST_COUNT = 100000 };

enum limit_kind {
    LIMIT_SLIDING, /* any span of a window's length */
    LIMIT_FIXED,   /* spans that begin at multiples of the window's length */
};

/* Without rules there is no limit. */
struct limit {
    enum limit_kind kind;
    size_t rules;
    struct limit_rule rule[LIMIT_MOST_RULES];
};

/* Rules are written "10/10s,30/60s"; "off" is none. `limit->kind` stays as it is. */
MUST_CHECK bool limit_parse(const char *text, struct limit *limit, struct error *err);

/* What one subject has spent of a limit. Zeroed, it is nothing. */
struct limit_usage {
    struct limit_spending {
        msec_t *at; /* sliding: the latest `count` requests, a ring */
        unsigned next;
        unsigned used;    /* entries in the ring; fixed: requests in `window` */
        msec_t window_at; /* fixed: when the present window began */
    } spending[LIMIT_MOST_RULES];
};

/*
 * Count a request made at `at_ms`, which never goes backwards. 0 when it is
 * within the limit; else the time after which, without any further request, one
 * would be let through.
 */
msec_t limit_spend(const struct limit *limit, struct limit_usage *usage, msec_t at_ms);

void limit_usage_clear(struct limit_usage *usage);

#endif
