/*
 * row_table.h - tables in memory whose changes can be undone
 *
 * A row is never changed in place: putting a new one in its stead leaves the
 * old one to the journal, until the turn is kept or undone.
 */
#ifndef CHATRELAY_TESTS_FAKES_ROW_TABLE_H
#define CHATRELAY_TESTS_FAKES_ROW_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct row_table {
    void **rows;
    size_t count;
    size_t capacity;
    void (*free_row)(void *row);
};

struct row_change {
    struct row_table *table;
    size_t index;
    void *before; /* NULL: the row was added */
    bool removed; /* there is no other in its stead */
};

struct row_journal {
    struct row_change *changes;
    size_t count;
    size_t capacity;
};

/* Put `row` at `index`, at most table->count; the table owns it from now on. */
void row_put(struct row_journal *journal, struct row_table *table, size_t index, void *row);

/* Take the row at `index` out: those behind it move up. */
void row_remove(struct row_journal *journal, struct row_table *table, size_t index);

void row_journal_keep(struct row_journal *journal);
void row_journal_undo(struct row_journal *journal);

void row_table_clear(struct row_table *table);
void row_journal_clear(struct row_journal *journal);

#endif
