/*
 * outbox_contract_rows.c - every field of a message and an attempt, stored and found
 */
#include "tests/contract/outbox_contract.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(outbox_rows, .init = store_make, .fini = store_remove);

static void expect_text(const char *what, const char *one, const char *other)
{
    cr_expect((one && other) ? strcmp(one, other) == 0 : one == other, "%s: %s is not %s", what,
              one ? one : "NULL", other ? other : "NULL");
}

#define EXPECT_NUMBER(field) cr_expect(one->field == other->field, #field)
#define EXPECT_TEXT(field) expect_text(#field, one->field, other->field)

static void expect_same(const struct message *one, const struct message *other)
{
    EXPECT_NUMBER(id);
    EXPECT_NUMBER(lane);
    EXPECT_NUMBER(rank);
    EXPECT_NUMBER(state);
    EXPECT_NUMBER(kind);
    EXPECT_TEXT(stamp);
    EXPECT_NUMBER(accepted_at);
    EXPECT_NUMBER(due_at);
    EXPECT_NUMBER(expires_at);
    EXPECT_NUMBER(ended_at);
    EXPECT_NUMBER(doubted_at);
    EXPECT_NUMBER(doubted_place);
    EXPECT_NUMBER(into_id);
    EXPECT_NUMBER(target_id);
    EXPECT_NUMBER(uid);
    EXPECT_TEXT(user);
    EXPECT_NUMBER(pid);
    EXPECT_TEXT(once);
    EXPECT_NUMBER(once_hash);
    EXPECT_TEXT(fold);
    EXPECT_NUMBER(fold_count);
    EXPECT_NUMBER(fold_since);
    EXPECT_TEXT(content);
    EXPECT_NUMBER(content_bytes);
    EXPECT_NUMBER(type);
    EXPECT_TEXT(display_name);
    EXPECT_TEXT(metadata);
    EXPECT_TEXT(late_mark);
    EXPECT_NUMBER(attempts);
    EXPECT_TEXT(wish);
    EXPECT_TEXT(remote_id);
    EXPECT_NUMBER(sequence_id);
    EXPECT_NUMBER(created_on);
    EXPECT_NUMBER(verified);
    EXPECT_TEXT(reason);
}

/* Every field set, each to something else. */
static struct message full_message(void)
{
    return (struct message){ .lane = 9,
                             .rank = 77,
                             .state = MESSAGE_HELD,
                             .kind = MESSAGE_UPDATE,
                             .stamp = "00112233445566778899aabbccddeeff",
                             .accepted_at = 1,
                             .due_at = 2,
                             .expires_at = 3,
                             .ended_at = 4,
                             .doubted_at = 5,
                             .doubted_place = 6,
                             .into_id = 7,
                             .target_id = 8,
                             .uid = 9,
                             .user = contract_text("postgres"),
                             .pid = 10,
                             .once = contract_text("key"),
                             .once_hash = INT64_MIN,
                             .fold = contract_text("load"),
                             .fold_count = 12,
                             .fold_since = 13,
                             .content = contract_text("\xe5\xa4\xaa\xe5\xb9\xb3 & <b>"),
                             .content_bytes = 12,
                             .type = MESSAGE_HTML,
                             .display_name = contract_text("db01"),
                             .metadata = contract_text("{\"a\":\"b\"}"),
                             .late_mark = contract_text("[sent 01:12 UTC]"),
                             .attempts = 14,
                             .wish = contract_text("cancel"),
                             .remote_id = contract_text("1593072104708"),
                             .sequence_id = 15,
                             .created_on = 16,
                             .verified = 2,
                             .reason = contract_text("because") };
}

static void expect_stored(struct outbox *outbox, const struct message *expected)
{
    struct message stored;
    cr_assert(outbox_load(outbox, expected->id, &stored));
    expect_same(&stored, expected);
    message_clear(&stored);
}

