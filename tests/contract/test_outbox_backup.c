/*
 * A backup is made while the outbox is used: whatever is written meanwhile, it is
 * an outbox of its own, with whole turns.
 */
#include "queue/audit.h"
#include "queue/outbox.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGES = 300, BYTES = 3000 };

static char folder[64], path[80], copy_path[90];
static struct outbox *outbox;

static struct outbox *open_at(const char *where)
{
    struct error err = { "" };
    const struct outbox_setup setup = { .path = where, .machine_id = "one", .version = "0.1" };
    struct outbox *opened = outbox_open_sqlite(&setup, &err);
    cr_assert(opened != NULL, "%s", err.text);
    return opened;
}

static int64_t add(void)
{
    static char content[BYTES + 1];
    memset(content, 'x', BYTES);
    struct message message = { .lane = 4,
                               .state = MESSAGE_PENDING,
                               .stamp = "00000000000000000000000000000001",
                               .accepted_at = 1000,
                               .content = content,
                               .content_bytes = BYTES };
    outbox_add(outbox, &message);
    return message.id;
}

static void commit(void)
{
    struct error err = { "" };
    cr_assert(outbox_commit(outbox, &err) == OUTBOX_COMMITTED, "%s", err.text);
}

static void open_full(void)
{
    snprintf(folder, sizeof folder, "/tmp/test_backup_XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/outbox.db", folder);
    snprintf(copy_path, sizeof copy_path, "%s.copy", path);
    outbox = open_at(path);
    for (int i = 0; i < MESSAGES; i++)
        add();
    commit();
}

static void close_and_remove(void)
{
    static const char *const ends[] = { "", "-wal", ".copy", ".copy-wal" };
    char name[100];
    outbox_close(outbox);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    cr_expect(rmdir(folder) == 0);
}

TestSuite(outbox_backup, .init = open_full, .fini = close_and_remove);

static void begin(void)
{
    struct error err = { "" };
    cr_assert(outbox_backup_begin(outbox, copy_path, &err), "%s", err.text);
}

static bool step(int pages)
{
    struct error err = { "" };
    bool more = false;
    cr_assert(outbox_backup_step(outbox, pages, &more, &err), "%s", err.text);
    return more;
}

/* How many messages the copy has, which must balance its books. */
static int64_t count_copy(void)
{
    struct outbox *copy = open_at(copy_path);
    outbox_audit_begin(copy);
    while (outbox_audit_step(copy, 1000))
        continue;
    cr_expect_eq(audit_compare(outbox_audit(copy), outbox_tally(copy), NULL, 0), 0);
    int64_t rows = audit_rows(outbox_audit(copy));
    outbox_close(copy);
    return rows;
}

Test(outbox_backup, is_an_outbox_with_all_that_was_there)
{
    begin();
    cr_expect(step(16), "it takes more than a step");
    while (step(16))
        continue;
    cr_expect_eq(count_copy(), MESSAGES);
}

Test(outbox_backup, takes_in_what_is_committed_meanwhile)
{
    int64_t added = 0;
    begin();
    do {
        for (int i = 0; i < 3; i++, added++)
            add();
        struct message message;
        cr_assert(outbox_load(outbox, added, &message));
        outbox_move(outbox, &message, MESSAGE_CANCELLED);
        message_clear(&message);
        commit();
    } while (step(64));
    cr_expect_geq(added, 9, "there were turns between the steps");
    cr_expect_eq(count_copy(), MESSAGES + added);
}

Test(outbox_backup, given_up_it_can_begin_anew)
{
    begin();
    cr_expect(step(8));
    outbox_backup_end(outbox);
    outbox_backup_end(outbox);
    begin();
    cr_expect(step(8));
    begin();
    while (step(1000))
        continue;
    cr_expect_eq(count_copy(), MESSAGES);
}

Test(outbox_backup, ends_with_the_outbox)
{
    begin();
    cr_expect(step(8));
    outbox_close(outbox);
    outbox = open_at(path);
    add();
    commit();
}

Test(outbox_backup, that_cannot_be_written_harms_nothing)
{
    struct error err = { "" };
    cr_expect_not(outbox_backup_begin(outbox, "/nonexistent/copy", &err));
    cr_expect_not_null(strstr(err.text, "/nonexistent/copy"));
    cr_expect_null(outbox_failure(outbox));
    add();
    commit();
}
