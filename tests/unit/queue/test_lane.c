#include "queue/lane.h"
#include "tests/fakes/outbox_memory.h"

#include <criterion/criterion.h>

enum { LANE = 4 };

static struct outbox_disk *disk;
static struct outbox *outbox;
static struct lane *lane;

static void make(void)
{
    disk = outbox_disk_new();
    outbox = outbox_open_memory(disk, &(struct outbox_setup){ 0 }, NULL);
    lane = lane_new(LANE, NULL);
}

static void drop(void)
{
    lane_free(lane);
    outbox_close(outbox);
    outbox_disk_free(disk);
}

TestSuite(lane, .init = make, .fini = drop);

/* Add a message to the outbox, and to the lane as the dispatcher would. */
static int64_t add(bool tell)
{
    struct message message = { .lane = LANE, .state = MESSAGE_PENDING };
    outbox_add(outbox, &message);
    struct head head = { .id = message.id, .rank = message.rank };
    if (tell)
        lane_push(lane, &head);
    return message.id;
}

/* Take the head away and end it, as a send does. */
static int64_t take(void)
{
    const struct head *head = lane_head(lane, outbox);
    if (!head)
        return 0;
    struct message message;
    cr_assert(outbox_load(outbox, head->id, &message));
    int64_t id = message.id;
    lane_pop(lane);
    outbox_move(outbox, &message, MESSAGE_SENT);
    message_clear(&message);
    return id;
}

Test(lane, an_empty_one_has_no_head)
{
    cr_expect(lane_head(lane, outbox) == NULL);
    cr_expect(lane_head(lane, outbox) == NULL);
}

Test(lane, finds_what_was_there_before_it)
{
    int64_t first = add(false), second = add(false);
    cr_expect(take() == first);
    cr_expect(take() == second);
    cr_expect(take() == 0);
}

Test(lane, what_is_pushed_comes_out_in_order_however_much_it_is)
{
    int64_t next = 0, added = 0;
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < round * 3; i++)
            added = add(true);
        for (int i = 0; i < 17 && next < added; i++)
            cr_assert(take() == ++next);
    }
    while (next < added)
        cr_assert(take() == ++next);
    cr_expect(take() == 0);
}

Test(lane, what_is_pushed_before_the_first_look_is_there_once)
{
    int64_t only = add(true);
    cr_expect(take() == only);
    cr_expect(take() == 0);
}

Test(lane, exactly_as_many_as_it_keeps_are_all_there)
{
    for (int i = 0; i < LANE_HEADS; i++)
        add(false);
    cr_expect(lane_head(lane, outbox) != NULL);
    int64_t last = add(true);
    for (int64_t id = 1; id <= last; id++)
        cr_expect(take() == id);
    cr_expect(take() == 0);
}

Test(lane, forgetting_reads_the_order_anew)
{
    int64_t first = add(true), second = add(true);
    cr_expect(lane_head(lane, outbox)->id == first);
    struct message message;
    cr_assert(outbox_load(outbox, first, &message));
    message.rank = outbox_next_number(outbox);
    outbox_move(outbox, &message, MESSAGE_PENDING);
    message_clear(&message);
    lane_forget(lane);
    cr_expect(take() == second);
    cr_expect(take() == first);
}

Test(lane, more_than_it_reads_at_first_are_all_there)
{
    int64_t last = 0;
    for (int i = 0; i < LANE_FEWEST_HEADS + LANE_HEADS + 1; i++)
        last = add(false);
    cr_expect(lane_head(lane, outbox) != NULL);
    for (int64_t id = 1; id <= last; id++) {
        cr_expect(lane_has_more(lane));
        cr_expect(take() == id);
    }
    cr_expect(take() == 0);
    cr_expect(!lane_has_more(lane));
}

Test(lane, one_that_waits_alone_is_known_to_be_alone)
{
    add(false);
    cr_expect(take() != 0);
    cr_expect(!lane_has_more(lane));
}
