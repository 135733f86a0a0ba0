/*
 * test_edit.c - a message is edited or taken back, wherever it is on its way
 */
#include "base/memory.h"
#include "queue/change.h"
#include "queue/dispatcher_control.h"
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { OWNER = 1001, OTHER = 1002 };

static void make(void)
{
    stage_open(2);
}

TestSuite(edit, .init = make, .fini = stage_close);

static struct message load(int64_t id)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    return message;
}

/* What becomes of it; `change` gets the id of the row that was added, 0 if there is none. */
static enum change_verdict change(enum message_kind kind, int64_t id, int64_t *change)
{
    CLEANUP(message_clear) struct message target = load(id);
    char content[] = "disk full again", user[] = "ada";
    struct message row = { .kind = kind,
                           .accepted_at = stage.now.at,
                           .uid = OTHER,
                           .user = user,
                           .content = kind == MESSAGE_UPDATE ? content : NULL,
                           .content_bytes = kind == MESSAGE_UPDATE ? strlen(content) : 0 };
    memcpy(row.stamp, stage_stamp(), sizeof row.stamp);
    enum change_verdict verdict = dispatcher_change(stage.dispatcher, &row, &target, stage.now);
    stage_commit();
    *change = row.id;
    return verdict;
}

static int64_t change_behind(enum message_kind kind, int64_t id)
{
    int64_t row = 0;
    cr_assert(change(kind, id, &row) == CHANGE_GOES);
    return row;
}

static enum change_verdict verdict_on(enum message_kind kind, int64_t id)
{
    int64_t row = 0;
    return change(kind, id, &row);
}

static void control(enum control what, int64_t id)
{
    CLEANUP(message_clear) struct message message = load(id);
    cr_assert(dispatcher_control(stage.dispatcher, what, &message, "root", stage.now) ==
              CONTROL_DONE);
    stage_commit();
}

static void expect_content(int64_t id, const char *content)
{
    CLEANUP(message_clear) struct message message = load(id);
    cr_expect_str_eq(message.content, content);
    cr_expect_eq(message.content_bytes, strlen(content));
}

static bool has_reason(int64_t id, const char *part)
{
    CLEANUP(message_clear) struct message message = load(id);
    return message.reason && strstr(message.reason, part);
}

static int64_t send_one(void)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_sent_as(stage_next_send(), "1700000000123");
    return id;
}

/* The work that carries this change, to the message that the chat calls so. */
static struct work *next_change(int64_t id)
{
    struct work *work = stage_next_send();
    cr_assert(stage_id(work) == id);
    cr_expect_str_eq(work->parcel.message->remote_id, "1700000000123");
    return work;
}

/* ---- what can be done ----------------------------------------------------------------------- */

static enum change_verdict judge(enum message_kind kind, enum message_state state, bool doubted,
                                 const char *wish)
{
    char remote_id[] = "1700000000123", wanted[40] = "";
    struct message target = { .state = state, .remote_id = remote_id };
    if (doubted)
        target.doubted_at = 1;
    if (wish)
        snprintf(wanted, sizeof wanted, "%s", wish);
    target.wish = wish ? wanted : NULL;
    return change_judge(kind, &target);
}

Test(edit, what_has_not_left_is_changed_in_place)
{
    static const enum message_state states[] = { MESSAGE_PENDING, MESSAGE_SCHEDULED, MESSAGE_HELD };
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        cr_expect(judge(MESSAGE_UPDATE, states[i], false, NULL) == CHANGE_IN_PLACE);
        cr_expect(judge(MESSAGE_DELETE, states[i], false, NULL) == CHANGE_IN_PLACE);
    }
}

Test(edit, what_may_be_in_the_chat_is_changed_behind_it)
{
    cr_expect(judge(MESSAGE_UPDATE, MESSAGE_SENT, false, NULL) == CHANGE_GOES);
    cr_expect(judge(MESSAGE_UPDATE, MESSAGE_PENDING, true, NULL) == CHANGE_GOES);
}

