/*
 * outbox_contract_find.c - what waits, and in which order it is found
 */
#include "base/memory.h"
#include "tests/contract/outbox_contract.h"

#include <criterion/criterion.h>

TestSuite(outbox_find, .init = store_make, .fini = store_remove);

/* ---- lanes ---------------------------------------------------------------------------------- */

Test(outbox_find, heads_are_a_lane_s_pending_messages_by_rank)
{
    struct outbox *outbox = contract_open();
    struct message late = contract_message(4), early = contract_message(4);
    late.rank = 50;
    late.expires_at = 700;
    late.doubted_at = 600;
    late.doubted_place = 5;
    late.kind = MESSAGE_UPDATE;
    outbox_add(outbox, &late);
    contract_add(outbox, 5, MESSAGE_PENDING);
    contract_add(outbox, 4, MESSAGE_HELD);
    contract_add(outbox, 4, MESSAGE_SENT);
    contract_add(outbox, 4, MESSAGE_SCHEDULED);
    outbox_add(outbox, &early);

    struct head heads[4];
    cr_assert(outbox_heads(outbox, 4, 0, heads, 4) == 2);
    cr_expect(heads[0].id == early.id && heads[0].rank == early.id);
    cr_expect(heads[0].expires_at == 0 && heads[0].doubted_at == 0);
    cr_expect(heads[1].id == late.id && heads[1].rank == 50 && heads[1].expires_at == 700);
    cr_expect(heads[1].doubted_at == 600 && heads[1].doubted_place == 5);
    cr_expect(heads[0].kind == MESSAGE_SEND && heads[1].kind == MESSAGE_UPDATE);
    cr_expect(heads[1].content_bytes == 9);

    cr_expect(outbox_heads(outbox, 4, 0, heads, 1) == 1 && heads[0].id == early.id);
    cr_expect(outbox_heads(outbox, 4, early.rank, heads, 4) == 1 && heads[0].id == late.id);
    cr_expect(outbox_heads(outbox, 4, 50, heads, 4) == 0);
    cr_expect(outbox_heads(outbox, 6, 0, heads, 4) == 0);
    outbox_close(outbox);
}

Test(outbox_find, a_message_leaves_its_lane_and_comes_back)
{
    struct outbox *outbox = contract_open();
    int64_t id = contract_add(outbox, 4, MESSAGE_PENDING);
    struct head head;
    contract_move(outbox, id, MESSAGE_HELD);
    cr_expect(outbox_heads(outbox, 4, 0, &head, 1) == 0);
    contract_move(outbox, id, MESSAGE_PENDING);
    cr_expect(outbox_heads(outbox, 4, 0, &head, 1) == 1);
    contract_move(outbox, id, MESSAGE_DEAD);
    cr_expect(outbox_heads(outbox, 4, 0, &head, 1) == 0);
    contract_move(outbox, id, MESSAGE_PENDING);
    cr_expect(outbox_heads(outbox, 4, 0, &head, 1) == 1);
    outbox_close(outbox);
}

Test(outbox_find, lanes_with_pending_messages_rise)
{
    struct outbox *outbox = contract_open();
    lane_id lanes[8];
    cr_expect(outbox_lanes(outbox, -1, lanes, 8) == 0);

    static const lane_id busy[] = { 12, 4, 8, 4, 5, 12 };
    for (size_t i = 0; i < sizeof busy / sizeof *busy; i++)
        contract_add(outbox, busy[i], MESSAGE_PENDING);
    contract_add(outbox, 6, MESSAGE_HELD);
    contract_add(outbox, 0, MESSAGE_PENDING);

    cr_assert(outbox_lanes(outbox, -1, lanes, 8) == 5);
    cr_expect(lanes[0] == 0 && lanes[1] == 4 && lanes[2] == 5 && lanes[3] == 8 && lanes[4] == 12);
    cr_assert(outbox_lanes(outbox, 4, lanes, 2) == 2);
    cr_expect(lanes[0] == 5 && lanes[1] == 8);
    cr_expect(outbox_lanes(outbox, 12, lanes, 8) == 0);
    outbox_close(outbox);
}

