/*
 * clock.h - the time, as something a test can hold still
 *
 * Every time is milliseconds in an msec_t. A name ending in _at is an instant,
 * a name ending in _ms is a duration.
 *
 * There are two kinds of instant, read together as a struct moment. The wall
 * clock is what people and other machines mean by "at 01:10"; it may jump. The
 * steady clock never jumps, not even while the machine sleeps, and starts
 * anywhere: waits and send windows are measured on it. A bare `_at` is on the
 * wall clock; an instant on the other one is called `_steady_at`.
 */
#ifndef CHATRELAY_BASE_CLOCK_H
#define CHATRELAY_BASE_CLOCK_H

#include <stdint.h>

typedef int64_t msec_t;

#define MSEC_NEVER INT64_MAX /* later than every instant */

struct moment {
    msec_t at;        /* since the Unix epoch */
    msec_t steady_at; /* since some start of its own */
};

struct clock {
    struct moment (*now)(void *context);
    void *context;
};

/* The system's clocks: CLOCK_REALTIME and CLOCK_BOOTTIME. */
extern const struct clock clock_system;

static inline struct moment clock_now(const struct clock *clock)
{
    return clock->now(clock->context);
}

/* `instant + duration_ms`, stopping at MSEC_NEVER. Neither may be negative. */
static inline msec_t msec_add(msec_t instant, msec_t duration_ms)
{
    return instant > MSEC_NEVER - duration_ms ? MSEC_NEVER : instant + duration_ms;
}

static inline msec_t msec_max(msec_t one, msec_t other)
{
    return one > other ? one : other;
}

static inline msec_t msec_min(msec_t one, msec_t other)
{
    return one < other ? one : other;
}

#endif
