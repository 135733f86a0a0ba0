/*
 * test_outbox_memory.c - the contract suite for the engine in memory, and how it breaks
 */
#include "tests/contract/outbox_contract.h"
#include "tests/fakes/outbox_memory.h"

#include <criterion/criterion.h>

static struct outbox_disk *disk;

void store_make(void)
{
    disk = outbox_disk_new();
}

void store_remove(void)
{
    outbox_disk_free(disk);
}

struct outbox *store_open(const char *machine_id, struct error *err)
{
    return outbox_open_memory(disk, &(struct outbox_setup){ .machine_id = machine_id }, err);
}

/* ---- how it breaks -------------------------------------------------------------------------- */

TestSuite(outbox_memory, .init = store_make, .fini = store_remove);

/* The verdict on a turn of one message, and whether the message is there when reopened. */
static bool survives(enum outbox_breakage breakage, enum outbox_commit expected)
{
    struct outbox *outbox = contract_open();
    contract_add(outbox, 4, MESSAGE_PENDING);
    contract_commit(outbox);

    outbox_memory_break(disk, breakage);
    int64_t id = contract_add(outbox, 4, MESSAGE_PENDING);
    struct head heads[2];
    outbox_heads(outbox, 4, 0, heads, 2);
    cr_expect(outbox_commit(outbox, NULL) == expected);
    cr_expect(outbox_failure(outbox) != NULL);

    contract_reopen(&outbox);
    size_t count = outbox_heads(outbox, 4, 0, heads, 2);
    cr_expect(tally_sum(outbox_tally(outbox), 4, TALLY_ANY, MESSAGE_PENDING).messages ==
              (int64_t)count);
    cr_expect(count == 1 || heads[1].id == id);
    contract_add(outbox, 4, MESSAGE_PENDING);
    contract_commit(outbox);
    outbox_close(outbox);
    return count == 2;
}

Test(outbox_memory, a_failed_change_or_read_undoes_the_turn)
{
    cr_expect(!survives(BREAK_CHANGE, OUTBOX_UNDONE));
}

Test(outbox_memory, a_failed_read_undoes_the_turn)
{
    cr_expect(!survives(BREAK_READ, OUTBOX_UNDONE));
}

Test(outbox_memory, a_failed_commit_is_undone_when_the_mark_succeeds)
{
    cr_expect(!survives(BREAK_COMMIT, OUTBOX_UNDONE));
}

Test(outbox_memory, an_unknown_turn_may_be_gone)
{
    cr_expect(!survives(BREAK_COMMIT_GONE, OUTBOX_UNKNOWN));
}

Test(outbox_memory, an_unknown_turn_may_be_there)
{
    cr_expect(survives(BREAK_COMMIT_KEPT, OUTBOX_UNKNOWN));
}

Test(outbox_memory, opening_fails_once)
{
    struct error err = { "" };
    outbox_memory_break(disk, BREAK_OPEN);
    cr_expect(store_open("machine-one", &err) == NULL);
    cr_expect(err.text[0] != '\0');
    outbox_close(contract_open());
}

Test(outbox_memory, tending_fails_the_outbox)
{
    struct error err = { "" };
    struct outbox *outbox = contract_open();
    outbox_memory_break(disk, BREAK_TEND);
    cr_expect(!outbox_tend(outbox, true, &err));
    cr_expect(outbox_failure(outbox) != NULL);
    outbox_close(outbox);
}