/* ---- what went into what -------------------------------------------------------------------- */

static int64_t add_folded(struct outbox *outbox, int64_t into_id)
{
    struct message message = contract_message(4);
    message.state = MESSAGE_FOLDED;
    message.into_id = into_id;
    outbox_add(outbox, &message);
    return message.id;
}

Test(outbox_find, the_originals_of_a_message_rise)
{
    struct outbox *outbox = contract_open();
    int64_t whole = contract_add(outbox, 4, MESSAGE_PENDING), ids[4];
    int64_t other = contract_add(outbox, 4, MESSAGE_PENDING);
    cr_expect(outbox_originals(outbox, whole, 0, ids, 4) == 0);
    int64_t first = add_folded(outbox, whole);
    add_folded(outbox, other);
    int64_t second = add_folded(outbox, whole);

    cr_assert(outbox_originals(outbox, whole, 0, ids, 4) == 2);
    cr_expect(ids[0] == first && ids[1] == second);
    cr_expect(outbox_originals(outbox, whole, 0, ids, 1) == 1 && ids[0] == first);
    cr_expect(outbox_originals(outbox, whole, first, ids, 4) == 1 && ids[0] == second);
    cr_expect(outbox_originals(outbox, whole, second, ids, 4) == 0);
    outbox_close(outbox);
}

static int64_t whole_of(struct outbox *outbox, int64_t id)
{
    struct message message = { .id = id }, whole;
    int64_t found = outbox_load_whole(outbox, &message, &whole) ? whole.id : 0;
    message_clear(&whole);
    return found;
}

Test(outbox_find, the_whole_of_a_message_is_what_it_went_into_at_last)
{
    struct outbox *outbox = contract_open();
    int64_t digest = contract_add(outbox, 4, MESSAGE_SENT);
    int64_t middle = add_folded(outbox, digest), first = add_folded(outbox, middle);
    cr_expect(whole_of(outbox, digest) == digest);
    cr_expect(whole_of(outbox, middle) == digest);
    cr_expect(whole_of(outbox, first) == digest);
    cr_expect(whole_of(outbox, add_folded(outbox, 4711)) == 0);
    outbox_close(outbox);
}

/* ---- what has come due ---------------------------------------------------------------------- */

static int64_t add_timed(struct outbox *outbox, enum message_state state, msec_t due_at,
                         msec_t expires_at)
{
    struct message message = contract_message(4);
    message.state = state;
    message.due_at = due_at;
    message.expires_at = expires_at;
    outbox_add(outbox, &message);
    return message.id;
}

Test(outbox_find, due_messages_come_earliest_first)
{
    struct outbox *outbox = contract_open();
    int64_t ids[4];
    msec_t next_at = 0;
    cr_expect(outbox_due(outbox, 1000, ids, 4, &next_at) == 0 && next_at == MSEC_NEVER);

    int64_t third = add_timed(outbox, MESSAGE_SCHEDULED, 300, 0);
    int64_t first = add_timed(outbox, MESSAGE_SCHEDULED, 100, 0);
    int64_t second = add_timed(outbox, MESSAGE_SCHEDULED, 100, 0);
    add_timed(outbox, MESSAGE_PENDING, 50, 0);

    cr_expect(outbox_due(outbox, 99, ids, 4, &next_at) == 0 && next_at == 100);
    cr_assert(outbox_due(outbox, 100, ids, 4, &next_at) == 2 && next_at == 300);
    cr_expect(ids[0] == first && ids[1] == second);
    cr_assert(outbox_due(outbox, 300, ids, 4, &next_at) == 3 && next_at == MSEC_NEVER);
    cr_expect(ids[2] == third);
    cr_expect(outbox_due(outbox, 300, ids, 1, &next_at) == 1 && next_at == 100);

    contract_move(outbox, first, MESSAGE_PENDING);
    cr_expect(outbox_due(outbox, 100, ids, 4, &next_at) == 1 && ids[0] == second);
    outbox_close(outbox);
}

