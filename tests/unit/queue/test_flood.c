/* More waits than a thread takes, and the test plays the chat. */
#include "queue/diagnosis.h"
#include "queue/dispatcher_control.h"
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { MANY = 40 };

static void set_up(void)
{
    stage_open(2);
    stage.limits = (struct pacer_limits){ .paces = { { 10, 10000 }, { 30, 60000 } },
                                          .pace_count = 2,
                                          .pace_percent = 100 };
    stage.digest = (struct digest_rule){
        .mode = DIGEST_BACKLOG, .after_ms = 60000, .messages = 1000, .limit = 28672
    };
    stage_configure();
}

TestSuite(flood, .init = set_up, .fini = stage_close);

/* The first of `count` new messages of thread 0. */
static int64_t add_many(int count)
{
    int64_t first = 0;
    for (int i = 0; i < count; i++) {
        int64_t id = stage_add(0, PRIORITY_NORMAL);
        first = first ? first : id;
    }
    stage_commit();
    return first;
}

/* Its slot may have to open first. */
static struct work *next_send(void)
{
    struct work *work = NULL;
    while (!(work = stage_next())) {
        cr_assert(stage.again_ms < 100000, "nothing to send");
        stage_pass(stage.again_ms);
    }
    cr_assert(work->kind == WORK_SEND);
    return work;
}

static struct work *next_digest(int64_t messages)
{
    struct work *work = next_send();
    cr_assert(work->parcel.message->kind == MESSAGE_DIGEST);
    cr_expect(work->parcel.message->fold_count == messages);
    return work;
}

static struct work *next_single(int64_t id)
{
    struct work *work = next_send();
    cr_expect(work->parcel.message->kind == MESSAGE_SEND);
    cr_expect(stage_id(work) == id);
    return work;
}

static int64_t count_in(enum message_state state)
{
    return tally_sum(outbox_tally(stage.outbox), TALLY_ANY, TALLY_ANY, state).messages;
}

static void expect_each(int64_t first, int count, enum message_state state)
{
    for (int64_t id = first; id < first + count; id++)
        cr_expect(stage_state(id) == state);
}

static struct message loaded(int64_t id)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    return message;
}

Test(flood, few_messages_go_singly)
{
    int64_t first = add_many(5);
    for (int64_t id = first; id < first + 5; id++)
        stage_sent(next_single(id));
}

Test(flood, many_go_as_one_that_is_a_message_of_the_relay)
{
    int64_t first = add_many(MANY);
    struct work *work = next_digest(MANY);
    struct message digest = loaded(stage_id(work));
    cr_expect(digest.state == MESSAGE_PENDING && digest.rank == first + MANY - 1);
    cr_expect(digest.doubted_at == stage.now.at && digest.attempts == 1, "with its attempt");
    cr_expect(digest.uid == RELAY_UID && !digest.expires_at && strlen(digest.stamp) == 32);
    struct message oldest = loaded(first), newest = loaded(first + MANY - 1);
    char range[200];
    snprintf(range, sizeof range, "{\"chatrelayFirst\":\"%s %lld\",\"chatrelayLast\":\"%s %lld\"}",
             oldest.stamp, (long long)first, newest.stamp, (long long)first + MANY - 1);
    cr_expect_str_eq(digest.metadata, range);
    message_clear(&oldest);
    message_clear(&newest);
    cr_expect(strncmp(digest.content, "40 messages, ", 13) == 0);
    message_clear(&digest);
    expect_each(first, MANY, MESSAGE_FOLDED);
    struct message original = loaded(first);
    cr_expect(original.into_id == stage_id(work) && original.ended_at == stage.now.at);
    message_clear(&original);
    stage_sent(work);
    cr_expect(count_in(MESSAGE_SENT) == 1 && count_in(MESSAGE_FOLDED) == MANY);
    cr_expect(!stage_next());
}

