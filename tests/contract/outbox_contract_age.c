/*
 * outbox_contract_age.c - what ended long ago goes, what waits stays; and what must move moves
 */
#include "queue/adoption.h"
#include "queue/audit.h"
#include "queue/retention.h"
#include "queue/succession.h"
#include "tests/contract/outbox_contract.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(outbox_age, .init = store_make, .fini = store_remove);

#define HOUR ((msec_t)3600)
#define CONTENT (100 * HOUR)
#define RECORD (1000 * HOUR)
#define ONCE (2000 * HOUR)
static const struct retention_policy policy = { CONTENT, RECORD, ONCE };

/* A message of an hour, in a state since another. */
static int64_t add(struct outbox *outbox, msec_t accepted_at, enum message_state state,
                   msec_t ended_at)
{
    struct message message = contract_message(4);
    message.accepted_at = accepted_at;
    message.metadata = contract_text("{}");
    message.state = state;
    message.ended_at = ended_at;
    outbox_add(outbox, &message);
    return message.id;
}

/* Retention as a daemon does it, until there is nothing more to do for now. */
static void retain(struct outbox *outbox, msec_t now_at)
{
    struct retention retention;
    retention_begin(&retention, outbox);
    while (retention_next_at(&retention) <= now_at) {
        retention_step(&retention, outbox, &policy, now_at);
        cr_assert(outbox_changes(outbox) <= RETENTION_ROWS + 1);
        contract_commit(outbox);
    }
}

enum left { GONE, RECORD_ONLY, WHOLE };

static enum left left_of(struct outbox *outbox, int64_t id)
{
    struct message message;
    if (!outbox_load(outbox, id, &message))
        return GONE;
    enum left left = message.content ? WHOLE : RECORD_ONLY;
    cr_expect((message.metadata != NULL) == (left == WHOLE));
    cr_expect(message.content_bytes == strlen("disk full"));
    message_clear(&message);
    return left;
}

static void expect_balance(struct outbox *outbox)
{
    outbox_audit_begin(outbox);
    while (outbox_audit_step(outbox, 1000))
        ;
    cr_expect(audit_compare(outbox_audit(outbox), outbox_tally(outbox), NULL, 0) == 0);
    outbox_audit_end(outbox);
}

Test(outbox_age, content_goes_first_and_then_the_record)
{
    struct outbox *outbox = contract_open();
    int64_t id = add(outbox, 1 * HOUR, MESSAGE_SENT, 10 * HOUR);
    retain(outbox, 10 * HOUR + CONTENT - 1);
    cr_expect(left_of(outbox, id) == WHOLE);
    retain(outbox, 10 * HOUR + CONTENT);
    cr_expect(left_of(outbox, id) == RECORD_ONLY);
    retain(outbox, 10 * HOUR + RECORD - 1);
    cr_expect(left_of(outbox, id) == RECORD_ONLY);
    retain(outbox, 10 * HOUR + RECORD);
    cr_expect(left_of(outbox, id) == GONE);
    outbox_close(outbox);
}

Test(outbox_age, final_states_are_never_lowered)
{
    struct outbox *outbox = contract_open();
    for (int i = 0; i < 3; i++)
        add(outbox, 1, MESSAGE_SENT, 2);
    add(outbox, 1, MESSAGE_DEAD, 2 + RECORD);
    retain(outbox, 2 + RECORD);

    contract_reopen(&outbox);
    struct tally_sum sent = tally_sum(outbox_tally(outbox), 4, 1000, MESSAGE_SENT);
    cr_expect(sent.messages == 3 && sent.purged == 3);
    cr_expect(sent.bytes == 3 * (int64_t)strlen("disk full") && sent.purged_bytes == sent.bytes);
    struct tally_sum dead = tally_sum(outbox_tally(outbox), 4, 1000, MESSAGE_DEAD);
    cr_expect(dead.messages == 1 && dead.purged == 0);
    expect_balance(outbox);
    cr_expect(add(outbox, 3, MESSAGE_PENDING, 0) == 5, "an id is never given twice");
    outbox_close(outbox);
}

Test(outbox_age, an_audit_under_way_balances)
{
    struct outbox *outbox = contract_open();
    for (int i = 0; i < 20; i++)
        add(outbox, 1, MESSAGE_SENT, 2);
    outbox_audit_begin(outbox);
    cr_assert(outbox_audit_step(outbox, 10));
    retain(outbox, 2 + RECORD);
    while (outbox_audit_step(outbox, 10))
        ;
    cr_expect(audit_compare(outbox_audit(outbox), outbox_tally(outbox), NULL, 0) == 0);
    outbox_close(outbox);
}