Test(outbox_find, expired_are_the_waiting_ones_in_no_doubt)
{
    struct outbox *outbox = contract_open();
    int64_t ids[4];
    msec_t next_at = 0;
    int64_t held = add_timed(outbox, MESSAGE_HELD, 0, 300);
    int64_t scheduled = add_timed(outbox, MESSAGE_SCHEDULED, 500, 200);
    int64_t pending = add_timed(outbox, MESSAGE_PENDING, 0, 100);
    add_timed(outbox, MESSAGE_SENT, 0, 50);
    add_timed(outbox, MESSAGE_PENDING, 0, 0);

    cr_expect(outbox_expired(outbox, 99, ids, 4, &next_at) == 0 && next_at == 100);
    cr_assert(outbox_expired(outbox, 300, ids, 4, &next_at) == 3 && next_at == MSEC_NEVER);
    cr_expect(ids[0] == pending && ids[1] == scheduled && ids[2] == held);
    cr_assert(outbox_expired(outbox, 250, ids, 4, &next_at) == 2 && next_at == 300);

    struct message message;
    cr_assert(outbox_load(outbox, pending, &message));
    message.doubted_at = 90;
    struct attempt attempt = { .message = pending, .number = 1, .began_at = 90 };
    outbox_begin(outbox, &message, &attempt);
    cr_expect(outbox_expired(outbox, 150, ids, 4, &next_at) == 0 && next_at == 200);
    message.doubted_at = 0;
    outbox_end(outbox, &message, MESSAGE_PENDING, &attempt);
    cr_expect(outbox_expired(outbox, 150, ids, 4, &next_at) == 1 && ids[0] == pending);
    message_clear(&message);
    outbox_close(outbox);
}

/* ---- by name -------------------------------------------------------------------------------- */

Test(outbox_find, a_key_belongs_to_its_user)
{
    struct outbox *outbox = contract_open();
    struct message mine = contract_message(4), theirs = contract_message(4), found;
    mine.once = theirs.once = contract_text("nightly");
    theirs.uid = 7;
    outbox_add(outbox, &mine);
    outbox_add(outbox, &theirs);
    contract_commit(outbox);

    cr_assert(outbox_find_once(outbox, 7, "nightly", &found));
    cr_expect(found.id == theirs.id);
    cr_expect_str_eq(found.content, "disk full");
    message_clear(&found);
    cr_expect(!outbox_find_once(outbox, 8, "nightly", &found));
    cr_expect(!outbox_find_once(outbox, 7, "weekly", &found));
    outbox_close(outbox);
}

Test(outbox_find, a_key_can_be_let_go_and_used_again)
{
    struct outbox *outbox = contract_open();
    struct message first = contract_message(4), second = contract_message(4), found;
    first.once = second.once = contract_text("nightly");
    outbox_add(outbox, &first);
    outbox_forget_once(outbox, first.id);
    outbox_add(outbox, &second);
    contract_commit(outbox);
    outbox_move(outbox, &first, MESSAGE_SENT); /* a copy from before, with the key */
    contract_commit(outbox);

    cr_assert(outbox_find_once(outbox, 1000, "nightly", &found));
    cr_expect(found.id == second.id);
    message_clear(&found);
    outbox_close(outbox);
}

