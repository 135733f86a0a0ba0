/*
 * outbox_contract_line.c - whatever became of the others, what is pending is found in order
 *
 * An engine may remember where a lane's pending messages begin. So messages leave
 * the lane by its front here, very many of them, and others come back to it.
 */
#include "tests/contract/outbox_contract.h"

#include <criterion/criterion.h>

TestSuite(outbox_line, .init = store_make, .fini = store_remove);

enum { LANE = 4, OTHER = 5, LANES = 2, ORIGINALS = 3, SENT_SINCE = 100 };

/* So many come and go: the lane begins far behind where it began. */
static void pass(struct outbox *outbox, size_t count)
{
    for (size_t i = 0; i < count; i++)
        contract_send(outbox, contract_add(outbox, LANE, MESSAGE_PENDING));
}

static int64_t first_of(struct outbox *outbox, lane_id lane)
{
    struct head head = { 0 };
    struct message message;
    lane_id lanes[LANES] = { 0 };
    size_t count = outbox_heads(outbox, lane, 0, &head, 1);
    size_t busy = outbox_lanes(outbox, lane - 1, lanes, LANES);
    cr_expect(count == (busy > 0 && lanes[0] == lane));
    cr_expect(outbox_ahead(outbox, lane, INT64_MAX, 1) == count);
    if (count == 0)
        return 0;
    cr_assert(outbox_load(outbox, head.id, &message) && message.state == MESSAGE_PENDING);
    message_clear(&message);
    return head.id;
}

Test(outbox_line, one_that_is_released_is_first_again)
{
    struct outbox *outbox = contract_open();
    int64_t id = contract_add(outbox, LANE, MESSAGE_HELD);
    struct message message;
    cr_assert(outbox_load(outbox, id, &message));
    message.rank = id;
    pass(outbox, SENT_SINCE);
    cr_expect(first_of(outbox, LANE) == 0);
    int64_t last = contract_add(outbox, LANE, MESSAGE_PENDING);
    cr_expect(first_of(outbox, LANE) == last);
    outbox_move(outbox, &message, MESSAGE_PENDING);
    cr_expect(first_of(outbox, LANE) == id);
    contract_commit(outbox);
    contract_reopen(&outbox);
    cr_expect(first_of(outbox, LANE) == id);
    message_clear(&message);
    outbox_close(outbox);
}

Test(outbox_line, one_whose_attempt_ends_later_than_others_is_first_again)
{
    struct outbox *outbox = contract_open();
    int64_t id = contract_add(outbox, LANE, MESSAGE_PENDING);
    struct message message;
    cr_assert(outbox_load(outbox, id, &message));
    struct attempt attempt = { .message = id, .number = ++message.attempts, .began_at = 1 };
    message.doubted_at = 1;
    outbox_begin(outbox, &message, &attempt);
    outbox_move(outbox, &message, MESSAGE_HELD);
    pass(outbox, SENT_SINCE);
    message.doubted_at = 0;
    outbox_end(outbox, &message, MESSAGE_PENDING, &attempt);
    cr_expect(first_of(outbox, LANE) == id);
    message_clear(&message);
    outbox_close(outbox);
}

Test(outbox_line, one_that_is_added_with_an_older_rank_is_first)
{
    struct outbox *outbox = contract_open();
    int64_t rank = outbox_next_number(outbox);
    pass(outbox, SENT_SINCE);
    contract_add(outbox, LANE, MESSAGE_PENDING);
    struct message message = contract_message(LANE);
    message.rank = rank;
    outbox_add(outbox, &message);
    cr_expect(first_of(outbox, LANE) == message.id);
    outbox_close(outbox);
}

Test(outbox_line, those_that_come_out_of_another_are_first_again)
{
    struct outbox *outbox = contract_open();
    struct original originals[ORIGINALS] = { 0 };
    struct message whole = contract_message(LANE), loaded;
    for (size_t i = 0; i < ORIGINALS; i++) {
        int64_t id = contract_add(outbox, LANE, MESSAGE_PENDING);
        originals[i] = (struct original){ .id = id, .lane = LANE, .rank = id, .content_bytes = 9 };
    }
    whole.rank = originals[ORIGINALS - 1].rank;
    outbox_fold(outbox, &whole, originals, ORIGINALS, 5000);
    contract_move(outbox, whole.id, MESSAGE_CANCELLED);
    pass(outbox, SENT_SINCE);
    cr_assert(outbox_load(outbox, whole.id, &loaded));
    outbox_unfold(outbox, &loaded);
    cr_expect(first_of(outbox, LANE) == originals[0].id);
    message_clear(&loaded);
    outbox_close(outbox);
}

