/*
 * bare_store.h - the least that puts messages on disk: the relay's own tables, and an INSERT
 */
#ifndef CHATRELAY_BENCH_BARE_STORE_H
#define CHATRELAY_BENCH_BARE_STORE_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

struct bare_store {
    sqlite3 *db;
    sqlite3_stmt *begin, *insert, *commit;
    int64_t id; /* the last one given out */
};

/* Open a database that the relay has made, with the settings that the relay uses. */
void bare_store_open(struct bare_store *store, const char *path);

/* One commit: begin, any number of adds, commit. */
void bare_store_begin(struct bare_store *store);
int64_t bare_store_add(struct bare_store *store, int64_t thread, const char *content);
void bare_store_commit(struct bare_store *store);

#endif
