#include "tests/fakes/row_table.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static size_t larger(size_t capacity)
{
    return capacity ? 2 * capacity : 16;
}

static void record(struct row_journal *journal, struct row_change change)
{
    if (journal->count == journal->capacity) {
        journal->capacity = larger(journal->capacity);
        journal->changes = xreallocarray(journal->changes, journal->capacity, sizeof change);
    }
    journal->changes[journal->count++] = change;
}

void row_put(struct row_journal *journal, struct row_table *table, size_t index, void *row)
{
    if (table->count == table->capacity) {
        table->capacity = larger(table->capacity);
        table->rows = xreallocarray(table->rows, table->capacity, sizeof row);
    }
    void *before = index < table->count ? table->rows[index] : NULL;
    if (!before)
        table->count++;
    table->rows[index] = row;
    record(journal, (struct row_change){ .table = table, .index = index, .before = before });
}

void row_remove(struct row_journal *journal, struct row_table *table, size_t index)
{
    void **place = &table->rows[index];
    record(journal, (struct row_change){
                        .table = table, .index = index, .before = *place, .removed = true });
    table->count--;
    memmove(place, place + 1, (table->count - index) * sizeof *place);
}

/* There is room for it: it was there before. */
static void put_back(struct row_table *table, size_t index, void *row)
{
    void **place = &table->rows[index];
    memmove(place + 1, place, (table->count - index) * sizeof *place);
    *place = row;
    table->count++;
}

void row_journal_keep(struct row_journal *journal)
{
    for (size_t i = 0; i < journal->count; i++)
        if (journal->changes[i].before)
            journal->changes[i].table->free_row(journal->changes[i].before);
    journal->count = 0;
}

void row_journal_undo(struct row_journal *journal)
{
    while (journal->count > 0) {
        const struct row_change *change = &journal->changes[--journal->count];
        struct row_table *table = change->table;
        if (change->removed) {
            put_back(table, change->index, change->before);
            continue;
        }
        table->free_row(table->rows[change->index]);
        table->rows[change->index] = change->before;
        if (!change->before)
            table->count--;
    }
}

void row_table_clear(struct row_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        table->free_row(table->rows[i]);
    free(table->rows);
}

void row_journal_clear(struct row_journal *journal)
{
    free(journal->changes);
}
