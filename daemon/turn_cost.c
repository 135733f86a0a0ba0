#include "daemon/turn_cost.h"

#include <time.h>

static int64_t read_us(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void keep_longest(int64_t *longest_us, int64_t us)
{
    if (us > *longest_us)
        *longest_us = us;
}

void turn_cost_start(struct turn_cost *cost)
{
    cost->turn_cpu_us = read_us(CLOCK_THREAD_CPUTIME_ID);
}

void turn_cost_begin_write(struct turn_cost *cost)
{
    cost->write_cpu_us = read_us(CLOCK_THREAD_CPUTIME_ID);
    cost->write_steady_at_us = read_us(CLOCK_MONOTONIC);
}

void turn_cost_end_write(struct turn_cost *cost)
{
    keep_longest(&cost->longest_write_us, read_us(CLOCK_MONOTONIC) - cost->write_steady_at_us);
    /* As if the turn had begun later by what writing took. */
    cost->turn_cpu_us += read_us(CLOCK_THREAD_CPUTIME_ID) - cost->write_cpu_us;
}

void turn_cost_end_turn(struct turn_cost *cost)
{
    int64_t now_us = read_us(CLOCK_THREAD_CPUTIME_ID);
    keep_longest(&cost->longest_cpu_us, now_us - cost->turn_cpu_us);
    cost->turn_cpu_us = now_us;
}
