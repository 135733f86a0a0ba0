#include "sandbox/table.h"

#include "base/fnv.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { SMALLEST_CAPACITY = 16 };

/* Where `name` is, or the free place where it belongs. The table has at least one of them. */
static struct table_entry *place_of(const struct table *table, const char *name)
{
    size_t mask = table->capacity - 1;
    size_t i = fnv_add(FNV_START, name, strlen(name)) & mask;
    while (table->entries[i].name && strcmp(table->entries[i].name, name) != 0)
        i = (i + 1) & mask;
    return &table->entries[i];
}

static void grow(struct table *table)
{
    struct table larger = { .capacity = table->capacity ? 2 * table->capacity : SMALLEST_CAPACITY };
    larger.entries = xcalloc(larger.capacity, sizeof *larger.entries);
    larger.count = table->count;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->entries[i].name)
            *place_of(&larger, table->entries[i].name) = table->entries[i];
    free(table->entries);
    *table = larger;
}

void *table_find(const struct table *table, const char *name)
{
    return table->count > 0 ? place_of(table, name)->thing : NULL;
}

void table_add(struct table *table, const char *name, void *thing)
{
    if (4 * (table->count + 1) > 3 * table->capacity)
        grow(table);
    *place_of(table, name) = (struct table_entry){ .name = name, .thing = thing };
    table->count++;
}

void table_clear(struct table *table)
{
    free(table->entries);
    *table = (struct table){ 0 };
}
