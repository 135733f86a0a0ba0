/*
 * test_control.c - what cancel, hold, release and retry mean for one message
 */
#include "base/memory.h"
#include "queue/control.h"

#include <criterion/criterion.h>
#include <string.h>

static const msec_t now_at = 1000000;

static struct message message;

static void make(void)
{
    message = (struct message){ .id = 7,
                                .rank = 7,
                                .state = MESSAGE_PENDING,
                                .accepted_at = 400000,
                                .expires_at = 700000,
                                .content = xstrdup("text") };
}

static void finish(void)
{
    message_clear(&message);
}

TestSuite(control, .init = make, .fini = finish);

/* Do it; the state is moved as the outbox would. */
static enum control_verdict apply(enum control control)
{
    enum message_state state = MESSAGE_SENT;
    enum control_verdict verdict = control_apply(control, &message, "root", now_at, &state);
    message.state = state;
    return verdict;
}

Test(control, what_waits_is_cancelled_with_a_name_and_a_time)
{
    static const enum message_state waiting[] = { MESSAGE_SCHEDULED, MESSAGE_PENDING,
                                                  MESSAGE_HELD };
    for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++) {
        message.state = waiting[i];
        message.ended_at = 0;
        cr_expect(apply(CONTROL_CANCEL) == CONTROL_DONE);
        cr_expect(message.state == MESSAGE_CANCELLED && message.ended_at == now_at);
        cr_expect_str_eq(message.reason, "cancelled by root");
    }
    cr_expect(apply(CONTROL_CANCEL) == CONTROL_ALREADY);
}

Test(control, whether_a_retry_would_be_done_is_known_before)
{
    static const enum message_state lost[] = { MESSAGE_DEAD, MESSAGE_EXPIRED, MESSAGE_CANCELLED };
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        message.state = lost[i];
        cr_expect(control_may_retry(&message));
    }
    replace_text(&message.content, NULL);
    cr_expect_not(control_may_retry(&message), "it is wiped");
    message.kind = MESSAGE_DELETE;
    cr_expect(control_may_retry(&message), "it never had any");
    message.state = MESSAGE_HELD;
    cr_expect_not(control_may_retry(&message));
}

Test(control, a_state_that_does_not_allow_it_is_left_alone)
{
    static const enum message_state ended[] = { MESSAGE_SENT, MESSAGE_FOLDED };
    static const enum control all[] = { CONTROL_CANCEL, CONTROL_HOLD, CONTROL_RELEASE,
                                        CONTROL_RETRY };
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 4; j++) {
            message.state = ended[i];
            cr_expect(apply(all[j]) == CONTROL_IN_STATE);
            cr_expect(message.state == ended[i] && !message.reason && message.rank == 7);
        }
    message.state = MESSAGE_DEAD;
    cr_expect(apply(CONTROL_CANCEL) == CONTROL_IN_STATE && apply(CONTROL_HOLD) == CONTROL_IN_STATE);
    cr_expect(apply(CONTROL_RELEASE) == CONTROL_IN_STATE && message.state == MESSAGE_DEAD);
    message.state = MESSAGE_HELD;
    cr_expect(apply(CONTROL_RETRY) == CONTROL_IN_STATE && message.state == MESSAGE_HELD);
}

Test(control, held_and_released_it_has_its_old_place)
{
    cr_expect(apply(CONTROL_HOLD) == CONTROL_DONE && message.state == MESSAGE_HELD);
    cr_expect_str_eq(message.reason, "held by root");
    cr_expect(apply(CONTROL_HOLD) == CONTROL_ALREADY);
    cr_expect(apply(CONTROL_RELEASE) == CONTROL_DONE && message.state == MESSAGE_PENDING);
    cr_expect(message.rank == 7 && message.expires_at == 700000 && !message.reason);
    cr_expect(apply(CONTROL_RELEASE) == CONTROL_ALREADY);
}

Test(control, what_was_held_before_its_time_waits_for_its_time)
{
    message.state = MESSAGE_SCHEDULED;
    message.rank = 0;
    message.due_at = now_at + 1;
    apply(CONTROL_HOLD);
    cr_expect(apply(CONTROL_RELEASE) == CONTROL_DONE && message.state == MESSAGE_SCHEDULED);
    apply(CONTROL_HOLD);
    message.due_at = now_at;
    cr_expect(apply(CONTROL_RELEASE) == CONTROL_DONE && message.state == MESSAGE_PENDING);
    cr_expect(message.rank == 0);
}

