#include "queue/audit.h"
#include "tests/fakes/outbox_memory.h"

#include <criterion/criterion.h>

static struct outbox_disk *disk;
static struct outbox *outbox;

static void make(void)
{
    struct error err = { "" };
    disk = outbox_disk_new();
    outbox = outbox_open_memory(disk, &(struct outbox_setup){ 0 }, &err);
    cr_assert(outbox, "%s", err.text);
}

static void finish(void)
{
    outbox_close(outbox);
    outbox_disk_free(disk);
}

TestSuite(audit, .init = make, .fini = finish);

static void add(int64_t uid, enum message_state state)
{
    static char content[] = "text";
    struct message message = {
        .lane = 4 + uid, .uid = uid, .state = state, .content = content, .content_bytes = 4
    };
    outbox_add(outbox, &message);
}

static void move(int64_t id, enum message_state state)
{
    struct message message;
    cr_assert(outbox_load(outbox, id, &message));
    outbox_move(outbox, &message, state);
    message_clear(&message);
}

static size_t differences(void)
{
    struct audit_difference found[4];
    return audit_compare(outbox_audit(outbox), outbox_tally(outbox), found, 4);
}

Test(audit, books_that_balance)
{
    for (int i = 0; i < 10; i++)
        add(i % 3, i % 2 ? MESSAGE_PENDING : MESSAGE_SENT);
    outbox_audit_begin(outbox);
    cr_expect_not(outbox_audit_step(outbox, 100));
    cr_expect(audit_rows(outbox_audit(outbox)) == 10 && differences() == 0);
}

Test(audit, what_changes_between_slices_is_counted_once)
{
    for (int i = 0; i < 10; i++)
        add(0, MESSAGE_PENDING);
    outbox_audit_begin(outbox);
    cr_expect(outbox_audit_step(outbox, 4));
    cr_expect(audit_cursor(outbox_audit(outbox)) == 4);
    move(2, MESSAGE_SENT);   /* counted already */
    move(7, MESSAGE_HELD);   /* not yet */
    move(4, MESSAGE_DEAD);   /* the last that was counted */
    add(1, MESSAGE_PENDING); /* new */
    move(7, MESSAGE_PENDING);
    cr_expect(outbox_audit_step(outbox, 4));
    move(7, MESSAGE_CANCELLED);
    cr_expect_not(outbox_audit_step(outbox, 100));
    cr_expect(differences() == 0);
}

Test(audit, a_wrong_account_is_named)
{
    add(3, MESSAGE_PENDING);
    add(3, MESSAGE_SENT);
    outbox_audit_begin(outbox);
    cr_expect_not(outbox_audit_step(outbox, 100));

    struct tally *books = tally_new();
    tally_add(books, 7, 3, MESSAGE_PENDING, 1, 4);
    tally_add(books, 7, 3, MESSAGE_DEAD, 2, 8);
    struct audit_difference found[4] = { 0 };
    cr_assert(audit_compare(outbox_audit(outbox), books, found, 4) == 2);
    cr_expect(found[0].booked.state == MESSAGE_DEAD && found[0].booked.messages == 2);
    cr_expect(found[0].counted == 0);
    cr_expect(found[1].booked.state == MESSAGE_SENT && found[1].booked.messages == 0);
    cr_expect(found[1].counted == 1 && found[1].booked.uid == 3);
    cr_expect(audit_compare(outbox_audit(outbox), books, found, 1) == 2);
    tally_free(books);
}

Test(audit, one_that_begins_anew_forgets_the_other)
{
    add(0, MESSAGE_PENDING);
    add(0, MESSAGE_PENDING);
    outbox_audit_begin(outbox);
    cr_expect(outbox_audit_step(outbox, 1));
    outbox_audit_begin(outbox);
    cr_expect_not(outbox_audit_step(outbox, 100));
    cr_expect(audit_rows(outbox_audit(outbox)) == 2 && differences() == 0);
    outbox_audit_end(outbox);
    cr_expect_null(outbox_audit(outbox));
}