Test(outbox_find, a_fold_finds_the_last_that_waits_in_no_doubt)
{
    struct outbox *outbox = contract_open();
    struct message messages[5], found;
    for (size_t i = 0; i < 5; i++) {
        messages[i] = contract_message(i == 4 ? 5 : 4);
        messages[i].fold = contract_text("load");
        messages[i].rank = 100 - (int64_t)i;
        messages[i].doubted_at = i == 0 ? 1 : 0;
        messages[i].state = i == 1 ? MESSAGE_HELD : MESSAGE_PENDING;
        outbox_add(outbox, &messages[i]);
    }
    cr_assert(outbox_find_fold(outbox, 4, 1000, "load", &found));
    cr_expect(found.id == messages[2].id);
    message_clear(&found);
    cr_expect(!outbox_find_fold(outbox, 4, 1001, "load", &found));
    cr_expect(!outbox_find_fold(outbox, 4, 1000, "disk", &found));
    cr_expect(!outbox_find_fold(outbox, 6, 1000, "load", &found));
    outbox_close(outbox);
}

/* ---- lists ---------------------------------------------------------------------------------- */

struct listed {
    int64_t ids[16];
    size_t count;
};

static bool keep_id(void *context, const struct message *message)
{
    struct listed *listed = context;
    cr_assert(listed->count < 16);
    listed->ids[listed->count++] = message->id;
    return true;
}

static bool keep_two(void *context, const struct message *message)
{
    const struct listed *listed = context;
    return keep_id(context, message) && listed->count < 2;
}

static const struct outbox_filter all = { .thread = -1, .uid = -1, .priority = -1 };

Test(outbox_find, a_list_is_read_in_pages)
{
    struct outbox *outbox = contract_open();
    for (int i = 0; i < 5; i++)
        contract_add(outbox, 4, MESSAGE_PENDING);

    struct listed listed = { .count = 0 };
    cr_expect(outbox_list(outbox, &all, 0, 3, keep_id, &listed) == 3);
    cr_expect(listed.count == 3 && listed.ids[2] == 3);
    cr_expect(outbox_list(outbox, &all, 3, 3, keep_id, &listed) == 0);
    cr_expect(listed.count == 5 && listed.ids[4] == 5);
    outbox_close(outbox);
}

Test(outbox_find, a_list_ends_when_no_more_is_wanted)
{
    struct outbox *outbox = contract_open();
    contract_add(outbox, 4, MESSAGE_PENDING);
    contract_add(outbox, 4, MESSAGE_PENDING);
    struct listed listed = { .count = 0 };
    cr_expect(outbox_list(outbox, &all, 0, 16, keep_two, &listed) == 0, "that was all of it");

    for (int i = 0; i < 3; i++)
        contract_add(outbox, 4, MESSAGE_PENDING);
    listed.count = 0;
    cr_expect(outbox_list(outbox, &all, 0, 16, keep_two, &listed) == 2);
    cr_expect(listed.count == 2 && listed.ids[1] == 2);
    outbox_close(outbox);
}

Test(outbox_find, a_list_whose_last_page_is_full_has_no_more)
{
    struct outbox *outbox = contract_open();
    for (int i = 0; i < 4; i++)
        contract_add(outbox, 4, MESSAGE_PENDING);
    contract_add(outbox, 4, MESSAGE_HELD);

    struct listed listed = { .count = 0 };
    cr_expect(outbox_list(outbox, &all, 0, 5, keep_id, &listed) == 0);
    struct outbox_filter pending = all;
    pending.states = outbox_state_bit(MESSAGE_PENDING);
    cr_expect(outbox_list(outbox, &pending, 0, 3, keep_id, &listed) == 3);
    cr_expect(outbox_list(outbox, &pending, 3, 1, keep_id, &listed) == 0);
    cr_expect(outbox_list(outbox, &pending, 0, 4, keep_id, &listed) == 0);
    cr_expect(listed.count == 5 + 3 + 1 + 4);
    outbox_close(outbox);
}

static size_t count_with(struct outbox *outbox, struct outbox_filter filter, int64_t *first)
{
    struct listed listed = { .count = 0 };
    outbox_list(outbox, &filter, 0, 16, keep_id, &listed);
    *first = listed.ids[0];
    return listed.count;
}

