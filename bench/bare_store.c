#include "bench/bare_store.h"

#include "base/clock.h"
#include "bench/tool.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    STAMP_BYTES = BARE_STAMP / 2,
    LANES = 4,
    NORMAL = 1,
    DAY_MS = 24 * 60 * 60 * 1000,
    LIFE_DAYS = 3
};

static const char settings[] =
    "PRAGMA locking_mode = EXCLUSIVE;"
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA wal_autocheckpoint = 4096;"; /* pages: 16 MiB */

/* State 1: pending. */
static const char insert[] =
    "INSERT INTO message(id, lane, rank, state, in_line, kind, uid, accepted_at,"
    " content_bytes, expires_at,"
    " attempts, pid, type, stamp, user, content)"
    " VALUES(?1, ?2, ?1, 1, 1, 0, ?3, ?4, ?5, ?6, 0, ?7, 0, ?8, 'bench', ?9)";

static const char read_waiting[] =
    "SELECT id, stamp, content FROM message WHERE lane = ?1 AND in_line IS NOT NULL AND state = 1"
    " AND rank > ?2 ORDER BY rank LIMIT ?3";

static const char add_doubt[] =
    "INSERT INTO doubt(message, number, doubted_at, doubted_place, place, began_at, known_id)"
    " VALUES(?1, 1, ?2, 1, 1, ?2, ?2)";

static const char drop_doubt[] = "DELETE FROM doubt WHERE message = ?1 AND number = 1";

static const char add_attempt[] =
    "INSERT INTO attempt(message, number, place, began_at, ended_at, known_id, outcome, scope,"
    " http, wait_ms) VALUES(?1, 1, 1, ?2, ?2, ?2, 1, 0, 201, 0)";

/* State 3: sent. */
static const char end_message[] =
    "UPDATE message SET state = 3, ended_at = ?2, attempts = 1, first_attempt = ?3,"
    " remote_id = '1593072104708' WHERE id = ?1";

static const char set_tally[] = "REPLACE INTO tally(id, messages, bytes) VALUES(?1, ?2, ?3)";

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
    store->read = prepare(store, read_waiting);
    store->doubt = prepare(store, add_doubt);
    store->undoubt = prepare(store, drop_doubt);
    store->attempt = prepare(store, add_attempt);
    store->end = prepare(store, end_message);
    store->tally = prepare(store, set_tally);
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

static int64_t lane_of(int64_t thread)
{
    return thread * LANES + NORMAL;
}

int64_t bare_store_add(struct bare_store *store, int64_t thread, const char *content)
{
    char stamp[STAMP_BYTES * 2 + 1];
    int64_t now_at = clock_now(&clock_system).at;
    make_stamp(stamp);
    sqlite3_bind_int64(store->insert, 1, ++store->id);
    sqlite3_bind_int64(store->insert, 2, lane_of(thread));
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

static void take_text(const struct bare_store *store, int column, char *text, size_t size)
{
    const char *bytes = (const char *)sqlite3_column_text(store->read, column);
    size_t length = (size_t)sqlite3_column_bytes(store->read, column);
    if (length >= size)
        die("a text of %zu bytes is longer than any of ours", length);
    memcpy(text, bytes, length + 1);
}

size_t bare_store_read(struct bare_store *store, int64_t thread, int64_t after,
                       struct bare_message *messages, size_t most)
{
    size_t count = 0;
    sqlite3_bind_int64(store->read, 1, lane_of(thread));
    sqlite3_bind_int64(store->read, 2, after);
    sqlite3_bind_int64(store->read, 3, (int64_t)most);
    for (; count < most && sqlite3_step(store->read) == SQLITE_ROW; count++) {
        messages[count].id = sqlite3_column_int64(store->read, 0);
        take_text(store, 1, messages[count].stamp, sizeof messages[count].stamp);
        take_text(store, 2, messages[count].content, sizeof messages[count].content);
    }
    insist(store, sqlite3_reset(store->read));
    return count;
}

void bare_store_doubt(struct bare_store *store, const struct bare_message *message)
{
    sqlite3_bind_int64(store->doubt, 1, message->id);
    sqlite3_bind_int64(store->doubt, 2, clock_now(&clock_system).at);
    run(store, store->doubt);
}

/* Of a lane's, a user's and a state's sum in one number, as schema 1 has it; state 3 is sent. */
static int64_t tally_id(int64_t lane)
{
    enum { USER_BITS = 32, STATE_BITS = 4, SENT = 3 };
    return (lane << USER_BITS | (int64_t)getuid()) << STATE_BITS | SENT;
}

void bare_store_end(struct bare_store *store, int64_t thread, const struct bare_message *message,
                    int64_t count, int64_t bytes)
{
    int64_t now_at = clock_now(&clock_system).at;
    sqlite3_bind_int64(store->undoubt, 1, message->id);
    run(store, store->undoubt);
    sqlite3_bind_int64(store->attempt, 1, message->id);
    sqlite3_bind_int64(store->attempt, 2, now_at);
    run(store, store->attempt);
    sqlite3_bind_int64(store->end, 1, message->id);
    sqlite3_bind_int64(store->end, 2, now_at);
    sqlite3_bind_int64(store->end, 3, sqlite3_last_insert_rowid(store->db));
    run(store, store->end);
    sqlite3_bind_int64(store->tally, 1, tally_id(lane_of(thread)));
    sqlite3_bind_int64(store->tally, 2, count);
    sqlite3_bind_int64(store->tally, 3, bytes);
    run(store, store->tally);
}
