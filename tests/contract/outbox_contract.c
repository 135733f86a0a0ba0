#include "tests/contract/outbox_contract.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct outbox *contract_open(void)
{
    struct error err = { "" };
    struct outbox *outbox = store_open("machine-one", &err);
    cr_assert(outbox != NULL, "%s", err.text);
    return outbox;
}

void contract_reopen(struct outbox **outbox)
{
    outbox_close(*outbox);
    *outbox = contract_open();
}

void contract_commit(struct outbox *outbox)
{
    struct error err = { "" };
    cr_assert(outbox_commit(outbox, &err) == OUTBOX_COMMITTED, "%s", err.text);
}

char *contract_text(const char *text)
{
    char *borrowed = NULL;
    memcpy(&borrowed, &text, sizeof borrowed);
    return borrowed;
}

struct message contract_message(lane_id lane)
{
    return (struct message){ .lane = lane,
                             .state = MESSAGE_PENDING,
                             .stamp = "0123456789abcdef0123456789abcdef",
                             .accepted_at = 1000,
                             .uid = 1000,
                             .content = contract_text("disk full"),
                             .content_bytes = strlen("disk full") };
}

int64_t contract_add(struct outbox *outbox, lane_id lane, enum message_state state)
{
    struct message message = contract_message(lane);
    message.state = state;
    outbox_add(outbox, &message);
    return message.id;
}

void contract_move(struct outbox *outbox, int64_t id, enum message_state state)
{
    struct message message;
    cr_assert(outbox_load(outbox, id, &message));
    outbox_move(outbox, &message, state);
    message_clear(&message);
}

void contract_send(struct outbox *outbox, int64_t id)
{
    struct message message;
    cr_assert(outbox_load(outbox, id, &message));
    struct attempt attempt = { .message = id, .number = ++message.attempts, .began_at = 1 };
    message.doubted_at = 1;
    outbox_begin(outbox, &message, &attempt);
    message.doubted_at = 0;
    attempt.ended_at = 2;
    outbox_end(outbox, &message, MESSAGE_SENT, &attempt);
    message_clear(&message);
}

void contract_release(struct outbox *outbox, int64_t id)
{
    struct message message;
    cr_assert(outbox_load(outbox, id, &message));
    message.rank = id;
    outbox_move(outbox, &message, MESSAGE_PENDING);
    message_clear(&message);
}

TestSuite(outbox, .init = store_make, .fini = store_remove);

/* ---- the turn ------------------------------------------------------------------------------- */

Test(outbox, numbers_rise_from_one)
{
    struct outbox *outbox = contract_open();
    struct message first = contract_message(4), second = contract_message(5);

    outbox_add(outbox, &first);
    outbox_add(outbox, &second);
    cr_expect(first.id == 1 && first.rank == 1);
    cr_expect(second.id == 2 && second.rank == 2);
    cr_expect(outbox_next_number(outbox) == 3);
    contract_commit(outbox);
    outbox_close(outbox);
}

Test(outbox, numbers_are_never_given_twice)
{
    struct outbox *outbox = contract_open();
    contract_add(outbox, 4, MESSAGE_PENDING);
    outbox_next_number(outbox);
    contract_commit(outbox);

    contract_reopen(&outbox);
    cr_expect(contract_add(outbox, 4, MESSAGE_PENDING) == 3);
    outbox_close(outbox);
}

Test(outbox, a_number_alone_is_a_change)
{
    struct outbox *outbox = contract_open();
    outbox_next_number(outbox);
    cr_expect(outbox_changes(outbox) == 1);
    contract_commit(outbox);

    contract_reopen(&outbox);
    cr_expect(outbox_next_number(outbox) == 2);
    outbox_close(outbox);
}

Test(outbox, a_rank_that_is_set_is_kept)
{
    struct outbox *outbox = contract_open();
    struct message digest = contract_message(4), later = contract_message(4);

    digest.rank = 17;
    outbox_add(outbox, &digest);
    later.state = MESSAGE_SCHEDULED;
    outbox_add(outbox, &later);
    cr_expect(digest.id == 1 && digest.rank == 17);
    cr_expect(later.rank == 0);
    outbox_close(outbox);
}