Test(edit, what_ended_in_doubt_has_no_name)
{
    static const enum message_state states[] = { MESSAGE_HELD, MESSAGE_DEAD, MESSAGE_EXPIRED,
                                                 MESSAGE_CANCELLED };
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        cr_expect(judge(MESSAGE_UPDATE, states[i], true, NULL) == CHANGE_DOUBTFUL);
}

Test(edit, what_ended_unsent_never_appeared)
{
    static const enum message_state states[] = { MESSAGE_DEAD, MESSAGE_EXPIRED, MESSAGE_CANCELLED };
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        cr_expect(judge(MESSAGE_DELETE, states[i], false, NULL) == CHANGE_NOT_THERE);
    cr_expect(judge(MESSAGE_DELETE, MESSAGE_FOLDED, false, NULL) == CHANGE_FOLDED);
}

Test(edit, what_is_being_taken_back_is_neither_edited_nor_taken_back_again)
{
    static const enum message_kind kinds[] = { MESSAGE_UPDATE, MESSAGE_DELETE };
    for (size_t i = 0; i < 2; i++) {
        cr_expect(judge(kinds[i], MESSAGE_PENDING, true, "unsend by ada") == CHANGE_TAKEN_BACK);
        cr_expect(judge(kinds[i], MESSAGE_SENT, false, "unsend by ada") == CHANGE_TAKEN_BACK);
    }
}

Test(edit, what_is_to_be_cancelled_is_not_edited_and_may_be_taken_back)
{
    cr_expect(judge(MESSAGE_UPDATE, MESSAGE_PENDING, true, "cancel by ada") == CHANGE_TAKEN_BACK);
    cr_expect(judge(MESSAGE_DELETE, MESSAGE_PENDING, true, "cancel by ada") == CHANGE_GOES);
    cr_expect(judge(MESSAGE_DELETE, MESSAGE_SENT, false, "cancel by ada") == CHANGE_GOES);
}

Test(edit, a_wish_that_came_too_late_forbids_no_edit)
{
    cr_expect(judge(MESSAGE_UPDATE, MESSAGE_SENT, false, "cancel by ada") == CHANGE_GOES);
    cr_expect(judge(MESSAGE_UPDATE, MESSAGE_SENT, false, "hold by ada") == CHANGE_GOES);
}

Test(edit, only_messages_of_people_can_be_changed)
{
    const struct message digest = { .kind = MESSAGE_DIGEST, .state = MESSAGE_SENT },
                         report = { .kind = MESSAGE_REPORT, .state = MESSAGE_PENDING },
                         update = { .kind = MESSAGE_UPDATE, .state = MESSAGE_PENDING },
                         delete = { .kind = MESSAGE_DELETE, .state = MESSAGE_SENT },
                         nameless = { .state = MESSAGE_SENT };
    cr_expect(change_judge(MESSAGE_UPDATE, &digest) == CHANGE_OF_OURS);
    cr_expect(change_judge(MESSAGE_DELETE, &report) == CHANGE_OF_OURS);
    cr_expect(change_judge(MESSAGE_UPDATE, &update) == CHANGE_OF_CHANGE);
    cr_expect(change_judge(MESSAGE_DELETE, &delete) == CHANGE_OF_CHANGE);
    cr_expect(change_judge(MESSAGE_UPDATE, &nameless) == CHANGE_NAMELESS);
}

/* ---- before it has left --------------------------------------------------------------------- */

Test(edit, one_that_waits_goes_as_it_was_edited)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    cr_expect(verdict_on(MESSAGE_UPDATE, id) == CHANGE_IN_PLACE);
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == id);
    cr_expect_str_eq(work->parcel.message->content, "disk full again");
    stage_sent(work);
    cr_expect(stage_next() == NULL);
}

Test(edit, one_that_waits_is_cancelled_when_it_is_taken_back)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    cr_expect(verdict_on(MESSAGE_DELETE, id) == CHANGE_IN_PLACE);
    cr_expect(stage_state(id) == MESSAGE_CANCELLED);
    cr_expect(stage_next() == NULL);
}

