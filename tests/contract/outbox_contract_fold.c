/*
 * outbox_contract_fold.c - several in one, and apart again
 */
#include "tests/contract/outbox_contract.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(outbox_fold, .init = store_make, .fini = store_remove);

enum { LANE = 4, MOST = 1000 };

struct run {
    struct original originals[MOST];
    size_t count, most;
};

static bool keep(void *context, struct message *message)
{
    struct run *run = context;
    run->originals[run->count++] = (struct original){ .id = message->id,
                                                      .lane = message->lane,
                                                      .rank = message->rank,
                                                      .uid = message->uid,
                                                      .content_bytes = message->content_bytes,
                                                      .expires_at = message->expires_at };
    return run->count < run->most;
}

static void add_of(struct outbox *outbox, int64_t uid, const char *content, msec_t expires_at)
{
    struct message message = contract_message(LANE);
    message.uid = uid;
    message.content = contract_text(content);
    message.content_bytes = strlen(content);
    message.expires_at = expires_at;
    outbox_add(outbox, &message);
}

/* The first `most` of the lane go into one; its id. */
static int64_t fold_first(struct outbox *outbox, size_t most)
{
    struct run *run = calloc(1, sizeof *run);
    run->most = most;
    outbox_waiting(outbox, LANE, MOST, keep, run);
    struct message whole = contract_message(LANE);
    whole.kind = MESSAGE_DIGEST;
    whole.uid = RELAY_UID;
    whole.rank = run->originals[run->count - 1].rank;
    outbox_fold(outbox, &whole, run->originals, run->count, 5000);
    free(run);
    return whole.id;
}

static struct message loaded(struct outbox *outbox, int64_t id)
{
    struct message message;
    cr_assert(outbox_load(outbox, id, &message));
    return message;
}

static struct tally_sum booked(struct outbox *outbox, int64_t uid, enum message_state state)
{
    return tally_sum(outbox_tally(outbox), LANE, uid, state);
}

Test(outbox_fold, what_waits_is_given_whole_and_in_order)
{
    struct outbox *outbox = contract_open();
    struct message late = contract_message(LANE);
    late.rank = 50;
    outbox_add(outbox, &late);
    add_of(outbox, 7, "seven", 700);
    contract_add(outbox, 5, MESSAGE_PENDING);
    contract_add(outbox, LANE, MESSAGE_HELD);

    struct run *run = calloc(1, sizeof *run);
    run->most = MOST;
    outbox_waiting(outbox, LANE, MOST, keep, run);
    cr_assert(run->count == 2);
    cr_expect(run->originals[0].id == 2 && run->originals[0].uid == 7 &&
              run->originals[0].content_bytes == 5 && run->originals[0].expires_at == 700);
    cr_expect(run->originals[1].id == 1 && run->originals[1].rank == 50);
    run->count = 0;
    outbox_waiting(outbox, LANE, 1, keep, run);
    cr_expect(run->count == 1);
    run->count = 0;
    run->most = 1;
    outbox_waiting(outbox, LANE, MOST, keep, run);
    cr_expect(run->count == 1, "no further than it is wanted");
    free(run);
    outbox_close(outbox);
}

Test(outbox_fold, several_become_one_in_their_place)
{
    struct outbox *outbox = contract_open();
    add_of(outbox, 7, "one", 0);
    add_of(outbox, 8, "three", 900);
    contract_add(outbox, 5, MESSAGE_PENDING);
    add_of(outbox, 7, "seventeen", 0);
    int64_t whole = fold_first(outbox, 2);
    contract_commit(outbox);
    contract_reopen(&outbox);

    struct head heads[4];
    cr_assert(outbox_heads(outbox, LANE, 0, heads, 4) == 2);
    cr_expect(heads[0].id == whole && heads[0].rank == 2 && heads[1].id == 4);
    struct message first = loaded(outbox, 1), last = loaded(outbox, 4);
    cr_expect(first.state == MESSAGE_FOLDED && first.into_id == whole && first.ended_at == 5000);
    cr_expect(last.state == MESSAGE_PENDING && last.into_id == 0);
    message_clear(&first);
    message_clear(&last);
    int64_t ids[4];
    msec_t next_at = 0;
    cr_expect(outbox_originals(outbox, whole, 0, ids, 4) == 2 && ids[0] == 1 && ids[1] == 2);
    cr_expect(outbox_expired(outbox, 1000, ids, 4, &next_at) == 0, "it has ended");
    outbox_close(outbox);
}

