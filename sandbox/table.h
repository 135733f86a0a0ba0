/*
 * table.h - from names to things
 *
 * Neither names nor things are owned: a name must live in its thing, or longer.
 */
#ifndef CHATRELAY_SANDBOX_TABLE_H
#define CHATRELAY_SANDBOX_TABLE_H

#include <stddef.h>

/* Zeroed, it is empty. */
struct table {
    struct table_entry {
        const char *name; /* NULL: free */
        void *thing;
    } * entries;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

/* NULL when there is none of that name. */
void *table_find(const struct table *table, const char *name);

/* The name must not be in the table yet. */
void table_add(struct table *table, const char *name, void *thing);

void table_clear(struct table *table);

#endif
