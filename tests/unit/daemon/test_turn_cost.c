#include "daemon/turn_cost.h"

#include <criterion/criterion.h>
#include <time.h>

/* Nothing but the processor's time of this thread can be waited for without sleeping. */
static void work_for_us(int64_t us)
{
    struct timespec start, now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while ((now.tv_sec - start.tv_sec) * 1000000 + (now.tv_nsec - start.tv_nsec) / 1000 < us);
}

static void write_for_us(struct turn_cost *cost, int64_t us)
{
    turn_cost_begin_write(cost);
    work_for_us(us);
    turn_cost_end_write(cost);
}

Test(turn_cost, the_longest_turn_counts_without_what_it_wrote)
{
    struct turn_cost cost = { 0 };
    turn_cost_start(&cost);
    work_for_us(2000);
    write_for_us(&cost, 50000);
    work_for_us(2000);
    turn_cost_end_turn(&cost);
    cr_expect(cost.longest_cpu_us >= 4000 && cost.longest_cpu_us < 50000);
    cr_expect(cost.longest_write_us >= 50000);
}

Test(turn_cost, a_shorter_one_changes_nothing)
{
    struct turn_cost cost = { 0 };
    work_for_us(30000); /* before the first turn */
    turn_cost_start(&cost);
    work_for_us(3000);
    write_for_us(&cost, 2000);
    turn_cost_end_turn(&cost);
    struct turn_cost first = cost;
    work_for_us(10);
    turn_cost_end_turn(&cost);
    cr_expect(cost.longest_cpu_us == first.longest_cpu_us && first.longest_cpu_us < 30000);
    cr_expect(cost.longest_write_us == first.longest_write_us);
}