Test(control, what_may_have_appeared_is_not_touched_but_the_wish_is_kept)
{
    message.doubted_at = 900000;
    cr_expect(apply(CONTROL_HOLD) == CONTROL_WISHED && message.state == MESSAGE_PENDING);
    cr_expect_str_eq(message.wish, "hold by root");
    cr_expect(apply(CONTROL_HOLD) == CONTROL_ALREADY);
    cr_expect(apply(CONTROL_CANCEL) == CONTROL_WISHED && message.state == MESSAGE_PENDING);
    cr_expect_str_eq(message.wish, "cancel by root", "the latest wish counts");
    cr_expect(message.ended_at == 0 && !message.reason);
}

Test(control, a_wish_can_be_taken_back)
{
    message.doubted_at = 900000;
    apply(CONTROL_HOLD);
    cr_expect(apply(CONTROL_RETRY) == CONTROL_ALREADY && message.wish);
    cr_expect(apply(CONTROL_RELEASE) == CONTROL_DONE && !message.wish);
    apply(CONTROL_CANCEL);
    cr_expect(apply(CONTROL_RELEASE) == CONTROL_ALREADY && message.wish);
    cr_expect(apply(CONTROL_RETRY) == CONTROL_DONE && !message.wish);
    cr_expect(message.state == MESSAGE_PENDING && message.rank == 7);
}

Test(control, a_wish_is_done_when_the_attempt_has_ended_unsent)
{
    cr_expect(control_fulfil(&message, now_at) == MESSAGE_PENDING);

    message.doubted_at = 900000;
    apply(CONTROL_CANCEL);
    message.doubted_at = 0;
    cr_expect(control_fulfil(&message, now_at) == MESSAGE_CANCELLED);
    cr_expect(message.ended_at == now_at && !message.wish);
    cr_expect_str_eq(message.reason, "cancelled by root");

    message.doubted_at = 900000;
    message.ended_at = 0;
    apply(CONTROL_HOLD);
    message.doubted_at = 0;
    cr_expect(control_fulfil(&message, now_at) == MESSAGE_HELD);
    cr_expect(message.ended_at == 0 && !message.wish);
    cr_expect_str_eq(message.reason, "held by root");
}

Test(control, what_was_lost_comes_back_at_the_end_with_a_fresh_ttl)
{
    static const enum message_state lost[] = { MESSAGE_DEAD, MESSAGE_EXPIRED, MESSAGE_CANCELLED };
    for (size_t i = 0; i < 3; i++) {
        message.state = lost[i];
        message.rank = 7;
        message.ended_at = 750000;
        message.expires_at = 700000; /* 300 s after it was accepted */
        message.doubted_at = 600000;
        cr_expect(apply(CONTROL_RETRY) == CONTROL_DONE && message.state == MESSAGE_PENDING);
        cr_expect(message.rank == 0 && message.ended_at == 0 && !message.reason);
        cr_expect(message.expires_at == now_at + 300000);
        cr_expect(message.doubted_at == 600000, "it is looked for first");
    }
    cr_expect(apply(CONTROL_RETRY) == CONTROL_ALREADY);
}

Test(control, without_a_ttl_there_is_none_afterwards)
{
    message.state = MESSAGE_DEAD;
    message.expires_at = 0;
    cr_expect(apply(CONTROL_RETRY) == CONTROL_DONE && message.expires_at == 0);
}

Test(control, what_was_cancelled_before_its_time_waits_for_it_again)
{
    message.state = MESSAGE_CANCELLED;
    message.due_at = now_at + 5000;
    message.expires_at = message.due_at + 60000;
    cr_expect(apply(CONTROL_RETRY) == CONTROL_DONE && message.state == MESSAGE_SCHEDULED);
    cr_expect(message.expires_at == message.due_at + 60000);
}

Test(control, what_is_gone_cannot_come_back)
{
    message.state = MESSAGE_DEAD;
    free_memory(&message.content);
    message.content = NULL;
    cr_expect(apply(CONTROL_RETRY) == CONTROL_WIPED && message.state == MESSAGE_DEAD);
    message.content = xstrdup("digest");
    message.kind = MESSAGE_DIGEST;
    message.state = MESSAGE_CANCELLED;
    message.reason = xstrdup(MESSAGE_UNFOLDED);
    cr_expect(apply(CONTROL_RETRY) == CONTROL_UNFOLDED && message.state == MESSAGE_CANCELLED);
}

Test(control, a_digest_that_somebody_cancelled_comes_back_whole)
{
    message.kind = MESSAGE_DIGEST;
    apply(CONTROL_CANCEL);
    cr_expect(apply(CONTROL_RETRY) == CONTROL_DONE && message.state == MESSAGE_PENDING);
}
