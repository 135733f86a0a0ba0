#include "base/memory.h"
#include "daemon/desk.h"
#include "daemon/event_log.h"
#include "tests/fakes/outbox_memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MANY = 300 }; /* messages in the digest, by two users in turn */

static struct outbox_disk *disk;
static struct queue_floor queue_floor;
static struct waits waits;
static struct directory directory;
static struct peer follower;
static struct desk desk;
static lane_id lane;

static int64_t user(size_t i)
{
    return (int64_t)geteuid() + 1 + (int64_t)(i % 2); /* neither is an operator */
}

static void begin(void)
{
    disk = outbox_disk_new();
    queue_floor.outbox = outbox_open_memory(disk, &(struct outbox_setup){ 0 }, NULL);
    queue_floor.turn = turn_new();
    lane = lane_of(outbox_thread(queue_floor.outbox, "ops"), PRIORITY_NORMAL);
    follower.asker.uid = (uid_t)user(0);
    follower.follower.thread = -1;
    desk = (struct desk){
        .floor = &queue_floor, .directory = &directory, .waits = &waits, .followers = &follower
    };
}

static void finish(void)
{
    answers_clear(&follower.answers);
    turn_free(queue_floor.turn);
    outbox_close(queue_floor.outbox);
    outbox_disk_free(disk);
}

TestSuite(desk, .init = begin, .fini = finish);

static struct original add(size_t i)
{
    static char content[] = "disk full";
    struct message message = { .lane = lane,
                               .state = MESSAGE_PENDING,
                               .uid = user(i),
                               .accepted_at = 1000,
                               .content = content,
                               .content_bytes = strlen(content) };
    snprintf(message.stamp, sizeof message.stamp, "%032zx", i);
    outbox_add(queue_floor.outbox, &message);
    return (
        struct original){ message.id, lane, message.rank, message.uid, message.content_bytes, 0 };
}

/* A digest of MANY is sent, and the desk notices. */
static void end_digest(void)
{
    struct original originals[MANY];
    struct message digest = { .lane = lane,
                              .state = MESSAGE_PENDING,
                              .kind = MESSAGE_DIGEST,
                              .uid = RELAY_UID,
                              .fold_count = MANY,
                              .stamp = "0123456789abcdef0123456789abcdef" };
    for (size_t i = 0; i < MANY; i++)
        originals[i] = add(i);
    digest.rank = originals[MANY - 1].rank;
    outbox_fold(queue_floor.outbox, &digest, originals, MANY, 2000);
    CLEANUP(message_clear) struct message sent = { 0 };
    cr_assert(outbox_load(queue_floor.outbox, digest.id, &sent));
    outbox_move(queue_floor.outbox, &sent, MESSAGE_SENT);
    desk_notice(&desk, &sent);
}

Test(desk, an_owner_who_follows_is_told_of_each_and_the_turn_is_as_much_fuller)
{
    end_digest();
    cr_expect_eq(follower.follower.told, MANY / 2);
    cr_expect_eq(queue_floor.reads, MANY);
}

/* What those who follow are told of a delivery that ends now. */
static void expect_delay(const struct message *message, const char *words)
{
    static const struct delivery delivery = { .outcome = OUTCOME_SENT, .http = 201 };
    const struct settlement settlement = { .message = message,
                                           .thread = "ops",
                                           .delivery = &delivery };
    follower.asker.uid = geteuid();
    desk.now.at = 6000;
    event_log_settled(&desk, &settlement);
    const char *told = follower.answers.draft.lines.bytes;
    cr_expect(told && strstr(told, words), "%s", told);
}

Test(desk, the_delay_of_a_digest_is_that_of_its_first_message)
{
    expect_delay(&(struct message){ .id = 9,
                                    .lane = lane,
                                    .kind = MESSAGE_DIGEST,
                                    .state = MESSAGE_SENT,
                                    .accepted_at = 5900,
                                    .fold_since = 1000 },
                 "\"delay_ms\":5000}");
}

Test(desk, what_was_accepted_before_the_clock_was_set_back_has_no_delay)
{
    expect_delay(
        &(struct message){ .id = 9, .lane = lane, .state = MESSAGE_SENT, .accepted_at = 9000 },
        "\"delay_ms\":0}");
}

Test(desk, for_an_operator_who_is_told_of_the_digest_nothing_is_read)
{
    follower.asker.uid = geteuid();
    end_digest();
    cr_expect(follower.follower.told == 0 && queue_floor.reads == 0);
}

Test(desk, for_who_follows_another_thread_nothing_is_read)
{
    follower.follower.thread = lane_thread(lane) + 1;
    end_digest();
    cr_expect(follower.follower.told == 0 && queue_floor.reads == 0);
}