Test(edit, one_that_is_held_is_edited_and_stays_held)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    control(CONTROL_HOLD, id);
    cr_expect(verdict_on(MESSAGE_UPDATE, id) == CHANGE_IN_PLACE);
    cr_expect(stage_state(id) == MESSAGE_HELD);
    cr_expect(stage_next() == NULL);
    expect_content(id, "disk full again");
}

Test(edit, one_that_is_dead_is_not_changed)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_refused(stage_next_send(), 413, SCOPE_MESSAGE, DELIVERY_NO_WAIT);
    cr_assert(stage_state(id) == MESSAGE_DEAD);
    cr_expect(verdict_on(MESSAGE_UPDATE, id) == CHANGE_NOT_THERE);
    expect_content(id, "disk full");
    cr_expect(stage_next() == NULL);
}

/* ---- while it is under way ------------------------------------------------------------------ */

Test(edit, one_in_doubt_is_looked_for_before_its_edit_goes)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_doubt(stage_next_send());
    int64_t edit = change_behind(MESSAGE_UPDATE, id);
    expect_content(id, "disk full");
    stage_pass(STAGE_SETTLE_MS);
    const int64_t found[] = { id, 0 };
    stage_looked(stage_next_look(), true, found);
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == edit && work->parcel.message->kind == MESSAGE_UPDATE);
    stage_sent(work);
    expect_content(id, "disk full again");
}

/* It waits; its first attempt was risked, so that may be in the chat. */
static int64_t add_risked(void)
{
    stage.on_doubt = ON_DOUBT_RISK_TWICE;
    stage_configure();
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_doubt(stage_next_send());
    stage_refused(stage_next_send(), 429, SCOPE_THREAD, 60000);
    return id;
}

/* The first attempt may be in the chat, and be found there by another machine's look. */
Test(edit, one_that_was_risked_is_edited_behind_it)
{
    int64_t id = add_risked();
    cr_assert(!stage_in_doubt(id));
    int64_t edit = change_behind(MESSAGE_UPDATE, id);
    expect_content(id, "disk full");
    stage_pass(60000);
    struct work *work = stage_next_send();
    cr_expect_eq(stage_id(work), id);
    stage_sent_as(work, "1700000000123");
    stage_sent(next_change(edit));
    expect_content(id, "disk full again");
}

/* The doubt is the edit's business: it is not held against a cancel. */
Test(edit, one_that_was_risked_and_waits_is_cancelled_when_it_is_taken_back)
{
    int64_t id = add_risked();
    cr_expect(verdict_on(MESSAGE_DELETE, id) == CHANGE_IN_PLACE);
    cr_expect(stage_state(id) == MESSAGE_CANCELLED && stage_in_doubt(id), "it may have appeared");
}

Test(edit, one_that_is_taken_back_under_way_and_was_refused_stays_unsent)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    int64_t removal = change_behind(MESSAGE_DELETE, id);
    stage_refused(work, 403, SCOPE_THREAD, DELIVERY_NO_WAIT);
    cr_expect(stage_state(id) == MESSAGE_CANCELLED);
    stage_pass(3600000);
    cr_expect(stage_next() == NULL, "there is nothing to remove");
    cr_expect(stage_state(removal) == MESSAGE_CANCELLED);
    cr_expect(has_reason(removal, "is cancelled"));
}

Test(edit, one_that_dies_takes_its_edit_along)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    int64_t edit = change_behind(MESSAGE_UPDATE, id);
    stage_refused(work, 413, SCOPE_MESSAGE, DELIVERY_NO_WAIT);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_state(edit) == MESSAGE_CANCELLED && has_reason(edit, "is dead"));
}

/* ---- in the chat ---------------------------------------------------------------------------- */