Test(outbox_age, what_waits_is_never_touched)
{
    struct outbox *outbox = contract_open();
    int64_t ids[] = { add(outbox, 1, MESSAGE_SCHEDULED, 0), add(outbox, 1, MESSAGE_PENDING, 0),
                      add(outbox, 1, MESSAGE_HELD, 0) };
    int64_t last = add(outbox, 1, MESSAGE_EXPIRED, 1);
    retain(outbox, 10LL * RECORD);
    for (size_t i = 0; i < 3; i++)
        cr_expect(left_of(outbox, ids[i]) == WHOLE);
    cr_expect(left_of(outbox, last) == GONE);

    /* They are come back to, when they have ended. */
    contract_move(outbox, ids[2], MESSAGE_PENDING);
    struct message message;
    cr_assert(outbox_load(outbox, ids[2], &message));
    message.ended_at = 11LL * RECORD;
    outbox_move(outbox, &message, MESSAGE_SENT);
    message_clear(&message);
    retain(outbox, 11LL * RECORD + CONTENT);
    cr_expect(left_of(outbox, ids[2]) == RECORD_ONLY);
    retain(outbox, 12LL * RECORD);
    cr_expect(left_of(outbox, ids[2]) == GONE);
    cr_expect(left_of(outbox, ids[0]) == WHOLE && left_of(outbox, ids[1]) == WHOLE);
    outbox_close(outbox);
}

Test(outbox_age, an_original_is_kept_until_what_it_went_into_is_settled)
{
    struct outbox *outbox = contract_open();
    int64_t original = add(outbox, 1, MESSAGE_FOLDED, 2);
    int64_t digest = add(outbox, 2, MESSAGE_PENDING, 0);
    struct message message;
    cr_assert(outbox_load(outbox, original, &message));
    message.into_id = digest;
    outbox_move(outbox, &message, MESSAGE_FOLDED);
    message_clear(&message);
    retain(outbox, 2LL * RECORD);
    cr_expect(left_of(outbox, original) == WHOLE);

    cr_assert(outbox_load(outbox, digest, &message));
    message.ended_at = 2LL * RECORD;
    outbox_move(outbox, &message, MESSAGE_SENT);
    message_clear(&message);
    retain(outbox, 2LL * RECORD + CONTENT);
    cr_expect(left_of(outbox, original) == RECORD_ONLY && left_of(outbox, digest) == RECORD_ONLY);
    retain(outbox, 3LL * RECORD - 1);
    cr_expect(left_of(outbox, original) == RECORD_ONLY && left_of(outbox, digest) == RECORD_ONLY);
    retain(outbox, 3LL * RECORD);
    cr_expect(left_of(outbox, original) == GONE && left_of(outbox, digest) == GONE);
    outbox_close(outbox);
}

Test(outbox_age, a_key_is_known_as_long_as_its_window)
{
    struct outbox *outbox = contract_open();
    struct message message = contract_message(4);
    message.state = MESSAGE_SENT;
    message.accepted_at = message.ended_at = HOUR;
    message.once = contract_text("nightly");
    outbox_add(outbox, &message);
    retain(outbox, ONCE + HOUR - 1);
    struct message found;
    cr_expect(outbox_find_once(outbox, 1000, "nightly", &found));
    cr_expect(found.content == NULL);
    message_clear(&found);
    retain(outbox, ONCE + HOUR);
    cr_expect(!outbox_find_once(outbox, 1000, "nightly", &found));
    outbox_close(outbox);
}

static void count_attempt(void *context, const struct attempt *attempt)
{
    (void)attempt;
    ++*(size_t *)context;
}

Test(outbox_age, attempts_go_with_their_message)
{
    struct outbox *outbox = contract_open();
    struct message message = contract_message(4);
    outbox_add(outbox, &message);
    struct attempt attempt = { .message = message.id, .number = 1, .place = 1, .began_at = 5 };
    message.attempts = 1;
    message.doubted_at = 5;
    message.doubted_place = 1;
    outbox_begin(outbox, &message, &attempt);
    message.doubted_at = message.doubted_place = 0;
    message.ended_at = attempt.ended_at = 6;
    outbox_end(outbox, &message, MESSAGE_SENT, &attempt);
    size_t count = 0;
    outbox_recent(outbox, 0, count_attempt, &count);
    cr_assert(count == 1);
    retain(outbox, 2LL * RECORD);
    contract_reopen(&outbox);
    count = 0;
    outbox_recent(outbox, 0, count_attempt, &count);
    cr_expect(count == 0);
    outbox_close(outbox);
}

