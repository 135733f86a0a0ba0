#include "base/memory.h"
#include "queue/fold.h"
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void open_one(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    stage_open(1);
}

TestSuite(fold, .init = open_one, .fini = stage_close);

static char disk[] = "disk", other[] = "other";

/* Hand in a message with a name, as the daemon does it; returns its id. */
static int64_t hand_in(char *name, int64_t uid, enum priority priority, msec_t expires_at)
{
    static char content[] = "disk full on db01";
    struct message message = { .lane = stage_lane(0, priority),
                               .state = MESSAGE_PENDING,
                               .uid = uid,
                               .fold = name,
                               .accepted_at = stage.now.at,
                               .expires_at = expires_at,
                               .content = content,
                               .content_bytes = strlen(content) },
                   older;
    static int handed_in;
    snprintf(message.stamp, sizeof message.stamp, "%032x", ++handed_in);
    if (fold_find(stage.outbox, &message, &older)) {
        dispatcher_replace(stage.dispatcher, &message, &older, stage.now);
    } else {
        outbox_add(stage.outbox, &message);
        dispatcher_added(stage.dispatcher, &message, stage.now);
    }
    message_clear(&older);
    stage_commit();
    return message.id;
}

static int64_t hand_in_disk(void)
{
    return hand_in(disk, 7, PRIORITY_NORMAL, 0);
}

static int64_t whole_of(int64_t id)
{
    struct message message = { .id = id }, whole;
    int64_t found = outbox_load_whole(stage.outbox, &message, &whole) ? whole.id : 0;
    message_clear(&whole);
    return found;
}

Test(fold, a_newer_one_takes_over_the_place)
{
    struct work *first = (stage_add(0, PRIORITY_NORMAL), stage_next_send());
    int64_t older = hand_in_disk(), between = stage_add(0, PRIORITY_NORMAL);
    int64_t newer = hand_in_disk();
    cr_expect_eq(stage_state(older), MESSAGE_FOLDED);
    cr_expect_eq(whole_of(older), newer);
    stage_sent(first);

    struct work *work = stage_next_send();
    cr_expect_eq(stage_id(work), newer);
    stage_sent(work);
    work = stage_next_send();
    cr_expect_eq(stage_id(work), between);
    stage_sent(work);
    cr_expect_null(stage_next());
}

static struct message loaded(int64_t id)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    return message;
}

Test(fold, a_newer_one_has_the_stamp_that_a_backup_would_look_for)
{
    int64_t older = hand_in_disk(), newer = (hand_in_disk(), hand_in_disk());
    struct message first = loaded(older), latest = loaded(newer);
    cr_expect(strlen(first.stamp) == STAMP_LENGTH);
    cr_expect_str_eq(latest.stamp, first.stamp);
    message_clear(&first);
    message_clear(&latest);
}

Test(fold, it_says_how_many_there_were)
{
    stage.now.at = 1795223520000; /* 2026-11-21 01:12 UTC */
    struct work *first = (stage_add(0, PRIORITY_NORMAL), stage_next_send());
    for (int i = 0; i < 37; i++) {
        hand_in_disk();
        stage_pass(1000);
    }
    stage_sent(first);
    struct work *work = stage_next_send();
    cr_expect_str_eq(work->parcel.message->content, "[x37 since 01:12 UTC] disk full on db01");
    cr_expect_eq(work->parcel.message->fold_count, 36);
    stage_sent(work);
    cr_expect_null(stage_next());
}

Test(fold, one_that_stands_for_itself_says_nothing)
{
    hand_in_disk();
    struct work *work = stage_next_send();
    cr_expect_str_eq(work->parcel.message->content, "disk full on db01");
    stage_sent(work);
}

Test(fold, what_is_under_way_or_in_doubt_is_left_alone)
{
    int64_t older = hand_in_disk();
    struct work *work = stage_next_send();
    int64_t newer = hand_in_disk();
    cr_expect_eq(stage_state(older), MESSAGE_PENDING);
    stage_doubt(work);
    int64_t newest = hand_in_disk();
    cr_expect(stage_state(older) == MESSAGE_PENDING && stage_in_doubt(older));
    cr_expect_eq(whole_of(newer), newest);

    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (const int64_t[]){ older, 0 });
    cr_expect_eq(stage_state(older), MESSAGE_SENT);
    work = stage_next_send();
    cr_expect_eq(stage_id(work), newest);
    cr_expect_eq(work->parcel.message->fold_count, 1);
    stage_sent(work);
}

Test(fold, what_was_risked_keeps_its_doubt)
{
    stage.on_doubt = ON_DOUBT_RISK_TWICE;
    stage_configure();
    int64_t older = hand_in_disk();
    stage_doubt(stage_next_send());
    struct work *work = stage_next_send();
    stage_refused(work, 429, SCOPE_THREAD, 60000);
    hand_in_disk();
    cr_expect(stage_state(older) == MESSAGE_FOLDED && stage_in_doubt(older),
              "it may have appeared");
}

