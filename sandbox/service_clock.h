/*
 * service_clock.h - the sandbox's idea of time
 *
 * Instants (message ids, createdOn, Date, a token's expiry) are on the machine's
 * wall clock, shifted by --clock-offset. Durations run --scale times faster than
 * the machine's: with scale 100 a window of 10 s is over after 100 ms.
 */
#ifndef CHATRELAY_SANDBOX_SERVICE_CLOCK_H
#define CHATRELAY_SANDBOX_SERVICE_CLOCK_H

#include "base/clock.h"

#include <sys/time.h>

enum { SERVICE_CLOCK_LARGEST_SCALE = 1000000 };

struct service_clock {
    msec_t offset_ms;
    int scale;          /* 1 to SERVICE_CLOCK_LARGEST_SCALE */
    int64_t started_ns; /* CLOCK_BOOTTIME; set by service_clock_start() */
};

/* Begin to count service_clock_elapsed_ms() at 0. */
void service_clock_start(struct service_clock *clock);

/* The wall clock's instant. */
msec_t service_clock_now(const struct service_clock *clock);

/* The service's milliseconds since the start: real ones times the scale. Never jumps. */
msec_t service_clock_elapsed_ms(const struct service_clock *clock);

/* How many of the machine's milliseconds `service_ms` of the service take, rounded up. */
msec_t service_clock_real_ms(const struct service_clock *clock, msec_t service_ms);

/* The same to the microsecond, as libevent's timers want it. */
struct timeval service_clock_timeval(const struct service_clock *clock, msec_t service_ms);

#endif
