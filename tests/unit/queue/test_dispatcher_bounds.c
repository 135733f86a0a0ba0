/*
 * test_dispatcher_bounds.c - no more than so much under way, and nobody starved by it
 */
#include "base/memory.h"
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>
#include <stdlib.h>

TestSuite(dispatcher_bounds, .fini = stage_close);

/* Everything that may begin now. Returns how many pieces of work there are in `works`. */
static size_t begin_all(struct work **works, size_t count)
{
    for (struct work *work = stage_next(); work; work = stage_next())
        works[count++] = work;
    return count;
}

Test(dispatcher_bounds, an_endpoint_that_hangs_leaves_room_for_others)
{
    struct work *works[DISPATCHER_MOST_UNDER_WAY];
    stage_open(300);
    stage.routes[299].endpoint = 1;
    stage_configure();
    for (int thread = 0; thread < 300; thread++)
        stage_add(thread, PRIORITY_NORMAL);
    size_t count = begin_all(works, 0);
    cr_expect(count == DISPATCHER_MOST_PER_ENDPOINT + 1);
    cr_expect(stage.again_ms == MSEC_NEVER);
    stage_add(299, PRIORITY_URGENT);
    cr_expect(begin_all(works, 0) == 1);
}

Test(dispatcher_bounds, all_together_are_bounded)
{
    struct work *works[DISPATCHER_MOST_UNDER_WAY];
    stage_open(400);
    for (int thread = 0; thread < 400; thread++)
        stage.routes[thread].endpoint = thread % 4;
    stage_configure();
    for (int thread = 0; thread < 400; thread++)
        stage_add(thread, PRIORITY_NORMAL);
    cr_expect(begin_all(works, 0) == DISPATCHER_MOST_UNDER_WAY);
    stage_sent(works[17]);
    cr_expect(begin_all(works, 0) == 1);
}

Test(dispatcher_bounds, being_full_puts_off_no_expiry)
{
    struct work *works[DISPATCHER_MOST_UNDER_WAY];
    stage_open(400);
    for (int thread = 0; thread < 400; thread++)
        stage.routes[thread].endpoint = thread % 4;
    stage_configure();
    for (int thread = 0; thread < 399; thread++)
        stage_add(thread, PRIORITY_NORMAL);
    int64_t id = stage_add_timed(399, PRIORITY_NORMAL, 0, stage.now.at + 1000);
    begin_all(works, 0);
    cr_expect(stage.again_ms == 1000);
    stage_pass(1000);
    stage_next();
    cr_expect(stage_state(id) == MESSAGE_EXPIRED);
}

enum { CROWD = 200, EACH = 20 };

/* How often each thread was served, when works end in the order in which they began. */
static void serve(int *served, int rounds)
{
    struct work *works[DISPATCHER_MOST_UNDER_WAY];
    int threads[DISPATCHER_MOST_UNDER_WAY];
    size_t count = 0;
    for (int round = 0; round < rounds; round++) {
        for (struct work *work = stage_next(); work; work = stage_next()) {
            threads[count] = (int)strtol(work->parcel.thread + 3, NULL, 10);
            works[count++] = work;
        }
        stage_pass(50);
        for (size_t i = 0; i < 10 && i < count; i++) {
            stage_sent(works[i]);
            served[threads[i]]++;
        }
        count -= count < 10 ? count : 10;
        for (size_t i = 0; i < count; i++) {
            works[i] = works[i + 10];
            threads[i] = threads[i + 10];
        }
    }
}

Test(dispatcher_bounds, a_crowded_endpoint_serves_everybody_alike)
{
    int served[CROWD] = { 0 }, least = EACH, most = 0;
    stage_open(CROWD);
    for (int i = 0; i < EACH; i++)
        for (int thread = 0; thread < CROWD; thread++)
            stage_add(thread, PRIORITY_NORMAL);
    serve(served, CROWD);
    for (int thread = 0; thread < CROWD; thread++) {
        least = served[thread] < least ? served[thread] : least;
        most = served[thread] > most ? served[thread] : most;
    }
    cr_expect(least >= 8 && most <= 12, "between %d and %d", least, most);
}