Test(outbox_rows, a_message_comes_back_as_it_was_added)
{
    struct outbox *outbox = contract_open();
    struct message full = full_message(), bare = { .lane = 4, .state = MESSAGE_PENDING };
    outbox_add(outbox, &full);
    outbox_add(outbox, &bare);
    contract_commit(outbox);

    contract_reopen(&outbox);
    expect_stored(outbox, &full);
    expect_stored(outbox, &bare);
    outbox_close(outbox);
}

Test(outbox_rows, empty_texts_are_not_missing_texts)
{
    struct outbox *outbox = contract_open();
    struct message message = contract_message(4);
    message.content = message.user = message.reason = contract_text("");
    message.content_bytes = 0;
    outbox_add(outbox, &message);
    contract_commit(outbox);

    contract_reopen(&outbox);
    expect_stored(outbox, &message);
    outbox_close(outbox);
}

Test(outbox_rows, a_move_stores_what_can_change)
{
    struct outbox *outbox = contract_open();
    struct message before = contract_message(9);
    outbox_add(outbox, &before);
    contract_commit(outbox);

    struct message after = full_message();
    after.id = before.id;
    after.state = before.state;
    after.uid = before.uid;
    after.booked_bytes = before.booked_bytes;
    outbox_move(outbox, &after, MESSAGE_DEAD);
    contract_commit(outbox);
    cr_expect(after.state == MESSAGE_DEAD);

    /* These never do. */
    after.kind = before.kind;
    memcpy(after.stamp, before.stamp, sizeof after.stamp);
    after.accepted_at = before.accepted_at;
    after.target_id = before.target_id;
    after.user = before.user;
    after.pid = before.pid;
    after.once = before.once;
    after.once_hash = before.once_hash;
    after.type = before.type;
    after.display_name = before.display_name;
    after.metadata = before.metadata;
    contract_reopen(&outbox);
    expect_stored(outbox, &after);
    outbox_close(outbox);
}

Test(outbox_rows, a_move_can_take_everything_back)
{
    struct outbox *outbox = contract_open();
    struct message message = full_message();
    outbox_add(outbox, &message);
    contract_commit(outbox);

    message.rank = message.due_at = message.expires_at = message.ended_at = 0;
    message.doubted_at = message.doubted_place = message.into_id = 0;
    message.fold_count = message.fold_since = message.attempts = 0;
    message.sequence_id = message.created_on = message.verified = 0;
    message.fold = message.content = message.wish = NULL;
    message.remote_id = message.reason = message.late_mark = NULL;
    outbox_move(outbox, &message, MESSAGE_CANCELLED);
    contract_commit(outbox);

    contract_reopen(&outbox);
    expect_stored(outbox, &message);
    outbox_close(outbox);
}

/* ---- attempts ------------------------------------------------------------------------------- */

struct attempts {
    struct attempt rows[8];
    size_t count;
};

static void keep_attempt(void *context, const struct attempt *attempt)
{
    struct attempts *attempts = context;
    attempts->rows[attempts->count++] = *attempt;
}

static struct attempts attempts_of(struct outbox *outbox, int64_t message)
{
    struct attempts attempts = { .count = 0 };
    outbox_attempts(outbox, message, keep_attempt, &attempts);
    return attempts;
}

static struct attempts recent(struct outbox *outbox, msec_t since_at)
{
    struct attempts attempts = { .count = 0 };
    outbox_recent(outbox, since_at, keep_attempt, &attempts);
    return attempts;
}

/* Begin the next attempt of a message, as the dispatcher does. */
static struct attempt begin(struct outbox *outbox, struct message *message, msec_t at)
{
    message->doubted_at = at;
    message->doubted_place = 3;
    message->attempts++;
    struct attempt attempt = { .message = message->id,
                               .number = message->attempts,
                               .place = 3,
                               .began_at = at,
                               .known_id = 1593072104000 };
    outbox_begin(outbox, message, &attempt);
    return attempt;
}

