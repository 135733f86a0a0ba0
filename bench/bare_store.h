/*
 * bare_store.h - the least that puts messages on disk and writes down that they were sent: the
 * relay's own tables, and a statement for each
 */
#ifndef CHATRELAY_BENCH_BARE_STORE_H
#define CHATRELAY_BENCH_BARE_STORE_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

enum { BARE_STAMP = 32, BARE_CONTENT = 512 };

struct bare_store {
    sqlite3 *db;
    sqlite3_stmt *begin, *insert, *commit;
    sqlite3_stmt *read, *doubt, *undoubt, *attempt, *end, *tally;
    int64_t id; /* the last one given out */
};

struct bare_message {
    int64_t id;
    char stamp[BARE_STAMP + 1];
    char content[BARE_CONTENT + 1];
};

/* Open a database that the relay has made, with the settings that the relay uses. */
void bare_store_open(struct bare_store *store, const char *path);

/* One commit: begin, any number of changes, commit. */
void bare_store_begin(struct bare_store *store);
int64_t bare_store_add(struct bare_store *store, int64_t thread, const char *content);
void bare_store_commit(struct bare_store *store);

/* Read up to `most` of a thread's messages that come after message `after`; returns how many. */
size_t bare_store_read(struct bare_store *store, int64_t thread, int64_t after,
                       struct bare_message *messages, size_t most);

/* A message is in doubt until its end is written down. */
void bare_store_doubt(struct bare_store *store, const struct bare_message *message);

/*
 * It was sent: the doubt is over, its attempt is filed, its row says so, and so do the books: it is
 * number `count` that was sent of its thread, which makes `bytes` in all.
 */
void bare_store_end(struct bare_store *store, int64_t thread, const struct bare_message *message,
                    int64_t count, int64_t bytes);

#endif
