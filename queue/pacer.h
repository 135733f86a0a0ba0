/*
 * pacer.h - how often one remote thread may be written to
 *
 * The chat counts sends over windows: 10 in 10 s and 30 in 60 s, refused ones
 * included. A send holds its slot while it is under way and then for a full
 * window from its end: the service counted it at some moment between its start
 * and its end, so this is never over the limit, for sliding and for fixed
 * windows alike.
 *
 *      start      end                          free again
 *        |---------|-----------------------------|
 *        under way          one window
 *
 * Urgent messages have a share of every window for themselves: the others keep
 * within a smaller limit over a window that is shorter by as much, so that
 * their long-run rate stays the same while a slot is soon free: after as much
 * of the longest window as the share is (10 % of 60 s: 6 s) at the latest.
 *
 * Pure: the caller brings the time, always on the steady clock.
 */
#ifndef CHATRELAY_QUEUE_PACER_H
#define CHATRELAY_QUEUE_PACER_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

/* At most `sends` in any `window_ms`. */
struct pace {
    int64_t sends;
    msec_t window_ms;
};

enum { PACER_MOST_PACES = 4, PACER_MOST_SENDS = 1000 };

struct pacer_limits {
    struct pace paces[PACER_MOST_PACES];
    size_t pace_count;    /* 0: no limit */
    int urgent_percent;   /* of each pace that only urgent messages may use, 0 to 99 */
    int64_t pace_percent; /* of the pace that we allow ourselves, 1 to 100 */
};

/* The ends of the latest sends, rising. */
struct pacer_history {
    msec_t *ended_steady_at; /* ring: number n is at n % capacity */
    size_t capacity;
    size_t count; /* of all that ever ended and mattered */
    int64_t under_way;
};

/* Zeroed, it is empty; pacer_limit() comes before anything else. */
struct pacer {
    struct pacer_limits limits;
    struct pacer_history all;
    struct pacer_history others; /* those that are not urgent */
};

/* From now on `limits` hold, and `others` as well: of each window the smaller number. */
void pacer_limits_unite(struct pacer_limits *limits, const struct pacer_limits *others);

/* Set the limits; what was sent stays counted. */
void pacer_limit(struct pacer *pacer, const struct pacer_limits *limits);

void pacer_clear(struct pacer *pacer);

/* A send begins. */
void pacer_begin(struct pacer *pacer, bool urgent);

/* And ends; in the future if it was given up and may still arrive until then. */
void pacer_end(struct pacer *pacer, bool urgent, msec_t ended_steady_at);

/* A send of an earlier run ended then. */
void pacer_seed(struct pacer *pacer, msec_t ended_steady_at);

/*
 * The instant from which one more send keeps within every limit; in the past
 * when one may go now. MSEC_NEVER: not before one that is under way has ended.
 */
msec_t pacer_opens_steady_at(const struct pacer *pacer, bool urgent);

/* The pace that rules in the long run, slowed down if need be; no time at all without a limit. */
struct pace pacer_rule(const struct pacer_limits *limits);

/* The longest window, 0 without a limit. */
msec_t pacer_longest_window_ms(const struct pacer_limits *limits);

#endif