static void end(struct outbox *outbox, struct message *message, struct attempt *attempt, msec_t at,
                enum message_state state)
{
    message->doubted_at = message->doubted_place = 0;
    attempt->ended_at = at;
    outbox_end(outbox, message, state, attempt);
}

Test(outbox_rows, an_attempt_is_written_when_it_begins_and_when_it_ends)
{
    struct outbox *outbox = contract_open();
    struct message message = contract_message(4);
    message.expires_at = 9000;
    outbox_add(outbox, &message);
    struct attempt attempt = begin(outbox, &message, 2000);
    contract_commit(outbox);

    contract_reopen(&outbox);
    expect_stored(outbox, &message);
    struct attempts stored = attempts_of(outbox, message.id);
    cr_assert(stored.count == 1);
    cr_expect(stored.rows[0].began_at == 2000 && stored.rows[0].ended_at == 0);
    cr_expect(stored.rows[0].place == 3 && stored.rows[0].outcome == OUTCOME_NONE);
    cr_expect(stored.rows[0].known_id == 1593072104000);

    attempt.outcome = OUTCOME_SENT;
    attempt.scope = SCOPE_ENDPOINT;
    attempt.http = 201;
    attempt.wait_ms = DELIVERY_NO_WAIT;
    strcpy(attempt.code, "code");
    strcpy(attempt.cv, "abc.1");
    strcpy(attempt.detail, "it went well");
    message.ended_at = 2500;
    message.remote_id = contract_text("1593072104708");
    message.reason = contract_text("none");
    end(outbox, &message, &attempt, 2500, MESSAGE_SENT);
    contract_commit(outbox);

    contract_reopen(&outbox);
    expect_stored(outbox, &message);
    stored = attempts_of(outbox, message.id);
    cr_assert(stored.count == 1);
    cr_expect(stored.rows[0].message == message.id && stored.rows[0].number == 1);
    cr_expect(stored.rows[0].place == 3 && stored.rows[0].known_id == 1593072104000);
    cr_expect(stored.rows[0].began_at == 2000 && stored.rows[0].ended_at == 2500);
    cr_expect(stored.rows[0].outcome == OUTCOME_SENT && stored.rows[0].scope == SCOPE_ENDPOINT);
    cr_expect(stored.rows[0].http == 201 && stored.rows[0].wait_ms == DELIVERY_NO_WAIT);
    cr_expect_str_eq(stored.rows[0].code, "code");
    cr_expect_str_eq(stored.rows[0].cv, "abc.1");
    cr_expect_str_eq(stored.rows[0].detail, "it went well");
    outbox_close(outbox);
}

Test(outbox_rows, the_end_of_an_attempt_leaves_the_rest_alone)
{
    struct outbox *outbox = contract_open();
    struct message message = full_message();
    message.state = MESSAGE_PENDING;
    message.attempts = message.doubted_at = message.doubted_place = 0;
    outbox_add(outbox, &message);
    struct attempt attempt = begin(outbox, &message, 2000);
    struct message expected = message;

    message.rank = message.expires_at = 1234;
    message.content = message.once = message.fold = message.late_mark = NULL;
    message.wish = expected.wish = NULL;
    message.reason = expected.reason = contract_text("refused");
    message.remote_id = expected.remote_id = NULL;
    message.ended_at = expected.ended_at = 0;
    end(outbox, &message, &attempt, 2100, MESSAGE_PENDING);
    expected.doubted_at = expected.doubted_place = 0;
    contract_commit(outbox);

    contract_reopen(&outbox);
    expect_stored(outbox, &expected);
    outbox_close(outbox);
}

