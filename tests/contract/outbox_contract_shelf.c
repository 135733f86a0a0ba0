/*
 * outbox_contract_shelf.c - a message that was found with its lane's first ones, and is
 * loaded later, is as it is stored then
 */
#include "base/memory.h"
#include "tests/contract/outbox_contract.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { LANE = 4 };

static struct outbox *outbox;
static struct message message; /* as it was loaded before its lane was read again */

static void read_lane(void)
{
    struct head heads[4];
    cr_assert(outbox_heads(outbox, LANE, 0, heads, 4) > 0);
}

static void make(void)
{
    store_make();
    outbox = contract_open();
    struct message added = contract_message(LANE);
    added.once = contract_text("nightly");
    added.user = contract_text("backup");
    outbox_add(outbox, &added);
    read_lane();
    cr_assert(outbox_load(outbox, added.id, &message));
    read_lane();
}

static void drop(void)
{
    message_clear(&message);
    outbox_close(outbox);
    store_remove();
}

TestSuite(outbox_shelf, .init = make, .fini = drop);

static struct message load(void)
{
    struct message loaded;
    cr_assert(outbox_load(outbox, message.id, &loaded));
    return loaded;
}

static struct attempt begin(void)
{
    message.attempts = 1;
    message.doubted_at = 700;
    message.doubted_place = 3;
    struct attempt attempt = { .message = message.id, .number = 1, .place = 3, .began_at = 700 };
    outbox_begin(outbox, &message, &attempt);
    return attempt;
}

Test(outbox_shelf, it_is_whole_however_often_it_is_loaded)
{
    for (int i = 0; i < 3; i++) {
        struct message loaded CLEANUP(message_clear) = load();
        cr_expect(loaded.lane == LANE && loaded.state == MESSAGE_PENDING);
        cr_expect_str_eq(loaded.content, message.content);
        cr_expect_str_eq(loaded.stamp, message.stamp);
        cr_expect_str_eq(loaded.user, "backup");
        cr_expect_str_eq(loaded.once, "nightly");
        cr_expect(loaded.booked_bytes == loaded.content_bytes);
    }
}

Test(outbox_shelf, it_has_begun)
{
    begin();
    struct message loaded CLEANUP(message_clear) = load();
    cr_expect(loaded.doubted_at == 700 && loaded.doubted_place == 3 && loaded.attempts == 1);
}

Test(outbox_shelf, it_has_ended)
{
    struct attempt attempt = begin();
    read_lane();
    attempt.ended_at = message.ended_at = 800;
    message.doubted_at = message.doubted_place = 0;
    outbox_end(outbox, &message, MESSAGE_SENT, &attempt);
    struct message loaded CLEANUP(message_clear) = load();
    cr_expect(loaded.state == MESSAGE_SENT && loaded.ended_at == 800 && loaded.doubted_at == 0);
}

Test(outbox_shelf, it_has_moved)
{
    replace_text(&message.wish, strdup("cancelled"));
    outbox_move(outbox, &message, MESSAGE_PENDING);
    struct message loaded CLEANUP(message_clear) = load();
    cr_expect_str_eq(loaded.wish, "cancelled");
}

Test(outbox_shelf, it_has_given_its_key_up)
{
    outbox_forget_once(outbox, message.id);
    struct message loaded CLEANUP(message_clear) = load();
    cr_expect(loaded.once == NULL);
}

Test(outbox_shelf, it_has_come_to_another_lane)
{
    struct outline outline;
    cr_assert(outbox_outlines(outbox, message.id - 1, &outline, 1) == 1);
    outbox_set_lane(outbox, &outline, LANE + 4);
    struct message loaded CLEANUP(message_clear) = load();
    cr_expect(loaded.lane == LANE + 4);
}

Test(outbox_shelf, it_has_gone_into_another)
{
    const struct original original = { .id = message.id,
                                       .lane = LANE,
                                       .rank = message.rank,
                                       .uid = message.uid,
                                       .content_bytes = message.content_bytes };
    struct message whole = contract_message(LANE);
    whole.kind = MESSAGE_DIGEST;
    whole.rank = message.rank;
    outbox_fold(outbox, &whole, &original, 1, 900);
    struct message loaded CLEANUP(message_clear) = load();
    cr_expect(loaded.state == MESSAGE_FOLDED && loaded.into_id == whole.id);
}

/* What is compared with is read of the store itself. */
Test(outbox_shelf, what_is_expected_is_as_it_was_added)
{
    struct message added = contract_message(LANE), stored;
    added.kind = MESSAGE_UPDATE;
    added.target_id = message.id;
    added.remote_id = contract_text("17");
    added.metadata = contract_text("{}");
    outbox_add(outbox, &added);
    cr_assert(outbox_load(outbox, added.id, &stored));
    outbox_expect(outbox, &added);
    struct message expected CLEANUP(message_clear) = { 0 };
    cr_assert(outbox_load(outbox, added.id, &expected));
    cr_expect(expected.id == stored.id && expected.lane == stored.lane);
    cr_expect(expected.rank == stored.rank && expected.state == stored.state);
    cr_expect(expected.kind == stored.kind && expected.target_id == stored.target_id);
    cr_expect(expected.content_bytes == stored.content_bytes);
    cr_expect(expected.booked_bytes == stored.booked_bytes);
    cr_expect_str_eq(expected.stamp, stored.stamp);
    cr_expect_str_eq(expected.content, stored.content);
    cr_expect_str_eq(expected.remote_id, stored.remote_id);
    cr_expect_str_eq(expected.metadata, stored.metadata);
    message_clear(&stored);
}

Test(outbox_shelf, it_is_not_there_after_a_failure)
{
    struct message other = contract_message(LANE), loaded;
    other.id = 999;
    outbox_move(outbox, &other, MESSAGE_DEAD);
    cr_assert(outbox_failure(outbox) != NULL);
    outbox_expect(outbox, &message);
    cr_expect(!outbox_load(outbox, message.id, &loaded));
    cr_expect(loaded.id == 0);
}