Test(outbox_find, a_filter_keeps_what_it_asks_for)
{
    struct outbox *outbox = contract_open();
    struct message messages[4];
    for (int i = 0; i < 4; i++) {
        messages[i] = contract_message(lane_of(1, PRIORITY_NORMAL));
        messages[i].accepted_at = 100;
    }
    messages[0].lane = lane_of(2, PRIORITY_NORMAL);
    messages[1].lane = lane_of(1, PRIORITY_BULK);
    messages[1].accepted_at = 50;
    messages[2].uid = 0;
    messages[3].state = MESSAGE_SCHEDULED;
    for (int i = 0; i < 4; i++)
        outbox_add(outbox, &messages[i]);

    struct outbox_filter filter = all;
    int64_t first = 0;
    cr_expect(count_with(outbox, filter, &first) == 4);
    filter.thread = 2;
    cr_expect(count_with(outbox, filter, &first) == 1 && first == 1);
    filter = all;
    filter.priority = PRIORITY_BULK;
    cr_expect(count_with(outbox, filter, &first) == 1 && first == 2);
    filter = all;
    filter.uid = 0;
    cr_expect(count_with(outbox, filter, &first) == 1 && first == 3);
    filter = all;
    filter.states = outbox_state_bit(MESSAGE_SCHEDULED);
    cr_expect(count_with(outbox, filter, &first) == 1 && first == 4);
    filter = all;
    filter.accepted_before = 100;
    cr_expect(count_with(outbox, filter, &first) == 1 && first == 2);
    outbox_close(outbox);
}

static void wish(struct outbox *outbox, int64_t id, const char *words)
{
    struct message message;
    cr_assert(outbox_load(outbox, id, &message));
    message.wish = xstrdup(words);
    outbox_move(outbox, &message, message.state);
    message_clear(&message);
}

Test(outbox_find, pending_messages_with_a_wish_can_be_asked_for_besides)
{
    struct outbox *outbox = contract_open();
    int64_t first = 0;
    for (int i = 0; i < 4; i++)
        contract_add(outbox, lane_of(1 + i / 3, PRIORITY_NORMAL), MESSAGE_PENDING);
    contract_move(outbox, 1, MESSAGE_HELD);
    wish(outbox, 3, "hold by root");
    wish(outbox, 4, "cancel by root");

    struct outbox_filter filter = all;
    filter.states = outbox_state_bit(MESSAGE_HELD);
    cr_expect(count_with(outbox, filter, &first) == 1 && first == 1);
    filter.or_wished = true;
    cr_expect(count_with(outbox, filter, &first) == 3 && first == 1);
    filter.states = outbox_state_bit(MESSAGE_SENT);
    filter.thread = 1;
    cr_expect(count_with(outbox, filter, &first) == 1 && first == 3);
    outbox_close(outbox);
}

Test(outbox_find, a_list_reads_no_more_than_it_may)
{
    struct outbox *outbox = contract_open();
    for (int i = 0; i < OUTBOX_LIST_READS + 1; i++)
        contract_add(outbox, 4, i < OUTBOX_LIST_READS ? MESSAGE_SENT : MESSAGE_PENDING);

    struct outbox_filter filter = all;
    struct listed listed = { .count = 0 };
    filter.states = outbox_state_bit(MESSAGE_PENDING);
    int64_t next = outbox_list(outbox, &filter, 0, 16, keep_id, &listed);
    cr_expect(next == OUTBOX_LIST_READS && listed.count == 0);
    cr_expect(outbox_list(outbox, &filter, next, 16, keep_id, &listed) == 0);
    cr_expect(listed.count == 1 && listed.ids[0] == OUTBOX_LIST_READS + 1);
    outbox_close(outbox);
}

/* ---- in doubt -------------------------------------------------------------------------------- */

