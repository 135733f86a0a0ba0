#include "sandbox/service_clock.h"

#include <time.h>

static int64_t steady_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void service_clock_start(struct service_clock *clock)
{
    clock->started_ns = steady_ns();
}

msec_t service_clock_now(const struct service_clock *clock)
{
    return clock_now(&clock_system).at + clock->offset_ms;
}

msec_t service_clock_elapsed_ms(const struct service_clock *clock)
{
    /* Microseconds first: nanoseconds times the largest scale would overflow within hours. */
    return (steady_ns() - clock->started_ns) / 1000 * clock->scale / 1000;
}

msec_t service_clock_real_ms(const struct service_clock *clock, msec_t service_ms)
{
    return service_ms / clock->scale + (service_ms % clock->scale > 0);
}

struct timeval service_clock_timeval(const struct service_clock *clock, msec_t service_ms)
{
    msec_t whole_ms = service_ms / clock->scale;
    msec_t rest_us = service_ms % clock->scale * 1000 / clock->scale;
    return (struct timeval){ .tv_sec = whole_ms / 1000,
                             .tv_usec = whole_ms % 1000 * 1000 + rest_us };
}