/* Posted, its answer lost, and then risked: the chat shows it, and that is not the newer one. */
Test(fold, what_was_posted_does_not_pass_for_what_replaced_it)
{
    stage.on_doubt = ON_DOUBT_RISK_TWICE;
    stage_configure();
    int64_t older = hand_in_disk();
    stage_doubt(stage_next_send());
    stage_refused(stage_next_send(), 429, SCOPE_THREAD, 60000);
    int64_t newer = hand_in_disk(), newest = hand_in_disk();
    cr_expect_eq(whole_of(older), newest);

    stage.on_doubt = ON_DOUBT_LOOK;
    stage_configure();
    stage_pass(60000);
    struct work *work = stage_next_send();
    cr_expect_eq(stage_id(work), newest);
    stage_doubt(work);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (const int64_t[]){ older, 0 });
    cr_expect_eq(stage_state(newest), MESSAGE_PENDING, "it never appeared");
    work = stage_next_send();
    cr_expect_eq(stage_id(work), newest);
    stage_sent(work);

    struct message first = loaded(newer), latest = loaded(newest);
    cr_expect_str_eq(latest.stamp, first.stamp, "neither of them was tried before");
    message_clear(&first);
    message_clear(&latest);
}

Test(fold, what_was_refused_and_waits_again_is_replaced)
{
    int64_t older = hand_in_disk();
    stage_refused(stage_next_send(), 429, SCOPE_THREAD, 60000);
    int64_t newer = hand_in_disk();
    cr_expect_eq(stage_state(older), MESSAGE_FOLDED);
    cr_expect_null(stage_next());
    stage_pass(60000);
    struct work *work = stage_next_send();
    cr_expect_eq(stage_id(work), newer);
    stage_sent(work);
}

Test(fold, a_place_is_taken_over_even_by_one_that_lives_longer)
{
    struct work *first = (stage_add(0, PRIORITY_NORMAL), stage_next_send());
    int64_t older = hand_in(disk, 7, PRIORITY_NORMAL, stage.now.at + 1000);
    int64_t newer = hand_in(disk, 7, PRIORITY_NORMAL, stage.now.at + 5000);
    stage_sent(first);
    stage_pass(1000);
    struct work *work = stage_next_send();
    cr_expect_eq(stage_id(work), newer);
    cr_expect_eq(stage_state(older), MESSAGE_FOLDED);
    stage_sent(work);
}

Test(fold, names_are_per_lane_and_user)
{
    struct work *first = (stage_add(0, PRIORITY_NORMAL), stage_next_send());
    int64_t ids[] = { hand_in_disk(),
                      hand_in(other, 7, PRIORITY_NORMAL, 0),
                      hand_in(disk, 8, PRIORITY_NORMAL, 0),
                      hand_in(disk, 7, PRIORITY_BULK, 0),
                      hand_in(NULL, 7, PRIORITY_NORMAL, 0),
                      hand_in(NULL, 7, PRIORITY_NORMAL, 0) };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        cr_expect_eq(stage_state(ids[i]), MESSAGE_PENDING, "%zu", i);
    stage_sent(first);
}

/* Reading is a few steps, and so is writing, however long the chain. */
Test(fold, a_long_chain_is_short_from_everywhere)
{
    enum { MANY = 10000 };
    static int64_t ids[MANY];
    struct work *first = (stage_add(0, PRIORITY_NORMAL), stage_next_send());
    for (size_t i = 0; i < MANY; i++) {
        ids[i] = hand_in_disk();
        cr_assert_leq(outbox_changes(stage.outbox), 4);
    }
    for (size_t i = 0; i < MANY; i++)
        cr_assert_eq(whole_of(ids[i]), ids[MANY - 1], "%zu", i);
    stage_sent(first);
    stage_sent(stage_next_send());
    cr_expect_null(stage_next());
    cr_expect_eq(tally_sum(outbox_tally(stage.outbox), TALLY_ANY, 7, MESSAGE_FOLDED).messages,
                 MANY - 1);
}

/* A chain that goes on with one that was cancelled and brought back. */
Test(fold, chains_that_meet_stay_short)
{
    struct work *first = (stage_add(0, PRIORITY_NORMAL), stage_next_send());
    int64_t ids[12];
    for (size_t i = 0; i < 12; i++) {
        ids[i] = hand_in_disk();
        struct message message;
        cr_assert(outbox_load(stage.outbox, ids[i], &message));
        if (i % 3 == 2) {
            outbox_move(stage.outbox, &message, MESSAGE_CANCELLED);
            outbox_move(stage.outbox, &message, MESSAGE_PENDING);
            dispatcher_changed(stage.dispatcher, message.lane, stage.now);
        }
        message_clear(&message);
    }
    for (size_t i = 0; i < 12; i++)
        cr_expect_eq(whole_of(ids[i]), ids[11], "%zu", i);
    stage_sent(first);
}

Test(fold, it_survives_a_crash)
{
    stage_add(0, PRIORITY_NORMAL);
    stage_next_send();
    int64_t first = hand_in_disk(), second = hand_in_disk(), third = hand_in_disk();
    stage_crash(0);
    int64_t fourth = hand_in_disk();
    cr_expect(whole_of(first) == fourth && whole_of(second) == fourth && whole_of(third) == fourth);
}