static int64_t add_doubted(struct outbox *outbox, lane_id lane, msec_t doubted_at, char stamp)
{
    struct message message = contract_message(lane);
    message.doubted_at = doubted_at;
    message.stamp[0] = stamp;
    outbox_add(outbox, &message);
    return message.id;
}

Test(outbox_find, a_lane_is_in_doubt_up_to_the_first_message_that_is_not)
{
    struct outbox *outbox = contract_open();
    struct doubted doubted[8];
    add_doubted(outbox, 4, 100, 'a');
    add_doubted(outbox, 5, 100, 'b');
    add_doubted(outbox, 4, 100, 'c');
    contract_move(outbox, add_doubted(outbox, 4, 100, 'd'), MESSAGE_HELD);
    add_doubted(outbox, 4, 100, 'e');
    add_doubted(outbox, 4, 0, 'f');
    add_doubted(outbox, 4, 100, 'g');

    cr_assert(outbox_doubted(outbox, 4, 0, doubted, 8) == 3);
    cr_expect(doubted[0].id == 1 && doubted[0].rank == 1 && doubted[0].stamp[0] == 'a');
    cr_expect(doubted[1].id == 3 && doubted[2].id == 5 && doubted[2].stamp[0] == 'e');
    cr_expect(doubted[2].place == 0 && doubted[2].attempts == 0 && doubted[2].doubted_at == 100);
    cr_expect(outbox_doubted(outbox, 4, 0, doubted, 2) == 2);
    cr_expect(outbox_doubted(outbox, 4, 3, doubted, 8) == 1 && doubted[0].id == 5);
    cr_expect(outbox_doubted(outbox, 4, 5, doubted, 8) == 0);
    cr_expect(outbox_doubted(outbox, 4, 0, doubted, 0) == 0);
    outbox_close(outbox);
}

Test(outbox_find, a_doubt_tells_of_its_attempt)
{
    struct outbox *outbox = contract_open();
    struct doubted doubted;
    int64_t id = add_doubted(outbox, 4, 0, 'a');
    struct message message;
    cr_assert(outbox_load(outbox, id, &message));
    message.attempts = 3;
    message.doubted_at = 200;
    message.doubted_place = 7;
    const struct attempt attempt = { .message = id, .number = 3, .place = 7, .began_at = 200 };
    outbox_begin(outbox, &message, &attempt);
    message_clear(&message);
    cr_assert(outbox_doubted(outbox, 4, 0, &doubted, 1) == 1);
    cr_expect(doubted.place == 7 && doubted.attempts == 3);
    outbox_close(outbox);
}

/* ---- places in a lane ------------------------------------------------------------------------ */

Test(outbox_find, the_place_in_a_lane_is_counted_up_to_a_bound)
{
    struct outbox *outbox = contract_open();
    for (int i = 0; i < 5; i++)
        contract_add(outbox, 4, MESSAGE_PENDING);
    contract_add(outbox, 5, MESSAGE_PENDING);
    contract_move(outbox, 2, MESSAGE_HELD);

    cr_expect(outbox_ahead(outbox, 4, 1, 10) == 0);
    cr_expect(outbox_ahead(outbox, 4, 5, 10) == 3);
    cr_expect(outbox_ahead(outbox, 4, 5, 2) == 2);
    cr_expect(outbox_ahead(outbox, 5, INT64_MAX, 10) == 1);
    cr_expect(outbox_ahead(outbox, 6, INT64_MAX, 10) == 0);
    outbox_close(outbox);
}

Test(outbox_find, a_thread_that_has_no_number_gets_none_by_being_looked_for)
{
    struct outbox *outbox = contract_open();
    int64_t found = 7, number = outbox_thread(outbox, "ops");
    cr_expect(outbox_find_thread(outbox, "ops", &found) && found == number);
    cr_expect_not(outbox_find_thread(outbox, "db", &found));
    cr_expect(outbox_thread(outbox, "db") == number + 1);
    outbox_close(outbox);
}
