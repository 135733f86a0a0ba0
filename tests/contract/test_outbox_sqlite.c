/*
 * test_outbox_sqlite.c - the contract suite for SQLite, and what only a file can show
 */
#include "tests/contract/outbox_contract.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];
static char path[80];

void store_make(void)
{
    snprintf(folder, sizeof folder, "/tmp/test_outbox_XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/outbox.db", folder);
}

void store_remove(void)
{
    char name[100];
    static const char *const endings[] = { "", "-wal", "-journal", "-shm" };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
    cr_expect(rmdir(folder) == 0, "%s should be empty", folder);
}

struct outbox *store_open(const char *machine_id, struct error *err)
{
    const struct outbox_setup setup = { .path = path, .machine_id = machine_id, .version = "0.1" };
    return outbox_open_sqlite(&setup, err);
}