Test(outbox_fold, the_books_have_each_of_them_and_the_whole)
{
    struct outbox *outbox = contract_open();
    add_of(outbox, 7, "one", 0);
    add_of(outbox, 8, "three", 0);
    add_of(outbox, 7, "seventeen", 0);
    fold_first(outbox, MOST);
    for (int i = 0; i < 2; i++) {
        cr_expect(booked(outbox, 7, MESSAGE_FOLDED).messages == 2);
        cr_expect(booked(outbox, 7, MESSAGE_FOLDED).bytes == 12);
        cr_expect(booked(outbox, 8, MESSAGE_FOLDED).messages == 1);
        cr_expect(booked(outbox, 7, MESSAGE_PENDING).messages == 0);
        cr_expect(booked(outbox, RELAY_UID, MESSAGE_PENDING).messages == 1);
        cr_expect(booked(outbox, RELAY_UID, MESSAGE_PENDING).bytes == 9);
        contract_commit(outbox);
        contract_reopen(&outbox);
    }
    outbox_close(outbox);
}

static void end(struct outbox *outbox, int64_t id)
{
    struct message whole = loaded(outbox, id);
    whole.ended_at = 6000;
    outbox_move(outbox, &whole, MESSAGE_CANCELLED);
    cr_expect(outbox_unfold(outbox, &whole) == 600);
    message_clear(&whole);
}

Test(outbox_fold, unfolded_they_are_as_they_were)
{
    struct outbox *outbox = contract_open();
    add_of(outbox, 7, "one", 0);
    add_of(outbox, 8, "three", 900);
    add_of(outbox, 8, "three", 600);
    add_of(outbox, 7, "not in it", 500);
    int64_t whole = fold_first(outbox, 3);
    contract_commit(outbox);
    end(outbox, whole);
    contract_commit(outbox);
    contract_reopen(&outbox);

    struct head heads[8];
    cr_assert(outbox_heads(outbox, LANE, 0, heads, 8) == 4);
    for (size_t i = 0; i < 4; i++)
        cr_expect(heads[i].id == (int64_t)i + 1 && heads[i].rank == (int64_t)i + 1);
    struct message first = loaded(outbox, 1);
    cr_expect(first.state == MESSAGE_PENDING && first.into_id == 0 && first.ended_at == 0);
    cr_expect_str_eq(first.content, "one");
    message_clear(&first);
    cr_expect(booked(outbox, 8, MESSAGE_PENDING).messages == 2);
    cr_expect(booked(outbox, 8, MESSAGE_FOLDED).messages == 0);
    cr_expect(booked(outbox, RELAY_UID, MESSAGE_CANCELLED).messages == 1);
    outbox_close(outbox);
}

Test(outbox_fold, they_come_back_where_the_whole_has_been_moved)
{
    struct outbox *outbox = contract_open();
    add_of(outbox, 7, "one", 0);
    add_of(outbox, 7, "two", 600);
    int64_t id = fold_first(outbox, 2);
    struct outline outline;
    cr_assert(outbox_outlines(outbox, id - 1, &outline, 1) == 1);
    outbox_set_lane(outbox, &outline, 9);
    end(outbox, id);
    struct head heads[4];
    cr_expect(outbox_heads(outbox, 9, 0, heads, 4) == 2);
    cr_expect(tally_sum(outbox_tally(outbox), 9, 7, MESSAGE_PENDING).messages == 2);
    cr_expect(booked(outbox, 7, MESSAGE_FOLDED).messages == 0);
    contract_commit(outbox);
    outbox_close(outbox);
}

Test(outbox_fold, what_is_not_committed_never_was)
{
    struct outbox *outbox = contract_open();
    add_of(outbox, 7, "one", 0);
    add_of(outbox, 7, "two", 600);
    contract_commit(outbox);
    int64_t whole = fold_first(outbox, 2);
    contract_reopen(&outbox);
    struct message message;
    cr_expect_not(outbox_load(outbox, whole, &message));
    cr_expect(booked(outbox, 7, MESSAGE_PENDING).messages == 2);
    struct head heads[4];
    cr_expect(outbox_heads(outbox, LANE, 0, heads, 4) == 2);

    whole = fold_first(outbox, 2);
    contract_commit(outbox);
    end(outbox, whole);
    contract_reopen(&outbox);
    cr_expect(outbox_heads(outbox, LANE, 0, heads, 4) == 1 && heads[0].id == whole);
    cr_expect(booked(outbox, 7, MESSAGE_FOLDED).messages == 2);
    outbox_close(outbox);
}

Test(outbox_fold, a_thousand_are_a_turn_s_worth)
{
    struct outbox *outbox = contract_open();
    for (int i = 0; i < MOST; i++)
        add_of(outbox, i % 3, "x", i == 500 ? 600 : 0);
    contract_commit(outbox);
    int64_t whole = fold_first(outbox, MOST);
    cr_expect(outbox_changes(outbox) == OUTBOX_MOST_ORIGINALS);
    contract_commit(outbox);
    cr_expect(booked(outbox, 0, MESSAGE_FOLDED).messages == 334);
    end(outbox, whole);
    cr_expect(outbox_changes(outbox) == OUTBOX_MOST_ORIGINALS + 1);
    contract_commit(outbox);
    cr_expect(booked(outbox, TALLY_ANY, MESSAGE_PENDING).messages == MOST);
    outbox_close(outbox);
}