Test(outbox, a_committed_turn_survives_and_an_open_one_does_not)
{
    struct outbox *outbox = contract_open();
    int64_t kept = contract_add(outbox, 4, MESSAGE_PENDING);
    contract_commit(outbox);
    int64_t lost = contract_add(outbox, 4, MESSAGE_PENDING);
    contract_move(outbox, kept, MESSAGE_SENT);
    outbox_set_note(outbox, "what", "lost");

    contract_reopen(&outbox);
    struct message message;
    cr_assert(outbox_load(outbox, kept, &message));
    cr_expect(message.state == MESSAGE_PENDING);
    message_clear(&message);
    cr_expect(!outbox_load(outbox, lost, &message));
    cr_expect(outbox_note(outbox, "what") == NULL);
    cr_expect(tally_sum(outbox_tally(outbox), 4, 1000, MESSAGE_PENDING).messages == 1);
    outbox_close(outbox);
}

Test(outbox, a_turn_sees_its_own_changes)
{
    struct outbox *outbox = contract_open();
    int64_t id = contract_add(outbox, 4, MESSAGE_PENDING);
    contract_move(outbox, id, MESSAGE_HELD);

    struct message message;
    cr_assert(outbox_load(outbox, id, &message));
    cr_expect(message.state == MESSAGE_HELD);
    message_clear(&message);
    cr_expect(tally_sum(outbox_tally(outbox), 4, 1000, MESSAGE_HELD).messages == 1);
    cr_expect(outbox_changes(outbox) == 2);
    contract_commit(outbox);
    cr_expect(outbox_changes(outbox) == 0);
    outbox_close(outbox);
}

/* ---- failure -------------------------------------------------------------------------------- */

/* A change of a row that is not there: the books would be wrong, so the turn must fall. */
static void fail(struct outbox *outbox)
{
    struct message message = contract_message(4);
    message.id = 999;
    outbox_move(outbox, &message, MESSAGE_DEAD);
}

Test(outbox, the_first_failure_decides_the_turn)
{
    struct outbox *outbox = contract_open();
    int64_t id = contract_add(outbox, 4, MESSAGE_PENDING);
    cr_expect(outbox_failure(outbox) == NULL);
    fail(outbox);
    cr_assert(outbox_failure(outbox) != NULL);

    struct message message;
    struct head head;
    cr_expect(!outbox_load(outbox, id, &message));
    cr_expect(outbox_heads(outbox, 4, 0, &head, 1) == 0);
    cr_expect(outbox_thread(outbox, "ops") == 0);
    cr_expect(contract_add(outbox, 4, MESSAGE_PENDING) == 0);

    struct error err = { "" };
    cr_expect(outbox_commit(outbox, &err) == OUTBOX_UNDONE);
    cr_expect_str_eq(err.text, outbox_failure(outbox)->text);
    cr_expect(outbox_commit(outbox, &err) == OUTBOX_UNDONE);
    cr_expect(!outbox_tend(outbox, true, &err));

    contract_reopen(&outbox);
    cr_expect(!outbox_load(outbox, id, &message));
    cr_expect(contract_add(outbox, 4, MESSAGE_PENDING) == 1);
    contract_commit(outbox);
    outbox_close(outbox);
}

Test(outbox, an_attempt_that_never_began_cannot_end)
{
    struct outbox *outbox = contract_open();
    struct message message = contract_message(4);
    outbox_add(outbox, &message);
    contract_commit(outbox);

    outbox_end(outbox, &message, MESSAGE_SENT, &(struct attempt){ .message = 1, .number = 1 });
    cr_expect(outbox_commit(outbox, NULL) == OUTBOX_UNDONE);
    outbox_close(outbox);
}

Test(outbox, one_key_of_one_user_names_one_message)
{
    struct outbox *outbox = contract_open();
    struct message first = contract_message(4), second = contract_message(8);
    first.once = second.once = contract_text("nightly");
    outbox_add(outbox, &first);
    cr_expect(outbox_failure(outbox) == NULL);
    outbox_add(outbox, &second);
    cr_expect(outbox_commit(outbox, NULL) == OUTBOX_UNDONE);
    outbox_close(outbox);
}

/* ---- names and notes ------------------------------------------------------------------------ */

Test(outbox, threads_keep_their_numbers)
{
    struct outbox *outbox = contract_open();
    int64_t ops = outbox_thread(outbox, "ops"), db = outbox_thread(outbox, "db");
    cr_expect(ops > 0 && db > 0 && ops != db);
    cr_expect(outbox_thread(outbox, "ops") == ops);
    contract_commit(outbox);

    contract_reopen(&outbox);
    cr_expect(outbox_thread(outbox, "db") == db);
    cr_expect(outbox_changes(outbox) == 0);
    char *name = NULL;
    cr_assert(outbox_thread_name(outbox, ops, &name));
    cr_expect_str_eq(name, "ops");
    free(name);
    cr_expect(!outbox_thread_name(outbox, db + 1, &name));
    outbox_close(outbox);
}