Test(flood, what_comes_meanwhile_follows_it)
{
    add_many(MANY);
    struct work *work = next_digest(MANY);
    int64_t later = add_many(1);
    cr_expect(!stage_next());
    stage_sent(work);
    stage_sent(next_single(later));
}

Test(flood, what_is_urgent_goes_singly_and_first)
{
    add_many(MANY);
    int64_t urgent = stage_add(0, PRIORITY_URGENT), other = stage_add(0, PRIORITY_URGENT);
    stage_sent(next_single(urgent));
    stage_sent(next_single(other));
    stage_sent(next_digest(MANY));
}

Test(flood, always_means_two_are_enough)
{
    stage.digest.mode = DIGEST_ALWAYS;
    stage_configure();
    int64_t only = add_many(1);
    stage_sent(next_single(only));
    add_many(2);
    stage_sent(next_digest(2));
}

Test(flood, off_means_never)
{
    stage.digest.mode = DIGEST_OFF;
    stage_configure();
    int64_t first = add_many(MANY);
    stage_sent(next_single(first));
}

static void expect_apart(int64_t digest, int64_t first)
{
    struct message message = loaded(digest);
    cr_expect(message_is_unfolded(&message) && message.ended_at && !message.doubted_at);
    cr_expect(!message.content, "its messages have it");
    message_clear(&message);
    expect_each(first, MANY, MESSAGE_PENDING);
    cr_expect(count_in(MESSAGE_PENDING) == MANY && count_in(MESSAGE_CANCELLED) == 1);
}

Test(flood, after_a_definite_no_they_wait_by_themselves_and_are_composed_afresh)
{
    int64_t first = add_many(MANY);
    struct work *work = next_digest(MANY);
    int64_t digest = stage_id(work);
    stage_refused(work, 429, SCOPE_THREAD, 5000);
    cr_expect(stage.told[0].id == digest && stage.told[0].state == MESSAGE_CANCELLED);
    expect_apart(digest, first);
    cr_expect(!stage_next());
    struct message taken = loaded(first + 3);
    cr_expect(dispatcher_control(stage.dispatcher, CONTROL_CANCEL, &taken, "root", stage.now) ==
              CONTROL_DONE);
    message_clear(&taken);
    add_many(2);
    stage_pass(5000);
    work = next_digest(MANY - 1 + 2);
    cr_expect(stage_id(work) != digest);
    stage_sent(work);
}

Test(flood, so_it_is_when_nothing_left_us)
{
    int64_t first = add_many(MANY);
    struct work *work = next_digest(MANY);
    int64_t digest = stage_id(work);
    stage_unsent(work);
    expect_apart(digest, first);
    stage_pass(300000);
    stage_sent(next_digest(MANY));
}

Test(flood, refused_as_one_they_go_singly_and_those_behind_together)
{
    int64_t first = add_many(MANY);
    stage_refused(next_digest(MANY), 413, SCOPE_MESSAGE, DELIVERY_NO_WAIT);
    expect_each(first, MANY, MESSAGE_PENDING);
    add_many(MANY);
    for (int64_t id = first; id < first + MANY; id++) {
        stage_sent(next_single(id));
    }
    stage_sent(next_digest(MANY));
}

Test(flood, a_400_is_charged_to_it_once_the_thread_has_answered)
{
    int64_t first = add_many(MANY);
    stage_refused(next_digest(MANY), 400, SCOPE_UNCLEAR, DELIVERY_NO_WAIT);
    expect_each(first, MANY, MESSAGE_PENDING);
    stage_answered(stage_next_inspection());
    stage_refused(next_digest(MANY), 400, SCOPE_UNCLEAR, DELIVERY_NO_WAIT);
    expect_each(first, MANY, MESSAGE_PENDING);
    stage_refused(next_single(first), 400, SCOPE_UNCLEAR, DELIVERY_NO_WAIT);
    cr_expect(stage_state(first) == MESSAGE_PENDING, "that was the digest's refusal, not its own");
    stage_answered(stage_next_inspection());
    stage_refused(next_single(first), 400, SCOPE_UNCLEAR, DELIVERY_NO_WAIT);
    cr_expect(stage_state(first) == MESSAGE_DEAD);
    stage_sent(next_single(first + 1));
}

