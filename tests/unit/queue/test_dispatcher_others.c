/*
 * test_dispatcher_others.c - one thread dead, one throttled, one slow: the others do not feel it
 */
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { DEAD, THROTTLED, SLOW, HEALTHY, THREADS = HEALTHY + 5 };
enum { LASTS_MS = 30 * 60 * 1000, EVERY_MS = 2500, TRIP_MS = 300, SLOW_MS = 25000 };
enum { MOST_FLIGHTS = 32, MOST_DELAYS = THREADS * (LASTS_MS / EVERY_MS + 1) };

static struct flight {
    struct work *work;
    int thread;
    msec_t ends_at;
} flights[MOST_FLIGHTS];

static msec_t delays_ms[MOST_DELAYS];
static size_t delay_count;

static void make(void)
{
    memset(flights, 0, sizeof flights);
    stage_open(THREADS);
    stage.limits = (struct pacer_limits){ .paces = { { 10, 10000 }, { 30, 60000 } },
                                          .pace_count = 2,
                                          .urgent_percent = 10,
                                          .pace_percent = 100 };
    stage_configure();
}

TestSuite(dispatcher_others, .init = make, .fini = stage_close);

static void land(struct flight *flight)
{
    struct work *work = flight->work;
    flight->work = NULL;
    if (flight->thread == DEAD) {
        stage_refused(work, 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    } else if (flight->thread == THROTTLED) {
        stage_refused(work, 429, SCOPE_THREAD, 5000);
    } else {
        if (flight->thread >= HEALTHY)
            delays_ms[delay_count++] = stage.now.at - work->parcel.message->accepted_at;
        stage_sent(work);
    }
}

static void take_off(struct work *work)
{
    struct flight *flight = flights;
    while (flight->work)
        flight++;
    flight->work = work;
    flight->thread = (int)strtol(work->parcel.thread + 3, NULL, 10);
    flight->ends_at = stage.now.steady_at + (flight->thread == SLOW ? SLOW_MS : TRIP_MS);
}

static int compare(const void *one, const void *other)
{
    msec_t a = *(const msec_t *)one, b = *(const msec_t *)other;
    return (a > b) - (a < b);
}

/* The 99th percentile of what messages of healthy threads took, when threads from `first` send. */
static msec_t percentile_99_ms(int first)
{
    delay_count = 0;
    for (msec_t at = 0; at < LASTS_MS; at += 100) {
        for (int thread = first; thread < THREADS; thread++)
            if ((at + thread * 300LL) % EVERY_MS == 0)
                stage_add(thread, PRIORITY_NORMAL);
        for (struct flight *flight = flights; flight < flights + MOST_FLIGHTS; flight++)
            if (flight->work && flight->ends_at <= stage.now.steady_at)
                land(flight);
        for (struct work *work = stage_next(); work; work = stage_next())
            take_off(work);
        stage_pass(100);
    }
    cr_assert(delay_count > 5UL * (LASTS_MS / EVERY_MS - 5));
    qsort(delays_ms, delay_count, sizeof delays_ms[0], compare);
    return delays_ms[delay_count * 99 / 100];
}

Test(dispatcher_others, do_not_feel_the_trouble_of_three)
{
    msec_t alone_ms = percentile_99_ms(HEALTHY);
    stage_close();
    make();
    msec_t together_ms = percentile_99_ms(DEAD);
    cr_expect(together_ms * 10 <= alone_ms * 11, "%lld ms alone, %lld ms with them",
              (long long)alone_ms, (long long)together_ms);
}
