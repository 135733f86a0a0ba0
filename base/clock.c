#include "base/clock.h"

#include <stddef.h>
#include <time.h>

static msec_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (msec_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct moment system_now(void *context)
{
    (void)context;
    return (struct moment){ .at = read_clock(CLOCK_REALTIME),
                            .steady_at = read_clock(CLOCK_BOOTTIME) };
}

const struct clock clock_system = { .now = system_now };