Test(outbox, places_are_an_endpoint_and_a_thread)
{
    struct outbox *outbox = contract_open();
    int64_t one = outbox_place(outbox, "https://a", "19:x"),
            two = outbox_place(outbox, "https://b", "19:x"),
            three = outbox_place(outbox, "https://a", "19:y");
    cr_expect(one > 0 && one != two && two != three && one != three);
    contract_commit(outbox);

    contract_reopen(&outbox);
    cr_expect(outbox_place(outbox, "https://b", "19:x") == two);
    char *endpoint = NULL, *thread = NULL;
    cr_assert(outbox_place_name(outbox, three, &endpoint, &thread));
    cr_expect_str_eq(endpoint, "https://a");
    cr_expect_str_eq(thread, "19:y");
    free(endpoint);
    free(thread);
    cr_expect(!outbox_place_name(outbox, 99, &endpoint, &thread));
    outbox_close(outbox);
}

Test(outbox, notes_are_replaced)
{
    struct outbox *outbox = contract_open();
    cr_expect(outbox_note(outbox, "cursor") == NULL);
    outbox_set_note(outbox, "cursor", "1");
    outbox_set_note(outbox, "cursor", "2");
    contract_commit(outbox);

    contract_reopen(&outbox);
    char *text = outbox_note(outbox, "cursor");
    cr_expect_str_eq(text, "2");
    free(text);
    outbox_close(outbox);
}

Test(outbox, a_copy_is_known_until_it_is_adopted)
{
    struct error err;
    struct outbox *outbox = contract_open();
    cr_expect(!outbox_is_copy(outbox));
    outbox_close(outbox);

    outbox = store_open("machine-two", &err);
    cr_expect(outbox_is_copy(outbox));
    outbox_close(outbox);

    outbox = store_open("machine-two", &err);
    cr_expect(outbox_is_copy(outbox));
    outbox_set_note(outbox, OUTBOX_NOTE_MACHINE, "machine-two");
    contract_commit(outbox);
    outbox_close(outbox);

    outbox = store_open("machine-two", &err);
    cr_expect(!outbox_is_copy(outbox));
    outbox_close(outbox);
}

/* ---- scopes --------------------------------------------------------------------------------- */

struct scopes {
    struct scope_record records[4];
    size_t count;
};

static void keep_scope(void *context, const struct scope_record *record)
{
    struct scopes *scopes = context;
    scopes->records[scopes->count++] = *record;
}

Test(outbox, scopes_are_kept_by_kind_and_name)
{
    struct outbox *outbox = contract_open();
    struct scope_record record = { .scope = SCOPE_THREAD,
                                   .name = "7",
                                   .failures = 3,
                                   .since_at = 100,
                                   .until_at = 200,
                                   .told = true,
                                   .paused_until = 300,
                                   .pace_percent = 50,
                                   .newest_id = 1593072104708,
                                   .http = 429,
                                   .code = "TooManyRequests",
                                   .detail = "slow down" };
    outbox_set_scope(outbox, &(struct scope_record){ .scope = SCOPE_THREAD, .name = "7" });
    outbox_set_scope(outbox, &record);
    outbox_set_scope(outbox, &(struct scope_record){ .scope = SCOPE_SENDER, .name = "7" });
    contract_commit(outbox);

    contract_reopen(&outbox);
    struct scopes scopes = { .count = 0 };
    outbox_scopes(outbox, keep_scope, &scopes);
    cr_assert(scopes.count == 2);
    const struct scope_record *stored = &scopes.records[scopes.records[0].scope != SCOPE_THREAD];
    cr_expect(stored->scope == SCOPE_THREAD && stored->failures == 3 && stored->since_at == 100);
    cr_expect(stored->until_at == 200 && stored->told && stored->paused_until == 300);
    cr_expect(stored->pace_percent == 50 && stored->newest_id == 1593072104708);
    cr_expect(stored->http == 429);
    cr_expect_str_eq(stored->code, "TooManyRequests");
    cr_expect_str_eq(stored->detail, "slow down");
    outbox_close(outbox);
}

Test(outbox, tending_changes_nothing)
{
    struct error err = { "" };
    struct outbox *outbox = contract_open();
    int64_t id = contract_add(outbox, 4, MESSAGE_PENDING);
    contract_commit(outbox);
    cr_expect(outbox_tend(outbox, true, &err), "%s", err.text);

    contract_reopen(&outbox);
    struct message message;
    cr_expect(outbox_load(outbox, id, &message));
    message_clear(&message);
    outbox_close(outbox);
}