Test(outbox_rows, attempts_come_first_to_last_and_are_one_message_s)
{
    struct outbox *outbox = contract_open();
    struct message one = contract_message(4), other = contract_message(5);
    outbox_add(outbox, &one);
    outbox_add(outbox, &other);
    for (int i = 0; i < 3; i++) {
        struct attempt attempt = begin(outbox, &one, 5000 - i);
        end(outbox, &one, &attempt, 5000, MESSAGE_PENDING);
        attempt = begin(outbox, &other, 6000 + i);
        end(outbox, &other, &attempt, 7000, MESSAGE_PENDING);
    }
    struct attempts attempts = attempts_of(outbox, one.id);
    cr_assert(attempts.count == 3);
    for (size_t i = 0; i < 3; i++) {
        cr_expect(attempts.rows[i].message == one.id);
        cr_expect(attempts.rows[i].number == (int64_t)i + 1);
    }
    cr_expect(attempts_of(outbox, 999).count == 0);
    struct attempt latest;
    cr_expect(outbox_latest_attempt(outbox, one.id, &latest));
    cr_expect(latest.message == one.id && latest.number == 3);
    cr_expect(!outbox_latest_attempt(outbox, 999, &latest) && latest.number == 0);
    outbox_close(outbox);
}

static bool is_among(const struct attempts *attempts, const struct attempt *wanted)
{
    for (size_t i = 0; i < attempts->count; i++)
        if (attempts->rows[i].message == wanted->message)
            return attempts->rows[i].began_at == wanted->began_at &&
                   attempts->rows[i].ended_at == wanted->ended_at;
    return false;
}

Test(outbox_rows, recent_are_attempts_that_ended_lately_and_those_without_an_end)
{
    struct outbox *outbox = contract_open();
    struct message messages[4];
    struct attempt attempts[4];
    for (int i = 0; i < 4; i++) {
        messages[i] = contract_message(4);
        outbox_add(outbox, &messages[i]);
        attempts[i] = begin(outbox, &messages[i], 100 + i);
    }
    end(outbox, &messages[3], &attempts[3], 500, MESSAGE_SENT);
    end(outbox, &messages[0], &attempts[0], 501, MESSAGE_PENDING);
    contract_commit(outbox);

    struct attempts found = recent(outbox, 500);
    cr_assert(found.count == 3);
    cr_expect(is_among(&found, &attempts[0]) && is_among(&found, &attempts[1]));
    cr_expect(is_among(&found, &attempts[2]));
    outbox_close(outbox);
}

Test(outbox_rows, a_doubt_that_was_long_hides_no_recent_attempt)
{
    struct outbox *outbox = contract_open();
    struct message messages[2];
    struct attempt attempts[2];
    for (int i = 0; i < 2; i++) {
        messages[i] = contract_message(4);
        outbox_add(outbox, &messages[i]);
        attempts[i] = begin(outbox, &messages[i], 100 + i);
    }
    attempts[0].ended_at = 200;
    attempts[0].outcome = OUTCOME_DOUBT;
    outbox_end(outbox, &messages[0], MESSAGE_PENDING, &attempts[0]);
    end(outbox, &messages[1], &attempts[1], 501, MESSAGE_SENT);
    messages[0].doubted_at = messages[0].doubted_place = 0;
    outbox_move(outbox, &messages[0], MESSAGE_SENT);
    contract_commit(outbox);

    struct attempts found = recent(outbox, 500);
    cr_expect(found.count == 1 && is_among(&found, &attempts[1]));
    outbox_close(outbox);
}

