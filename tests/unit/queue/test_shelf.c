#include "base/memory.h"
#include "queue/shelf.h"

#include <criterion/criterion.h>
#include <string.h>

static struct shelf *shelf;

static void make(void)
{
    shelf = shelf_new();
}

static void drop(void)
{
    shelf_free(shelf);
}

TestSuite(shelf, .init = make, .fini = drop);

static void put(int64_t id, const char *content)
{
    struct message message = { .id = id,
                               .content = xstrdup(content),
                               .content_bytes = strlen(content) };
    shelf_put(shelf, &message);
    cr_expect(message.id == 0 && message.content == NULL);
}

/* Whether it is there, with this content. */
static bool take(int64_t id, const char *content)
{
    struct message message CLEANUP(message_clear) = { 0 };
    return shelf_take(shelf, id, &message) && message.id == id &&
           strcmp(message.content, content) == 0;
}

Test(shelf, what_is_put_there_is_taken_once)
{
    put(1, "a");
    put(SHELF_PLACES, "b");
    cr_expect(take(SHELF_PLACES, "b"));
    cr_expect(take(1, "a"));
    cr_expect(!take(1, "a"));
}

Test(shelf, nothing_is_there_at_first)
{
    struct message message = { .id = 7 };
    cr_expect(!shelf_take(shelf, 1, &message));
    cr_expect(!shelf_take(shelf, 0, &message));
    cr_expect(message.id == 7);
    shelf_free(NULL);
}

Test(shelf, what_is_dropped_is_gone_and_nothing_else)
{
    put(1, "a");
    put(2, "b");
    shelf_drop(shelf, 1);
    shelf_drop(shelf, 2 + SHELF_PLACES);
    cr_expect(!take(1, "a"));
    cr_expect(take(2, "b"));
}

Test(shelf, the_newest_wins_a_place)
{
    put(1, "a");
    put(1 + SHELF_PLACES, "b");
    cr_expect(!take(1, "a"));
    put(1 + SHELF_PLACES, "c");
    cr_expect(take(1 + SHELF_PLACES, "c"));
}

Test(shelf, what_is_long_gets_no_place)
{
    char content[SHELF_LONGEST_BYTES + 2] = "";
    memset(content, 'x', SHELF_LONGEST_BYTES);
    put(1, content);
    cr_expect(take(1, content));
    content[SHELF_LONGEST_BYTES] = 'x';
    put(1, content);
    cr_expect(!take(1, content));
}

Test(shelf, nor_does_one_whose_metadata_is_long)
{
    char *metadata = xcalloc(SHELF_LONGEST_BYTES + 1, 1);
    memset(metadata, 'x', SHELF_LONGEST_BYTES);
    struct message message = {
        .id = 1, .content = xstrdup("a"), .content_bytes = 1, .metadata = metadata
    };
    shelf_put(shelf, &message);
    cr_expect(!take(1, "a"));
}
