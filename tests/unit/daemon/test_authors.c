#include "base/memory.h"
#include "daemon/authors.h"
#include "tests/fakes/outbox_memory.h"

#include <criterion/criterion.h>
#include <stdlib.h>

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

TestSuite(authors, .init = begin, .fini = finish);

static void expect_authors(const char *expected, char *first, char *second)
{
    struct config_sender senders[] = { { .identity = first }, { .identity = second } };
    const struct config config = { .senders = senders, .sender_count = 2 };
    CLEANUP(free_memory) char *authors = authors_of(&config, outbox);
    cr_expect_str_eq(authors, expected);
    cr_assert(outbox_commit(outbox, NULL) == OUTBOX_COMMITTED);
}

static char ops[] = "8:acs:ops", op[] = "8:acs:op", web[] = "8:acs:web";

Test(authors, are_those_of_the_settings_and_of_earlier_ones)
{
    expect_authors("8:acs:ops\n", ops, ops);
    expect_authors("8:acs:ops\n8:acs:op\n8:acs:web\n", op, web);
    outbox_close(outbox);
    outbox = outbox_open_memory(disk, &(struct outbox_setup){ 0 }, NULL);
    expect_authors("8:acs:ops\n8:acs:op\n8:acs:web\n", web, web);
}

Test(authors, nobody_knows_where_one_is_not_named)
{
    expect_authors("", ops, NULL);
    expect_authors("8:acs:ops\n8:acs:web\n", web, web);
}
