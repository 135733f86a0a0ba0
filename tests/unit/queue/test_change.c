/*
 * test_change.c - edits and deletes of what is in the chat
 */
#include "base/memory.h"
#include "queue/change.h"
#include "queue/dispatcher_control.h"
#include "queue/turn.h"
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void make(void)
{
    stage_open(1);
}

TestSuite(change, .init = make, .fini = stage_close);

static enum change_verdict verdict_now(enum message_kind kind, int64_t id)
{
    struct message target;
    cr_assert(outbox_load(stage.outbox, id, &target));
    enum change_verdict verdict = change_judge(kind, &target);
    message_clear(&target);
    return verdict;
}

/* Asks for a change that goes as a row of its own; returns that one's id. */
static int64_t change(enum message_kind kind, int64_t id)
{
    char content[] = "other words", user[] = "ada";
    struct message target, change = { .kind = kind, .accepted_at = stage.now.at, .user = user };
    snprintf(change.stamp, sizeof change.stamp, "%s", stage_stamp());
    if (kind == MESSAGE_UPDATE) {
        change.content = content;
        change.content_bytes = strlen(content);
    }
    cr_assert(outbox_load(stage.outbox, id, &target));
    cr_assert(dispatcher_change(stage.dispatcher, &change, &target, stage.now) == CHANGE_GOES);
    stage_commit();
    message_clear(&target);
    return change.id;
}

/* What `chatrelay cancel` does to a message, wherever it is. */
static void cancel(int64_t id)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    dispatcher_control(stage.dispatcher, CONTROL_CANCEL, &message, "ada", stage.now);
    stage_commit();
    message_clear(&message);
}

static int64_t say(void)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_sent(stage_next_send());
    return id;
}

Test(change, what_was_taken_back_stays_so)
{
    int64_t id = say(), gone = change(MESSAGE_DELETE, id);
    cr_expect(verdict_now(MESSAGE_UPDATE, id) == CHANGE_TAKEN_BACK, "it is about to be");
    struct work *work = stage_next_send();
    cr_assert(stage_id(work) == gone);
    stage_sent(work);
    cr_expect(verdict_now(MESSAGE_UPDATE, id) == CHANGE_TAKEN_BACK);
    cr_expect(verdict_now(MESSAGE_DELETE, id) == CHANGE_TAKEN_BACK);
}

Test(change, what_the_chat_would_not_take_back_can_be_edited_again)
{
    int64_t id = say(), gone = change(MESSAGE_DELETE, id);
    stage_refused(stage_next_send(), 413, SCOPE_MESSAGE, DELIVERY_NO_WAIT);
    cr_expect(stage_state(gone) == MESSAGE_DEAD);
    cr_expect(verdict_now(MESSAGE_UPDATE, id) == CHANGE_GOES);
}

Test(change, a_delete_that_is_cancelled_under_way_is_given_up_when_it_ends_unsent)
{
    int64_t id = say(), gone = change(MESSAGE_DELETE, id);
    struct work *work = stage_next_send();
    cancel(gone);
    stage_refused(work, 429, SCOPE_THREAD, 1000);
    cr_expect(stage_state(gone) == MESSAGE_CANCELLED);
    cr_expect(verdict_now(MESSAGE_UPDATE, id) == CHANGE_GOES);
}

Test(change, a_delete_that_finds_its_thread_elsewhere_ends_by_itself)
{
    int64_t id = say(), gone = change(MESSAGE_DELETE, id);
    stage.routes[0].place = 1;
    stage_configure();
    cr_expect(stage_next() == NULL && stage_state(gone) == MESSAGE_DEAD);
    cr_expect(verdict_now(MESSAGE_UPDATE, id) == CHANGE_GOES);
}

Test(change, a_cancel_that_came_too_late_forbids_no_edit)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cancel(id);
    cr_expect(verdict_now(MESSAGE_UPDATE, id) == CHANGE_TAKEN_BACK, "it may still stay unsent");
    stage_sent(work);
    cr_expect(verdict_now(MESSAGE_UPDATE, id) == CHANGE_GOES);
}

Test(change, an_unsend_of_what_is_under_way_holds_when_it_is_sent)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cancel(id);
    int64_t gone = change(MESSAGE_DELETE, id);
    cancel(id);
    stage_sent(work);
    cr_expect(verdict_now(MESSAGE_UPDATE, id) == CHANGE_TAKEN_BACK, "its delete waits");
    cancel(gone);
    cr_expect(verdict_now(MESSAGE_UPDATE, id) == CHANGE_GOES);
}

Test(change, an_unsend_of_what_ends_unsent_cancels_it)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    change(MESSAGE_DELETE, id);
    stage_refused(work, 429, SCOPE_THREAD, 1000);
    cr_expect(stage_state(id) == MESSAGE_CANCELLED);
}

Test(change, an_unsend_that_was_cancelled_meanwhile_is_forgotten)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cancel(change(MESSAGE_DELETE, id));
    stage_sent(work);
    cr_expect(verdict_now(MESSAGE_UPDATE, id) == CHANGE_GOES);
}

/* Each ends by itself when the first of them would go. */
Test(change, those_that_end_by_themselves_fill_no_turn_beyond_its_bound)
{
    enum { WAITING = TURN_MOST_CHANGES + 200 };
    int64_t id = say(), latest = 0;
    msec_t again_ms = MSEC_NEVER;
    for (int i = 0; i < WAITING; i++)
        latest = change(MESSAGE_UPDATE, id);
    stage.routes[0].place = 1;
    stage_configure();
    stage_commit();
    cr_expect(dispatcher_next(stage.dispatcher, stage.now, stage_stamp(), &again_ms) == NULL);
    cr_expect(outbox_changes(stage.outbox) >= TURN_MOST_CHANGES);
    cr_expect(outbox_changes(stage.outbox) <= TURN_MOST_CHANGES + 3, "one may go a little over");
    cr_expect(again_ms == 0 && stage_state(latest) == MESSAGE_PENDING);
    stage_commit();
    cr_expect(dispatcher_next(stage.dispatcher, stage.now, stage_stamp(), &again_ms) == NULL);
    cr_expect(stage_state(latest) == MESSAGE_DEAD);
}

/* As the chat has it then, so that it can be compared. */
Test(change, an_edit_replaces_the_late_mark_as_well)
{
    int64_t id = say();
    struct message target;
    cr_assert(outbox_load(stage.outbox, id, &target));
    target.late_mark = xstrdup("[sent 01:12 UTC, 2 h 31 min ago]");
    outbox_move(stage.outbox, &target, target.state);
    stage_commit();
    message_clear(&target);

    change(MESSAGE_UPDATE, id);
    stage_sent(stage_next_send());
    cr_assert(outbox_load(stage.outbox, id, &target));
    cr_expect(target.late_mark == NULL);
    cr_expect_str_eq(target.content, "other words");
    message_clear(&target);
}
