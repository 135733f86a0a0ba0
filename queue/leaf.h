/*
 * leaf.h - rows straight from a page of a SQLite file, without the tree above it
 *
 *     page: | header | pointers -> ...free... | cell | cell | cell |
 *     cell: | size | rowid | the first part of the record | next page if there is more |
 *     record: | size of the header | a type for each value | values |
 *
 * For files whose trees are damaged. Every number is doubted: what does not fit
 * together exactly is no row. The format is SQLite's, https://sqlite.org/fileformat2.html,
 * sections 1.5, 1.6 and 2.1. Pages have DATABASE_PAGE_BYTES and no reserved space.
 */
#ifndef CHATRELAY_QUEUE_LEAF_H
#define CHATRELAY_QUEUE_LEAF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A whole file. */
struct leaf_file {
    const unsigned char *bytes;
    size_t page_count;
};

enum leaf_type { LEAF_NULL, LEAF_INTEGER, LEAF_TEXT, LEAF_OTHER };

struct leaf_value {
    enum leaf_type type;
    int64_t number;    /* LEAF_INTEGER */
    const char *bytes; /* LEAF_TEXT: of the row's record, no NUL behind them */
    size_t length;
};

enum { LEAF_MOST_VALUES = 64 };

struct leaf_row {
    int64_t rowid;
    unsigned char *record;
    size_t record_bytes;
    struct leaf_value values[LEAF_MOST_VALUES];
    size_t value_count;
};

/* How many rows a page (the first is 1) says that it has; 0 if it is not a leaf of a table. */
size_t leaf_rows(const struct leaf_file *file, size_t page);

/* The row of that index, for leaf_row_clear(); false when there is none that makes sense. */
bool leaf_read(const struct leaf_file *file, size_t page, size_t index, struct leaf_row *row);

void leaf_row_clear(struct leaf_row *row);

#endif
