#include "bench/bare_store.h"

#include "base/clock.h"
#include "bench/tool.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { STAMP_BYTES = 16, LANES = 4, NORMAL = 1, DAY_MS = 24 * 60 * 60 * 1000, LIFE_DAYS = 3 };

static const char settings[] =
    "PRAGMA locking_mode = EXCLUSIVE;"
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA wal_autocheckpoint = 16384;"; /* pages: 64 MiB */

/* State 1: pending. */
static const char insert[] =
    "INSERT INTO message(id, lane, rank, state, in_line, kind, uid, accepted_at,"
    " content_bytes, expires_at,"
    " attempts, pid, type, stamp, user, content)"
    " VALUES(?1, ?2, ?1, 1, 1, 0, ?3, ?4, ?5, ?6, 0, ?7, 0, ?8, 'bench', ?9)";

static void insist(const struct bare_store *store, int result)
{
    if (result != SQLITE_OK && result != SQLITE_DONE)
        die("SQLite: %s", sqlite3_errmsg(store->db));
}

static sqlite3_stmt *prepare(struct bare_store *store, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    insist(store,
           sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
    return statement;
}

static void run(const struct bare_store *store, sqlite3_stmt *statement)
{
    insist(store, sqlite3_step(statement));
    insist(store, sqlite3_reset(statement));
}

/* As the relay does: one thread, and nobody asks how much memory SQLite has. */
static void spare_locks(void)
{
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

void bare_store_open(struct bare_store *store, const char *path)
{
    spare_locks();
    insist(store,
           sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
    insist(store, sqlite3_exec(store->db, settings, NULL, NULL, NULL));
    store->begin = prepare(store, "BEGIN IMMEDIATE");
    store->insert = prepare(store, insert);
    store->commit = prepare(store, "COMMIT");
    store->id = 0;
}

void bare_store_begin(struct bare_store *store)
{
    run(store, store->begin);
}

void bare_store_commit(struct bare_store *store)
{
    run(store, store->commit);
}

static void make_stamp(char stamp[STAMP_BYTES * 2 + 1])
{
    unsigned char bytes[STAMP_BYTES];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        die("getrandom failed");
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(stamp + 2 * i, 3, "%02x", bytes[i]);
}

int64_t bare_store_add(struct bare_store *store, int64_t thread, const char *content)
{
    char stamp[STAMP_BYTES * 2 + 1];
    int64_t now_at = clock_now(&clock_system).at;
    make_stamp(stamp);
    sqlite3_bind_int64(store->insert, 1, ++store->id);
    sqlite3_bind_int64(store->insert, 2, thread * LANES + NORMAL);
    sqlite3_bind_int64(store->insert, 3, getuid());
    sqlite3_bind_int64(store->insert, 4, now_at);
    sqlite3_bind_int64(store->insert, 5, (int64_t)strlen(content));
    sqlite3_bind_int64(store->insert, 6, now_at + (int64_t)LIFE_DAYS * DAY_MS);
    sqlite3_bind_int64(store->insert, 7, getpid());
    sqlite3_bind_text(store->insert, 8, stamp, -1, SQLITE_STATIC);
    sqlite3_bind_text(store->insert, 9, content, -1, SQLITE_STATIC);
    run(store, store->insert);
    return store->id;
}