/* Changes as a daemon that runs for long makes them: passes resume where they have to. */
Test(outbox_age, long_lists_go_in_steps_and_old_ones_cost_nothing)
{
    struct outbox *outbox = contract_open();
    enum { MANY = 3 * RETENTION_ROWS + 7 };
    for (int i = 0; i < MANY; i++)
        add(outbox, 1 + i, MESSAGE_SENT, 1 + i);
    int64_t young = add(outbox, 2 * CONTENT, MESSAGE_SENT, 2 * CONTENT);
    contract_commit(outbox);

    struct retention retention;
    int steps = 0;
    retention_begin(&retention, outbox);
    for (; retention_next_at(&retention) <= 2 * CONTENT; steps++) {
        retention_step(&retention, outbox, &policy, 2 * CONTENT);
        contract_commit(outbox);
    }
    cr_expect(steps >= 4);
    cr_expect(left_of(outbox, MANY) == RECORD_ONLY && left_of(outbox, young) == WHOLE);

    contract_reopen(&outbox);
    retention_begin(&retention, outbox);
    cr_expect(retention.wiping.from == MANY, "the next run goes on where this one was");
    outbox_close(outbox);
}

Test(outbox_age, an_interrupted_removal_is_undone)
{
    struct outbox *outbox = contract_open();
    int64_t one = add(outbox, 1, MESSAGE_SENT, 2), two = add(outbox, 1, MESSAGE_SENT, 2);
    contract_commit(outbox);
    struct retention retention;
    retention_begin(&retention, outbox);
    retention.wiping.next_at = MSEC_NEVER;
    retention_step(&retention, outbox, &policy, 2 + RECORD);
    cr_expect(left_of(outbox, one) == GONE);
    contract_reopen(&outbox);
    cr_expect(left_of(outbox, one) == WHOLE && left_of(outbox, two) == WHOLE);
    expect_balance(outbox);
    outbox_close(outbox);
}

/* ---- a copy -----------------------------------------------------------------------------------
 */

static msec_t doubt_of(struct outbox *outbox, int64_t id)
{
    struct message message;
    cr_assert(outbox_load(outbox, id, &message));
    msec_t doubted_at = message.doubted_at;
    cr_expect(!doubted_at || message.doubted_place == 0);
    message_clear(&message);
    return doubted_at;
}

Test(outbox_age, whatever_waits_in_a_copy_is_in_doubt)
{
    const struct moment now = { .at = 5000, .steady_at = 1 };
    struct error err;
    struct outbox *outbox = contract_open();
    for (int i = 0; i < 2 * ADOPTION_ROWS; i++)
        contract_add(outbox, 4, i % 2 ? MESSAGE_SENT : MESSAGE_PENDING);
    int64_t held = contract_add(outbox, 4, MESSAGE_HELD);
    struct message due = contract_message(4), later = contract_message(4);
    due.state = later.state = MESSAGE_SCHEDULED;
    due.due_at = 4000;
    later.due_at = 6000;
    outbox_add(outbox, &due);
    outbox_add(outbox, &later);
    outbox_set_scope(
        outbox, &(struct scope_record){ .scope = SCOPE_THREAD, .name = "7", .newest_id = 1234 });
    contract_commit(outbox);
    outbox_close(outbox);

    struct adoption adoption;
    outbox = store_open("machine-two", &err);
    adoption_begin(&adoption, outbox, false);
    cr_assert(adoption.under_way);
    adoption_step(&adoption, outbox, "machine-two", now);
    contract_commit(outbox);
    outbox_close(outbox);

    outbox = store_open("machine-two", &err);
    adoption_begin(&adoption, outbox, false);
    cr_assert(adoption.under_way, "a crash in between changes nothing");
    int64_t ours = contract_add(outbox, 4, MESSAGE_PENDING);
    while (adoption.under_way) {
        adoption_step(&adoption, outbox, "machine-two", now);
        cr_assert(outbox_changes(outbox) <= ADOPTION_ROWS + 4);
        contract_commit(outbox);
    }
    for (int64_t id = 1; id <= 2LL * ADOPTION_ROWS; id++)
        cr_assert(doubt_of(outbox, id) == (id % 2 ? now.at : 0));
    cr_expect(doubt_of(outbox, held) && doubt_of(outbox, due.id) && !doubt_of(outbox, later.id));
    cr_expect(!doubt_of(outbox, ours), "what is accepted meanwhile has never been elsewhere");
    cr_expect(adoption_known_id(outbox, 7, now.at) == 1234);
    cr_expect(adoption_known_id(outbox, 8, now.at) == 0);
    cr_expect(adoption_known_id(outbox, 7, now.at - 1) == 0, "of another adoption");
    outbox_close(outbox);

    outbox = store_open("machine-two", &err);
    adoption_begin(&adoption, outbox, false);
    cr_expect(!adoption.under_way);
    outbox_close(outbox);
}