/* Somebody asks how things are while it probes what had failed. */
Test(flood, to_be_asked_why_while_it_is_under_way_does_not_bring_it_back)
{
    add_many(MANY);
    stage_unsent(next_digest(MANY));
    stage_pass(300000);
    struct work *probe = next_digest(MANY);
    int64_t digest = stage_id(probe), later = add_many(1);
    lane_id lane = stage_lane(0, PRIORITY_NORMAL);
    cr_expect(dispatcher_diagnose_lane(stage.dispatcher, lane, stage.now).cause == CAUSE_ENDPOINT);
    stage_sent(probe);
    stage_pass(STAGE_SETTLE_MS);
    stage_sent(next_single(later));
    cr_expect(stage_state(digest) == MESSAGE_SENT && !stage_next());
}

Test(flood, in_doubt_it_is_kept_as_it_is)
{
    int64_t first = add_many(MANY);
    struct work *work = next_digest(MANY);
    int64_t digest = stage_id(work);
    stage_doubt(work);
    expect_each(first, MANY, MESSAGE_FOLDED);
    add_many(1);
    stage_pass(STAGE_SETTLE_MS);
    work = stage_next_look();
    cr_expect(work->look.count == 1);
    stage_looked(work, true, (const int64_t[]){ 0 });
    cr_expect(stage_state(digest) == MESSAGE_PENDING);
    work = next_digest(MANY);
    cr_expect(stage_id(work) == digest, "the same once more");
    stage_doubt(work);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (const int64_t[]){ digest, 0 });
    cr_expect(stage_state(digest) == MESSAGE_SENT);
}

Test(flood, a_no_after_the_doubt_is_a_no)
{
    int64_t first = add_many(MANY);
    stage_doubt(next_digest(MANY));
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (const int64_t[]){ 0 });
    stage_refused(next_digest(MANY), 429, SCOPE_THREAD, 1000);
    expect_each(first, MANY, MESSAGE_PENDING);
}

Test(flood, one_that_was_risked_may_have_appeared_and_stays_whole)
{
    stage.on_doubt = ON_DOUBT_RISK_TWICE;
    stage_configure();
    int64_t first = add_many(MANY);
    struct work *work = next_digest(MANY);
    int64_t digest = stage_id(work);
    stage_doubt(work);
    stage_refused(next_digest(MANY), 429, SCOPE_THREAD, 1000);
    cr_expect(stage_state(digest) == MESSAGE_PENDING);
    expect_each(first, MANY, MESSAGE_FOLDED);
    work = next_digest(MANY);
    cr_expect(stage_id(work) == digest);
    stage_refused(work, 413, SCOPE_MESSAGE, DELIVERY_NO_WAIT);
    expect_each(first, MANY, MESSAGE_PENDING);
    stage_sent(next_single(first));
    cr_expect(!stage_in_doubt(first));
    stage_refused(next_single(first + 1), 413, SCOPE_MESSAGE, DELIVERY_NO_WAIT);
    cr_expect(stage_state(first + 1) == MESSAGE_DEAD);
    cr_expect(stage_in_doubt(first + 1), "it may have appeared, in the digest");
}

Test(flood, a_crash_leaves_all_of_it_or_nothing)
{
    int64_t first = add_many(MANY);
    int64_t digest = stage_id(next_digest(MANY));
    stage_crash(60000);
    cr_expect(stage_in_doubt(digest));
    expect_each(first, MANY, MESSAGE_FOLDED);
    cr_expect(!stage_next());
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (const int64_t[]){ digest, 0 });
    cr_expect(stage_state(digest) == MESSAGE_SENT && !stage_next());
}