Test(edit, one_that_is_sent_says_so_once_its_edit_is_done)
{
    int64_t id = send_one(), edit = change_behind(MESSAGE_UPDATE, id);
    struct work *work = next_change(edit);
    cr_expect(work->parcel.message->kind == MESSAGE_UPDATE);
    cr_expect_str_eq(work->parcel.message->content, "disk full again");
    expect_content(id, "disk full");
    stage_sent(work);
    expect_content(id, "disk full again");
    cr_expect(stage_state(id) == MESSAGE_SENT && stage_state(edit) == MESSAGE_SENT);
}

Test(edit, one_that_is_taken_back_is_known_to_be)
{
    int64_t id = send_one(), removal = change_behind(MESSAGE_DELETE, id);
    stage_sent(next_change(removal));
    CLEANUP(message_clear) struct message message = load(id);
    cr_expect(message.verified == MESSAGE_TAKEN_BACK && !message.wish);
    cr_expect_str_eq(message.reason, "taken back by ada");
    cr_expect(verdict_on(MESSAGE_UPDATE, id) == CHANGE_TAKEN_BACK);
}

Test(edit, one_that_was_not_taken_back_after_all_may_be_edited_again)
{
    int64_t id = send_one(), removal = change_behind(MESSAGE_DELETE, id);
    cr_expect(verdict_on(MESSAGE_UPDATE, id) == CHANGE_TAKEN_BACK);
    control(CONTROL_CANCEL, removal);
    stage_sent(next_change(change_behind(MESSAGE_UPDATE, id)));
    expect_content(id, "disk full again");
}

Test(edit, one_removal_waits_at_a_time_however_it_is_asked_for)
{
    int64_t id = send_one(), removal = change_behind(MESSAGE_DELETE, id);
    cr_expect(verdict_on(MESSAGE_DELETE, id) == CHANGE_TAKEN_BACK);
    control(CONTROL_CANCEL, removal);
    int64_t second = change_behind(MESSAGE_DELETE, id);
    CLEANUP(message_clear) struct message first = load(removal);
    cr_expect(dispatcher_control(stage.dispatcher, CONTROL_RETRY, &first, "root", stage.now) ==
              CONTROL_ALREADY);
    cr_expect(stage_state(removal) == MESSAGE_CANCELLED);
    stage_sent(next_change(second));
    cr_expect(stage_next() == NULL);
}

Test(edit, a_removal_that_is_brought_back_forbids_edits_again)
{
    int64_t id = send_one(), removal = change_behind(MESSAGE_DELETE, id);
    control(CONTROL_CANCEL, removal);
    control(CONTROL_RETRY, removal);
    cr_expect(verdict_on(MESSAGE_UPDATE, id) == CHANGE_TAKEN_BACK);
    stage_sent(next_change(removal));
    CLEANUP(message_clear) struct message message = load(id);
    cr_expect(message.verified == MESSAGE_TAKEN_BACK && !message.wish);
}

Test(edit, an_edit_of_what_was_taken_back_meanwhile_is_cancelled)
{
    int64_t id = send_one(), edit = change_behind(MESSAGE_UPDATE, id);
    control(CONTROL_HOLD, edit);
    stage_sent(next_change(change_behind(MESSAGE_DELETE, id)));
    control(CONTROL_RELEASE, edit);
    cr_expect(stage_next() == NULL, "the chat would not know what to edit");
    cr_expect(stage_state(edit) == MESSAGE_CANCELLED && has_reason(edit, "has been taken back"));
}

Test(edit, one_that_is_taken_back_is_not_held_instead)
{
    int64_t id = stage_add(0, PRIORITY_NORMAL);
    stage_doubt(stage_next_send());
    change_behind(MESSAGE_DELETE, id);
    CLEANUP(message_clear) struct message message = load(id);
    cr_expect(dispatcher_control(stage.dispatcher, CONTROL_HOLD, &message, "root", stage.now) ==
              CONTROL_ALREADY);
    cr_expect(verdict_on(MESSAGE_UPDATE, id) == CHANGE_TAKEN_BACK);
}

Test(edit, those_that_wait_go_before_the_edit)
{
    int64_t id = send_one(), second = stage_add(0, PRIORITY_NORMAL);
    int64_t edit = change_behind(MESSAGE_UPDATE, id);
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == second);
    stage_sent(work);
    stage_sent(next_change(edit));
}