Test(outbox_line, one_from_another_lane_takes_its_place_by_rank)
{
    struct outbox *outbox = contract_open();
    struct outline outline;
    int64_t id = contract_add(outbox, OTHER, MESSAGE_PENDING);
    pass(outbox, SENT_SINCE);
    contract_add(outbox, LANE, MESSAGE_PENDING);
    cr_assert(outbox_outlines(outbox, id - 1, &outline, 1) == 1 && outline.id == id);
    outbox_set_lane(outbox, &outline, LANE);
    cr_expect(first_of(outbox, LANE) == id);
    cr_expect(first_of(outbox, OTHER) == 0);
    outbox_close(outbox);
}

Test(outbox_line, one_from_aside_comes_to_another_lane_and_waits_for_its_release)
{
    struct outbox *outbox = contract_open();
    struct outline outline;
    int64_t id = contract_add(outbox, OTHER, MESSAGE_HELD);
    pass(outbox, SENT_SINCE);
    int64_t last = contract_add(outbox, LANE, MESSAGE_PENDING);
    cr_assert(outbox_outlines(outbox, id - 1, &outline, 1) == 1 && outline.id == id);
    outbox_set_lane(outbox, &outline, LANE);
    cr_expect(first_of(outbox, LANE) == last);
    contract_release(outbox, id);
    cr_expect(first_of(outbox, LANE) == id);
    outbox_close(outbox);
}

/* Steps, each in a turn of its own, until there is no more. Returns how many changed anything. */
static size_t clear_lines(struct outbox *outbox)
{
    size_t steps = 0;
    lane_id after = -1;
    while (outbox_clear_lines(outbox, &after)) {
        cr_assert(++steps < SENT_SINCE, "it never ends");
        contract_commit(outbox);
    }
    return steps;
}

Test(outbox_line, whose_line_was_cleared_has_lost_nobody)
{
    struct outbox *outbox = contract_open();
    int64_t held = contract_add(outbox, LANE, MESSAGE_HELD);
    int64_t other = contract_add(outbox, OTHER, MESSAGE_PENDING);
    pass(outbox, OUTBOX_LINE_PLACES + 2 * OUTBOX_LINE_STEP);
    int64_t last = contract_add(outbox, LANE, MESSAGE_PENDING);
    contract_commit(outbox);
    clear_lines(outbox);
    cr_expect(outbox_changes(outbox) == 0);
    cr_expect(first_of(outbox, LANE) == last);
    cr_expect(first_of(outbox, OTHER) == other);
    contract_release(outbox, held);
    cr_expect(first_of(outbox, LANE) == held);
    contract_send(outbox, held);
    cr_expect(first_of(outbox, LANE) == last);
    contract_commit(outbox);
    contract_reopen(&outbox);
    cr_expect(first_of(outbox, LANE) == last);
    clear_lines(outbox);
    cr_expect(clear_lines(outbox) == 0, "there is nothing left to do");
    cr_expect(outbox_changes(outbox) == 0);
    outbox_close(outbox);
}

Test(outbox_line, one_that_others_overtake_stays_the_first)
{
    struct outbox *outbox = contract_open();
    int64_t id = contract_add(outbox, LANE, MESSAGE_PENDING);
    pass(outbox, SENT_SINCE);
    cr_expect(first_of(outbox, LANE) == id);
    outbox_close(outbox);
}

Test(outbox_line, what_was_sent_is_found_no_more)
{
    struct outbox *outbox = contract_open();
    struct head heads[SENT_SINCE];
    for (size_t i = 0; i < SENT_SINCE; i++)
        contract_add(outbox, LANE + (lane_id)(i % LANES), MESSAGE_PENDING);
    for (size_t left = SENT_SINCE / LANES; left > 0; left--) {
        cr_expect(outbox_heads(outbox, LANE, 0, heads, SENT_SINCE) == left);
        cr_expect(outbox_ahead(outbox, LANE, INT64_MAX, SENT_SINCE) == left);
        contract_send(outbox, heads[0].id);
    }
    cr_expect(first_of(outbox, LANE) == 0);
    cr_expect(first_of(outbox, OTHER) != 0);
    outbox_close(outbox);
}
