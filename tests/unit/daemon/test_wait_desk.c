#include "base/memory.h"
#include "daemon/wait_desk.h"
#include "tests/fakes/outbox_memory.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

enum { A_TURN = 1000, MANY = 2500, TIMEOUT_MS = 5000 };

static struct outbox_disk *disk;
static struct queue_floor queue_floor;
static struct waits waits;
static struct directory directory;
static struct peer peer;
static struct desk desk;
static int64_t message_id;

static int64_t add_message(void)
{
    static char content[] = "disk full";
    struct message message = { .lane = lane_of(outbox_thread(queue_floor.outbox, "ops"),
                                               PRIORITY_NORMAL),
                               .state = MESSAGE_PENDING,
                               .accepted_at = 1000,
                               .content = content,
                               .content_bytes = strlen(content),
                               .stamp = "0123456789abcdef0123456789abcdef" };
    outbox_add(queue_floor.outbox, &message);
    return message.id;
}

static void begin(void)
{
    disk = outbox_disk_new();
    queue_floor.outbox = outbox_open_memory(disk, &(struct outbox_setup){ 0 }, NULL);
    queue_floor.turn = turn_new();
    peer.asker.uid = geteuid();
    peer.answers.waits = &waits;
    desk = (struct desk){ .floor = &queue_floor, .directory = &directory, .waits = &waits };
    message_id = add_message();
}

static void finish(void)
{
    answers_clear(&peer.answers);
    waits_clear(&waits);
    turn_free(queue_floor.turn);
    outbox_close(queue_floor.outbox);
    outbox_disk_free(disk);
}

TestSuite(wait_desk, .init = begin, .fini = finish);

static void ask_often(msec_t timeout_ms)
{
    const struct request request = { .op = REQUEST_WAIT,
                                     .id = message_id,
                                     .timeout_ms = timeout_ms };
    for (size_t i = 0; i < MANY; i++)
        wait_desk_answer(&desk, &peer, &request);
}

static size_t count_over(void)
{
    size_t count = 0;
    for (const struct wait *wait = peer.answers.first; wait; wait = wait->next_of_peer)
        count += wait->over;
    return count;
}

static void end_message(void)
{
    CLEANUP(message_clear) struct message message = { 0 };
    cr_assert(outbox_load(queue_floor.outbox, message_id, &message));
    outbox_move(queue_floor.outbox, &message, MESSAGE_SENT);
    desk_notice(&desk, &message);
}

Test(wait_desk, of_many_who_wait_for_a_message_a_turn_answers_as_many_as_it_has_time_for)
{
    ask_often(-1);
    cr_expect(wait_desk_tend(&desk) == MSEC_NEVER && count_over() == 0);
    end_message();
    cr_expect(wait_desk_tend(&desk) == 0 && count_over() == A_TURN);
    cr_expect(wait_desk_tend(&desk) == 0 && count_over() == 2 * (size_t)A_TURN);
    cr_expect(wait_desk_tend(&desk) == MSEC_NEVER && count_over() == MANY);
}

Test(wait_desk, of_many_whose_time_is_over_likewise)
{
    ask_often(TIMEOUT_MS);
    cr_expect(wait_desk_tend(&desk) == TIMEOUT_MS && count_over() == 0);
    desk.now.steady_at = TIMEOUT_MS;
    cr_expect(wait_desk_tend(&desk) == 0 && count_over() == A_TURN);
    wait_desk_tend(&desk);
    cr_expect(wait_desk_tend(&desk) == MSEC_NEVER && count_over() == MANY);
}

Test(wait_desk, who_was_called_in_vain_waits_on)
{
    ask_often(-1);
    waits_call_all(&waits);
    while (wait_desk_tend(&desk) == 0)
        continue;
    cr_expect(count_over() == 0);
    end_message();
    while (wait_desk_tend(&desk) == 0)
        continue;
    cr_expect(count_over() == MANY);
}