Test(outbox_age, a_backup_of_our_own_is_a_copy_until_it_is_adopted)
{
    const struct moment now = { .at = 5000, .steady_at = 1 };
    struct adoption adoption;
    struct outbox *outbox = contract_open();
    int64_t id = contract_add(outbox, 4, MESSAGE_PENDING);
    adoption_begin(&adoption, outbox, true);
    contract_commit(outbox);

    contract_reopen(&outbox);
    adoption_begin(&adoption, outbox, false);
    cr_assert(adoption.under_way, "nobody needs to say so again after a crash");
    adoption_step(&adoption, outbox, "machine-one", now);
    contract_commit(outbox);
    contract_reopen(&outbox);
    cr_expect(!outbox_is_copy(outbox));
    cr_expect(doubt_of(outbox, id) == now.at);
    outbox_close(outbox);
}

/* ---- another name ------------------------------------------------------------------------------
 */

static bool never(void *context, int64_t id)
{
    (void)context;
    (void)id;
    return false;
}

static bool is_this(void *context, int64_t id)
{
    return *(int64_t *)context == id;
}

Test(outbox_age, a_new_name_gets_the_old_one_s_number)
{
    struct succession succession;
    struct outbox *outbox = contract_open();
    int64_t number = outbox_thread(outbox, "ops"), found = 0;
    cr_expect(!succession_begin(&succession, outbox, "ops", "alerts"));
    cr_expect(!succession_begin(&succession, outbox, "never-was", "db"));
    contract_commit(outbox);
    contract_reopen(&outbox);
    cr_expect(outbox_thread(outbox, "alerts") == number);
    cr_expect(!outbox_find_thread(outbox, "ops", &found));
    cr_expect(!outbox_find_thread(outbox, "db", &found));
    cr_expect(outbox_thread(outbox, "ops") != number);
    outbox_close(outbox);
}

static void expect_ranks(struct outbox *outbox, lane_id lane, size_t count)
{
    enum { MOST = 4 * SUCCESSION_ROWS };
    static struct head heads[MOST];
    cr_assert(outbox_heads(outbox, lane, 0, heads, MOST) == count);
    for (size_t i = 1; i < count; i++)
        cr_assert(heads[i - 1].rank < heads[i].rank);
}

Test(outbox_age, what_waits_moves_to_the_new_name_in_order)
{
    enum { MANY = 2 * SUCCESSION_ROWS };
    struct succession succession;
    struct outbox *outbox = contract_open();
    int64_t old = outbox_thread(outbox, "ops"), new = outbox_thread(outbox, "alerts");
    lane_id from = lane_of(old, PRIORITY_NORMAL), to = lane_of(new, PRIORITY_NORMAL);
    for (int i = 0; i < MANY; i++)
        contract_add(outbox, i % 5 ? from : to, MESSAGE_PENDING);
    int64_t urgent = contract_add(outbox, lane_of(old, PRIORITY_URGENT), MESSAGE_PENDING);
    int64_t held = contract_add(outbox, from, MESSAGE_HELD);
    int64_t sent = contract_add(outbox, from, MESSAGE_SENT);
    contract_commit(outbox);

    cr_assert(succession_begin(&succession, outbox, "ops", "alerts"));
    int64_t under_way = 2;
    enum succession_state state = SUCCESSION_MORE;
    while (state == SUCCESSION_MORE) {
        state = succession_step(&succession, outbox, is_this, &under_way);
        contract_commit(outbox);
    }
    cr_expect(state == SUCCESSION_WAITS, "for the one that is under way");
    contract_reopen(&outbox);
    cr_assert(succession_begin(&succession, outbox, "ops", "alerts"));
    do {
        state = succession_step(&succession, outbox, never, NULL);
        cr_assert(outbox_changes(outbox) <= SUCCESSION_ROWS + 1);
        contract_commit(outbox);
    } while (state == SUCCESSION_MORE);

    cr_expect(state == SUCCESSION_DONE);
    expect_ranks(outbox, to, MANY);
    expect_ranks(outbox, from, 0);
    const int64_t ids[] = { urgent, held, sent };
    const int64_t lanes[] = { lane_of(new, PRIORITY_URGENT), to, from };
    for (size_t i = 0; i < 3; i++) {
        struct message message;
        cr_assert(outbox_load(outbox, ids[i], &message));
        cr_expect(message.lane == lanes[i]);
        message_clear(&message);
    }
    expect_balance(outbox);
    cr_expect(!succession_begin(&succession, outbox, "ops", "alerts"));
    outbox_close(outbox);
}
