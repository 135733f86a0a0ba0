#include "daemon/loss_note.h"
#include "tests/fakes/outbox_memory.h"

#include <criterion/criterion.h>

static struct outbox_disk *disk;
static struct outbox *outbox;

static void begin(void)
{
    disk = outbox_disk_new();
    outbox = outbox_open_memory(disk, &(struct outbox_setup){ 0 }, NULL);
}

static void finish(void)
{
    outbox_close(outbox);
    outbox_disk_free(disk);
}

TestSuite(loss_note, .init = begin, .fini = finish);

static void expect(int64_t lost, int64_t told, int64_t latest_id)
{
    const struct loss_note note = loss_note_read(outbox);
    cr_expect_eq(note.lost, lost);
    cr_expect_eq(note.told, told);
    cr_expect_eq(note.latest_id, latest_id);
}

Test(loss_note, counts_what_was_lost_and_told_over_restarts)
{
    expect(0, 0, 0);
    loss_note_add(outbox, 1, 41);
    loss_note_add(outbox, 2, 44);
    loss_note_tell(outbox, 1);
    expect(3, 1, 44);
    cr_assert(outbox_commit(outbox, NULL) == OUTBOX_COMMITTED);
    outbox_close(outbox);
    outbox = outbox_open_memory(disk, &(struct outbox_setup){ 0 }, NULL);
    expect(3, 1, 44);
}

Test(loss_note, what_was_told_is_not_untold)
{
    loss_note_add(outbox, 3, 44);
    loss_note_tell(outbox, 2);
    loss_note_tell(outbox, 2);
    loss_note_tell(outbox, 1);
    expect(3, 2, 44);
}

Test(loss_note, an_undone_turn_lost_nothing)
{
    loss_note_add(outbox, 1, 41);
    outbox_close(outbox);
    outbox = outbox_open_memory(disk, &(struct outbox_setup){ 0 }, NULL);
    expect(0, 0, 0);
}