Test(outbox_rows, an_attempt_that_ended_in_doubt_may_end_once_more)
{
    struct outbox *outbox = contract_open();
    struct message message = contract_message(4);
    outbox_add(outbox, &message);
    struct attempt attempt = begin(outbox, &message, 2000);
    attempt.ended_at = 2500;
    attempt.outcome = OUTCOME_DOUBT;
    outbox_end(outbox, &message, MESSAGE_PENDING, &attempt);
    contract_commit(outbox);

    contract_reopen(&outbox);
    expect_stored(outbox, &message);
    struct attempts stored = attempts_of(outbox, message.id);
    cr_assert(stored.count == 1);
    cr_expect(stored.rows[0].outcome == OUTCOME_DOUBT && stored.rows[0].ended_at == 2500);
    cr_expect(recent(outbox, 2499).count == 1);
    cr_expect(recent(outbox, 2500).count == 0);

    attempt = stored.rows[0];
    attempt.outcome = OUTCOME_SENT;
    message.doubted_at = message.doubted_place = 0;
    outbox_end(outbox, &message, MESSAGE_SENT, &attempt);
    contract_commit(outbox);

    contract_reopen(&outbox);
    expect_stored(outbox, &message);
    stored = attempts_of(outbox, message.id);
    cr_assert(stored.count == 1);
    cr_expect(stored.rows[0].outcome == OUTCOME_SENT && stored.rows[0].began_at == 2000);
    cr_expect(stored.rows[0].place == 3 && stored.rows[0].known_id == 1593072104000);
    outbox_close(outbox);
}

Test(outbox_rows, a_move_out_of_doubt_keeps_the_attempt)
{
    struct outbox *outbox = contract_open();
    struct message message = contract_message(4);
    outbox_add(outbox, &message);
    begin(outbox, &message, 2000);
    outbox_move(outbox, &message, MESSAGE_HELD); /* still in doubt */
    cr_expect(recent(outbox, 9000).count == 1);
    message.doubted_at = message.doubted_place = 0;
    outbox_move(outbox, &message, MESSAGE_PENDING);
    cr_expect(recent(outbox, 9000).count == 0);
    contract_commit(outbox);

    contract_reopen(&outbox);
    expect_stored(outbox, &message);
    struct attempts stored = attempts_of(outbox, message.id);
    cr_assert(stored.count == 1);
    cr_expect(stored.rows[0].began_at == 2000 && stored.rows[0].ended_at == 0);
    outbox_close(outbox);
}

Test(outbox_rows, a_message_in_doubt_begins_no_attempt)
{
    struct outbox *outbox = contract_open();
    struct message message = contract_message(4);
    outbox_add(outbox, &message);
    begin(outbox, &message, 2000);
    cr_expect(outbox_failure(outbox) == NULL);
    begin(outbox, &message, 2001);
    cr_expect(outbox_commit(outbox, NULL) == OUTBOX_UNDONE);
    outbox_close(outbox);
}

/* ---- the log ------------------------------------------------------------------------------- */

static void log_attempt(void *context, const struct attempt *attempt)
{
    int64_t **next = context;
    *(*next)++ = attempt->message;
}

Test(outbox_rows, the_log_goes_backwards_from_what_is_in_doubt)
{
    struct outbox *outbox = contract_open();
    struct message messages[5];
    for (size_t i = 0; i < 5; i++) {
        messages[i] = contract_message(4);
        outbox_add(outbox, &messages[i]);
        struct attempt attempt = begin(outbox, &messages[i], 100);
        if (i != 2)
            end(outbox, &messages[i], &attempt, 200, MESSAGE_SENT);
    }
    int64_t ids[8] = { 0 }, *next = ids;
    int64_t after = outbox_log(outbox, 0, 2, log_attempt, &next);
    cr_assert(next == ids + 3 && after != 0);
    cr_expect(ids[0] == messages[2].id, "nobody knows yet how that one ends");
    cr_expect(ids[1] == messages[4].id && ids[2] == messages[3].id);
    next = ids;
    after = outbox_log(outbox, after, 1, log_attempt, &next);
    cr_assert(next == ids + 1 && after != 0);
    cr_expect(ids[0] == messages[1].id);
    next = ids;
    cr_expect(outbox_log(outbox, after, 1, log_attempt, &next) == 0);
    cr_expect(next == ids + 1 && ids[0] == messages[0].id);
    outbox_close(outbox);
}