Test(edit, who_asks_owns_the_change_and_not_the_message)
{
    char content[] = "disk full", user[] = "bob";
    struct message message = { .lane = stage_lane(0, PRIORITY_NORMAL),
                               .state = MESSAGE_PENDING,
                               .accepted_at = stage.now.at,
                               .uid = OWNER,
                               .user = user,
                               .content = content,
                               .content_bytes = strlen(content) };
    memcpy(message.stamp, stage_stamp(), sizeof message.stamp);
    outbox_add(stage.outbox, &message);
    dispatcher_added(stage.dispatcher, &message, stage.now);
    stage_sent_as(stage_next_send(), "1700000000123");
    int64_t edit = change_behind(MESSAGE_UPDATE, message.id);
    stage_sent(next_change(edit));
    CLEANUP(message_clear) struct message row = load(edit);
    CLEANUP(message_clear) struct message target = load(message.id);
    cr_expect(row.uid == OTHER && row.target_id == message.id);
    cr_expect_str_eq(row.user, "ada");
    cr_expect(target.uid == OWNER);
    cr_expect_str_eq(target.user, "bob");
    expect_content(message.id, "disk full again");
}

Test(edit, one_whose_row_was_removed_meanwhile_is_changed_all_the_same)
{
    int64_t id = send_one(), edit = change_behind(MESSAGE_UPDATE, id);
    struct outline outline;
    cr_assert(outbox_outlines(stage.outbox, id - 1, &outline, 1) == 1);
    outbox_remove(stage.outbox, &outline);
    stage_commit();
    stage_sent(next_change(edit));
}

Test(edit, what_was_sent_elsewhere_is_not_changed_where_the_thread_leads_now)
{
    int64_t id = send_one();
    stage.routes[0].place = 7;
    stage_configure();
    int64_t edit = change_behind(MESSAGE_UPDATE, id);
    cr_expect(stage_next() == NULL);
    cr_expect(stage_state(edit) == MESSAGE_DEAD && has_reason(edit, "another remote thread"));
}

/* ---- when its answer is lost ---------------------------------------------------------------- */

/* Until what was lost cannot arrive any more, and undo what came after it. */
static void expect_repeated_once_settled(enum message_kind kind)
{
    int64_t row = change_behind(kind, send_one());
    stage_doubt(next_change(row));
    stage_pass(STAGE_SETTLE_MS - 1); /* the endpoint's wait is over long since */
    cr_expect(stage_next() == NULL);
    cr_expect(stage.again_ms == 1);
    stage_pass(1);
    struct work *work = next_change(row); /* and no look */
    stage_sent(work);
    cr_expect(stage_state(row) == MESSAGE_SENT);
    cr_expect(stage_next() == NULL);
}

Test(edit, a_lost_edit_goes_again_once_it_has_settled)
{
    expect_repeated_once_settled(MESSAGE_UPDATE);
}

Test(edit, a_lost_removal_goes_again_once_it_has_settled)
{
    expect_repeated_once_settled(MESSAGE_DELETE);
}

Test(edit, an_edit_behind_a_lost_one_waits_with_it)
{
    int64_t id = send_one(), first = change_behind(MESSAGE_UPDATE, id);
    stage_doubt(next_change(first));
    int64_t second = change_behind(MESSAGE_UPDATE, id);
    stage_pass(STAGE_SETTLE_MS - 1);
    cr_expect(stage_next() == NULL);
    stage_pass(1);
    stage_sent(next_change(first));
    stage_sent(next_change(second));
}

Test(edit, a_crash_makes_a_lost_edit_wait_anew)
{
    int64_t edit = change_behind(MESSAGE_UPDATE, send_one());
    next_change(edit);
    stage_crash(0);
    stage_pass(STAGE_SETTLE_MS - 1);
    cr_expect(stage_next() == NULL);
    stage_pass(1);
    stage_sent(next_change(edit));
    cr_expect(stage_state(edit) == MESSAGE_SENT);
}
