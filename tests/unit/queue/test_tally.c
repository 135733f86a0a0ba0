#include "queue/tally.h"

#include <criterion/criterion.h>

static struct tally *tally;

static void make(void)
{
    tally = tally_new();
}

static void drop(void)
{
    tally_free(tally);
}

TestSuite(tally, .init = make, .fini = drop);

struct rows {
    struct tally_row rows[16];
    size_t count;
};

static void keep(void *context, const struct tally_row *row)
{
    struct rows *rows = context;
    cr_assert(rows->count < 16);
    rows->rows[rows->count++] = *row;
}

static struct rows changed(void)
{
    struct rows rows = { .count = 0 };
    tally_changed(tally, keep, &rows);
    return rows;
}

static void expect_sum(lane_id lane, int64_t uid, enum message_state state, int64_t messages,
                       int64_t bytes)
{
    struct tally_sum sum = tally_sum(tally, lane, uid, state);
    cr_expect(sum.messages == messages && sum.bytes == bytes);
}

Test(tally, an_empty_one_sums_to_nothing)
{
    expect_sum(TALLY_ANY, TALLY_ANY, MESSAGE_PENDING, 0, 0);
    expect_sum(4, 1000, MESSAGE_PENDING, 0, 0);
    cr_expect(changed().count == 0);
}

Test(tally, sums_are_by_lane_by_user_and_over_all)
{
    tally_add(tally, 4, 1000, MESSAGE_PENDING, 2, 200);
    tally_add(tally, 4, 0, MESSAGE_PENDING, 3, 30);
    tally_add(tally, 5, 1000, MESSAGE_PENDING, 5, 5);
    tally_add(tally, 4, 1000, MESSAGE_SENT, 7, 7000);

    expect_sum(4, 1000, MESSAGE_PENDING, 2, 200);
    expect_sum(4, TALLY_ANY, MESSAGE_PENDING, 5, 230);
    expect_sum(TALLY_ANY, 1000, MESSAGE_PENDING, 7, 205);
    expect_sum(TALLY_ANY, TALLY_ANY, MESSAGE_PENDING, 10, 235);
    expect_sum(TALLY_ANY, TALLY_ANY, MESSAGE_SENT, 7, 7000);
    expect_sum(5, 0, MESSAGE_PENDING, 0, 0);
}

static void expect_row(const struct tally_row *row, enum message_state state, int64_t messages,
                       int64_t bytes)
{
    cr_expect(row->lane == 4 && row->uid == 1000);
    cr_expect(row->state == state && row->messages == messages && row->bytes == bytes);
}

Test(tally, changed_rows_are_given_once)
{
    tally_add(tally, 4, 1000, MESSAGE_PENDING, 1, 10);
    tally_add(tally, 4, 1000, MESSAGE_PENDING, -1, -10);
    tally_add(tally, 4, 1000, MESSAGE_SENT, 1, 10);

    struct rows rows = changed();
    cr_assert(rows.count == 2);
    expect_row(&rows.rows[0], MESSAGE_SENT, 1, 10);
    expect_row(&rows.rows[1], TALLY_TAKEN, 1, 10);
    cr_expect(changed().count == 0);

    tally_add(tally, 4, 1000, MESSAGE_HELD, 1, 0);
    rows = changed();
    cr_assert(rows.count == 2);
    expect_row(&rows.rows[0], MESSAGE_HELD, 1, 0);
    expect_row(&rows.rows[1], TALLY_TAKEN, 2, 10);
}

Test(tally, who_comes_and_who_goes_changes_one_row)
{
    tally_add(tally, 4, 1000, MESSAGE_PENDING, 1, 10);
    struct rows rows = changed();
    cr_assert(rows.count == 1);
    expect_row(&rows.rows[0], TALLY_TAKEN, 1, 10);

    tally_add(tally, 4, 1000, MESSAGE_PENDING, -1, -10);
    tally_add(tally, 4, 1000, MESSAGE_SENT, 1, 10);
    rows = changed();
    cr_assert(rows.count == 1);
    expect_row(&rows.rows[0], MESSAGE_SENT, 1, 10);
}

Test(tally, another_content_changes_the_bytes_that_were_taken)
{
    tally_add(tally, 4, 1000, MESSAGE_PENDING, 1, 10);
    changed();
    tally_add(tally, 4, 1000, MESSAGE_PENDING, -1, -10);
    tally_add(tally, 4, 1000, MESSAGE_PENDING, 1, 12);
    struct rows rows = changed();
    cr_assert(rows.count == 1);
    expect_row(&rows.rows[0], TALLY_TAKEN, 1, 12);
}

Test(tally, what_is_loaded_counts_as_stored)
{
    tally_load(tally, &(struct tally_row){ 4, 1000, MESSAGE_HELD, 3, 30, 1, 5 });
    tally_load(tally, &(struct tally_row){ 4, 1000, TALLY_TAKEN, 7, 70, 0, 0 });
    expect_sum(TALLY_ANY, 1000, MESSAGE_HELD, 3, 30);
    expect_sum(4, 1000, MESSAGE_PENDING, 4, 40);
    expect_sum(4, TALLY_ANY, TALLY_TAKEN, 7, 70);
    cr_expect(tally_sum(tally, 4, 1000, TALLY_TAKEN).purged == 1);
    cr_expect(tally_sum(tally, 4, 1000, MESSAGE_PENDING).purged == 0);
    cr_expect(changed().count == 0);

    tally_add(tally, 4, 1000, MESSAGE_PENDING, -1, -1);
    tally_add(tally, 4, 1000, MESSAGE_HELD, 1, 1);
    struct rows rows = changed();
    cr_assert(rows.count == 1);
    expect_row(&rows.rows[0], MESSAGE_HELD, 4, 31);
}

Test(tally, each_gives_what_is_not_zero)
{
    tally_add(tally, 4, 1000, MESSAGE_PENDING, 1, 10);
    tally_add(tally, 4, 1000, MESSAGE_SENT, 1, 10);
    tally_add(tally, 4, 1000, MESSAGE_SENT, -1, -10);
    struct rows rows = { .count = 0 };
    tally_each(tally, keep, &rows);
    cr_expect(rows.count == 1 && rows.rows[0].state == MESSAGE_PENDING);
}

Test(tally, many_lanes_and_users_stay_apart)
{
    enum { LANES = 400, USERS = 30 };
    for (int64_t lane = 0; lane < LANES; lane++)
        for (int64_t uid = 0; uid < USERS; uid++)
            tally_add(tally, lane, uid, MESSAGE_PENDING, lane + 1, uid);

    for (int64_t lane = 0; lane < LANES; lane++)
        for (int64_t uid = 0; uid < USERS; uid++)
            expect_sum(lane, uid, MESSAGE_PENDING, lane + 1, uid);
    for (int64_t lane = 0; lane < LANES; lane++)
        expect_sum(lane, TALLY_ANY, MESSAGE_PENDING, USERS * (lane + 1), USERS * (USERS - 1) / 2);
}

Test(tally, what_is_purged_is_counted_beside)
{
    tally_add(tally, 4, 1000, MESSAGE_SENT, 3, 30);
    tally_purge(tally, 4, 1000, MESSAGE_SENT, 10);
    tally_purge(tally, 4, 1000, MESSAGE_SENT, 5);
    struct tally_sum sum = tally_sum(tally, TALLY_ANY, TALLY_ANY, MESSAGE_SENT);
    cr_expect(sum.messages == 3 && sum.bytes == 30);
    cr_expect(sum.purged == 2 && sum.purged_bytes == 15);
}
