#include "daemon/queue_floor.h"
#include "tests/fakes/outbox_memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 3 };

static const struct moment now = { 1795262400000, 5000 };

static struct outbox_disk *disk;
static struct dice dice;
static struct queue_floor *queue_floor;
static size_t settled;

/* It takes as much reading as a turn may hold to tell of it. */
static void on_settled(void *context, const struct settlement *settlement)
{
    (void)context;
    cr_expect_eq(settlement->message->state, MESSAGE_SENT);
    settled++;
    queue_floor_note_reads(queue_floor, TURN_MOST_CHANGES);
}

/* All answers have come when the turn that began the sends is over. */
static void send_at_once(void *self, const struct parcel *parcel, courier_done *done, void *context)
{
    (void)self;
    (void)parcel;
    done(context, &(struct delivery){ .outcome = OUTCOME_SENT, .http = 201 });
}

static void configure(void)
{
    struct route_setup routes[THREADS];
    char names[THREADS][8];
    for (size_t i = 0; i < THREADS; i++) {
        snprintf(names[i], sizeof names[i], "t%zu", i);
        routes[i] = (struct route_setup){ .name = names[i],
                                          .endpoint = "https://ours.example",
                                          .thread = names[i],
                                          .sender = "ours",
                                          .limits.pace_percent = 100,
                                          .late_mark = { .after_ms = MSEC_NEVER },
                                          .report_after_ms = MSEC_NEVER };
    }
    dispatcher_configure(queue_floor->dispatcher, routes, THREADS, now);
}

static void begin(void)
{
    const struct queue_floor_setup setup = { .dice = &dice, .settled = on_settled };
    disk = outbox_disk_new();
    queue_floor = queue_floor_new(&setup);
    queue_floor->outbox = outbox_open_memory(disk, &(struct outbox_setup){ 0 }, NULL);
    queue_floor->dispatcher = dispatcher_new(queue_floor->outbox, "", now);
    queue_floor->courier.send = send_at_once;
    configure();
}

static void finish(void)
{
    queue_floor_free(queue_floor);
    outbox_disk_free(disk);
}

TestSuite(queue_floor, .init = begin, .fini = finish);

static void hand_in(const char *thread)
{
    static char content[] = "disk full";
    struct message message = { .lane = lane_of(outbox_thread(queue_floor->outbox, thread),
                                               PRIORITY_NORMAL),
                               .state = MESSAGE_PENDING,
                               .accepted_at = now.at,
                               .content = content,
                               .content_bytes = strlen(content) };
    snprintf(message.stamp, sizeof message.stamp, "%030d%.2s", 0, thread);
    outbox_add(queue_floor->outbox, &message);
    dispatcher_added(queue_floor->dispatcher, &message, now);
}

static void end_turn(void)
{
    cr_assert(queue_floor_end_turn(queue_floor, now, NULL));
}

Test(queue_floor, what_was_read_fills_the_turn_and_the_others_wait_for_the_next)
{
    hand_in("t0");
    hand_in("t1");
    hand_in("t2");
    queue_floor_dispatch(queue_floor, now, NULL, NULL);
    end_turn();
    for (size_t turn = 1; turn <= THREADS; turn++) {
        queue_floor_settle(queue_floor, now);
        cr_expect_eq(settled, turn);
        cr_expect_eq(queue_floor_dispatch(queue_floor, now, NULL, NULL), 0, "go on at once");
        end_turn();
    }
    cr_expect_neq(queue_floor_dispatch(queue_floor, now, NULL, NULL), 0, "nothing is left");
}