Test(flood, what_is_worthless_is_lost_as_ever)
{
    int64_t first = stage_add_timed(0, PRIORITY_NORMAL, 0, stage.now.at + 20000);
    add_many(MANY);
    struct work *work = next_digest(MANY + 1);
    stage_pass(20000);
    cr_expect(!stage_next() && stage.expired == 0, "it may arrive yet");
    stage_refused(work, 429, SCOPE_THREAD, 10000);
    cr_expect(!stage_next() && stage.expired == 1);
    cr_expect(stage_state(first) == MESSAGE_EXPIRED);
    stage_pass(10000);
    stage_sent(next_digest(MANY));
}

static enum control_verdict control(int64_t id, enum control what)
{
    struct message message = loaded(id);
    enum control_verdict verdict =
        dispatcher_control(stage.dispatcher, what, &message, "root", stage.now);
    message_clear(&message);
    stage_commit();
    return verdict;
}

Test(flood, hands_on_the_digest_are_hands_on_what_is_in_it)
{
    int64_t first = add_many(MANY);
    struct work *work = next_digest(MANY);
    int64_t digest = stage_id(work);
    cr_expect(control(first, CONTROL_CANCEL) == CONTROL_IN_STATE);
    cr_expect(control(digest, CONTROL_HOLD) == CONTROL_WISHED);
    stage_refused(work, 429, SCOPE_THREAD, 1000);
    cr_expect(stage_state(digest) == MESSAGE_HELD);
    expect_each(first, MANY, MESSAGE_FOLDED);
    cr_expect(control(digest, CONTROL_RELEASE) == CONTROL_DONE);
    stage_pass(1000);
    work = next_digest(MANY);
    cr_expect(stage_id(work) == digest);
    cr_expect(control(digest, CONTROL_CANCEL) == CONTROL_WISHED);
    stage_refused(work, 413, SCOPE_MESSAGE, DELIVERY_NO_WAIT);
    cr_expect(stage_state(digest) == MESSAGE_CANCELLED);
    expect_each(first, MANY, MESSAGE_FOLDED);
    cr_expect(control(digest, CONTROL_RETRY) == CONTROL_DONE);
    stage_sent(next_digest(MANY));
}

Test(flood, a_digest_is_as_many_as_fit_and_the_rest_follows)
{
    stage.digest.messages = 25;
    stage_configure();
    int64_t first = add_many(60);
    stage_sent(next_digest(25));
    stage_sent(next_digest(25));
    stage_sent(next_single(first + 50));
}

Test(flood, what_cannot_join_ends_it_and_goes_by_itself)
{
    int64_t first = add_many(MANY);
    struct message odd = { .lane = stage_lane(0, PRIORITY_NORMAL),
                           .state = MESSAGE_PENDING,
                           .accepted_at = stage.now.at,
                           .content = (char *)(uintptr_t) "x",
                           .content_bytes = 1,
                           .metadata = (char *)(uintptr_t) "{\"k\":\"v\"}" };
    memcpy(odd.stamp, stage_stamp(), sizeof odd.stamp);
    outbox_add(stage.outbox, &odd);
    dispatcher_added(stage.dispatcher, &odd, stage.now);
    int64_t last = add_many(MANY);
    stage_sent(next_digest(MANY));
    stage_sent(next_single(odd.id));
    stage_sent(next_digest(MANY));
    expect_each(first, MANY, MESSAGE_FOLDED);
    expect_each(last, MANY, MESSAGE_FOLDED);
}

Test(flood, the_wait_is_told_with_digests)
{
    lane_id lane = stage_lane(0, PRIORITY_NORMAL);
    add_many(20);
    cr_expect(dispatcher_prospect(stage.dispatcher, lane, stage.now).eta_ms > 9000, "singly");
    add_many(980);
    struct prospect prospect = dispatcher_prospect(stage.dispatcher, lane, stage.now);
    cr_expect(prospect.position == 1000 && prospect.eta_ms < 1000, "%lld",
              (long long)prospect.eta_ms);
    stage.digest.mode = DIGEST_OFF;
    stage_configure();
    cr_expect(dispatcher_prospect(stage.dispatcher, lane, stage.now).eta_ms > 1900000);
}
