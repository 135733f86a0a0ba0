#include "base/memory.h"
#include "queue/query.h"
#include "queue/salvage_work.h"

#include <inttypes.h>
#include <stdlib.h>

static void remark(struct rescue *rescue, const char *format, int64_t number)
{
    struct text *remarks = &rescue->salvage->remarks;
    text_add(remarks, format);
    if (number >= 0)
        text_printf(remarks, "%" PRId64, number);
    text_add(remarks, "\n");
}

/* ---- what SQLite itself can still read --------------------------------------------------- */

/* From a SELECT in the old database to an INSERT in the new one. */
struct pipe {
    sqlite3_stmt *from, *to;
};

static bool pipe_open(struct rescue *rescue, struct pipe *pipe, const char *select,
                      const char *insert)
{
    *pipe = (struct pipe){ 0 };
    return sqlite3_prepare_v2(rescue->old, select, -1, &pipe->from, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(rescue->new, insert, -1, &pipe->to, NULL) == SQLITE_OK;
}

static void pipe_close(struct pipe *pipe)
{
    sqlite3_finalize(pipe->from);
    sqlite3_finalize(pipe->to);
}

/* All rows up to the first that cannot be read; what breaks a table's rules was damaged. */
static bool pipe_pour(struct pipe *pipe)
{
    int result = SQLITE_DONE;
    while ((result = sqlite3_step(pipe->from)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(pipe->from); i++)
            sqlite3_bind_value(pipe->to, i + 1, sqlite3_column_value(pipe->from, i));
        sqlite3_step(pipe->to);
        sqlite3_reset(pipe->to);
    }
    sqlite3_reset(pipe->from);
    return result == SQLITE_DONE;
}

/* Several ways to the same rows: damage on one of them may leave another. */
static bool pour_any(struct rescue *rescue, const char *const *selects, const char *insert)
{
    bool all = false;
    for (; *selects && !all; selects++) {
        struct pipe pipe;
        all = pipe_open(rescue, &pipe, *selects, insert) && pipe_pour(&pipe);
        pipe_close(&pipe);
    }
    rescue->found_table = rescue->found_table || all;
    return all;
}

static void save_names(struct rescue *rescue)
{
    static const char *const threads[] = {
        "SELECT id, name FROM thread NOT INDEXED ORDER BY id",
        "SELECT id, name FROM thread NOT INDEXED ORDER BY id DESC",
        "SELECT id, name FROM thread INDEXED BY sqlite_autoindex_thread_1 ORDER BY name",
        NULL,
    };
    static const char *const places[] = {
        "SELECT id, endpoint, remote_thread FROM place NOT INDEXED ORDER BY id",
        "SELECT id, endpoint, remote_thread FROM place NOT INDEXED ORDER BY id DESC",
        "SELECT id, endpoint, remote_thread FROM place INDEXED BY sqlite_autoindex_place_1"
        " ORDER BY endpoint",
        NULL,
    };
    pour_any(rescue, threads, "INSERT OR IGNORE INTO thread VALUES(?, ?)");
    if (!pour_any(rescue, places, "INSERT OR IGNORE INTO place VALUES(?, ?, ?)"))
        remark(rescue, "Some numbers of remote threads are lost.", -1);
}

static void save_states(struct rescue *rescue)
{
    static const char *const scopes[] = {
        "SELECT * FROM scope ORDER BY scope, name",
        "SELECT * FROM scope ORDER BY scope DESC, name DESC",
        NULL,
    };
    static const char *const notes[] = {
        "SELECT name, text FROM note ORDER BY name",
        "SELECT name, text FROM note ORDER BY name DESC",
        NULL,
    };
    if (!pour_any(rescue, scopes,
                  "INSERT OR IGNORE INTO scope VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"))
        remark(rescue, "Some waits and pauses of threads, senders and endpoints are lost.", -1);
    if (!pour_any(rescue, notes, "INSERT OR IGNORE INTO note VALUES(?, ?)"))
        remark(rescue, "Some of the relay's own notes are lost.", -1);
}

static void save_books(struct rescue *rescue)
{
    static const char *const books[] = {
        "SELECT lane, uid, state, messages, bytes FROM tally ORDER BY id",
        "SELECT lane, uid, state, messages, bytes FROM tally ORDER BY id DESC",
        NULL,
    };
    static const char *const purged[] = {
        "SELECT lane, uid, state, messages, bytes FROM purged ORDER BY lane, uid, state",
        "SELECT lane, uid, state, messages, bytes FROM purged"
        " ORDER BY lane DESC, uid DESC, state DESC",
        NULL,
    };
    bool has_purged =
        pour_any(rescue, purged, "INSERT OR IGNORE INTO purged VALUES(?, ?, ?, ?, ?)");
    rescue->salvage->has_books =
        pour_any(rescue, books, "INSERT OR IGNORE INTO temp.book VALUES(?, ?, ?, ?, ?)") &&
        has_purged;
    if (!has_purged)
        remark(rescue, "Some counts of what was removed for its age are lost.", -1);
}

/* ---- what follows from the messages ------------------------------------------------------ */

static bool name_the_nameless(struct rescue *rescue, struct error *err)
{
    static const char naming[] =
        "INSERT INTO thread(id, name)"
        " SELECT DISTINCT lane / 4, 'lost-' || (lane / 4) FROM message"
        " WHERE lane / 4 NOT IN (SELECT id FROM thread)";
    sqlite3_stmt *statement = NULL;
    struct query query = query_start(rescue->new, &statement,
                                     "SELECT DISTINCT lane / 4 FROM message"
                                     " WHERE lane / 4 NOT IN (SELECT id FROM thread)");
    while (query_next(&query))
        remark(rescue,
               "A thread's name is lost. To have its messages sent, say in the section of the "
               "thread that it was:  was = lost-",
               query_number(&query));
    bool done = query_end(&query, err);
    sqlite3_finalize(statement);
    return done && query_once(rescue->new, naming, err);
}

/*
 * An attempt's number must not be given twice, so a message knows of all that
 * are there; an index for a while finds them. Only what is pending is in line. A doubt about a
 * place that is lost is one about wherever the message's thread leads. The books count every row,
 * and what retention had removed before: twice, once of them as state 8, and pending ones only so.
 * See tally in schema.c.
 */
static const char derived[] =
    "DELETE FROM attempt WHERE message NOT IN (SELECT id FROM message);"
    "DELETE FROM doubt WHERE message NOT IN (SELECT id FROM message);"
    "CREATE INDEX filed ON attempt(message, number);"
    "UPDATE message SET in_line = iif(state = 1, 1, NULL), attempts = max(attempts,"
    " ifnull((SELECT max(number) FROM attempt WHERE message = message.id), 0)),"
    " first_attempt = (SELECT id FROM attempt WHERE message = message.id AND number = 1);"
    "DROP INDEX filed;"
    "UPDATE doubt SET doubted_place = 0 WHERE doubted_place NOT IN (SELECT id FROM place);"
    "WITH book(lane, uid, state, messages, bytes) AS ("
    "  SELECT lane, uid, state, 1, content_bytes FROM message"
    "  UNION ALL SELECT lane, uid, state, messages, bytes FROM purged)"
    "INSERT INTO tally(id, messages, bytes)"
    " SELECT ((lane << 32 | uid) << 4) | state, sum(messages), sum(bytes) FROM ("
    "  SELECT * FROM book WHERE state <> 1"
    "  UNION ALL SELECT lane, uid, 8, messages, bytes FROM book)"
    " GROUP BY lane, uid, state;"
    "REPLACE INTO note(name, text) VALUES('machine_id', 'salvaged');";

/* Ids of messages that are lost must not be given again. */
static bool save_counter(struct rescue *rescue, struct error *err)
{
    enum { JUMP = 1000000 };
    static const char *const counters[] = { "SELECT last FROM counter", NULL };
    if (!pour_any(rescue, counters, "UPDATE counter SET last = ?"))
        remark(rescue, "The counter is lost: ids of new messages begin higher by ", JUMP);
    sqlite3_stmt *statement = NULL;
    struct query query =
        query_start(rescue->new, &statement,
                    "UPDATE counter SET last = max(last, (SELECT iif(last = 0, ?, 0)"
                    " + ifnull(max(max(id), max(rank)), 0) FROM message))");
    query_bind(&query, JUMP);
    bool done = query_change(&query, err);
    sqlite3_finalize(statement);
    return done;
}

/* How many messages of each state a query counts. */
static bool count_states(struct rescue *rescue, const char *sql, int64_t *counts, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    struct query query = query_start(rescue->new, &statement, sql);
    while (query_next(&query)) {
        int64_t state = query_number(&query);
        if (state >= 0 && state < MESSAGE_STATES)
            counts[state] = query_number(&query);
    }
    bool done = query_end(&query, err);
    sqlite3_finalize(statement);
    return done;
}

static bool count_all(struct rescue *rescue, struct error *err)
{
    static const char saved[] = "SELECT state, count(*) FROM message GROUP BY state";
    static const char expected[] =
        "SELECT state, sum(messages) FROM ("
        " SELECT state, messages FROM temp.book WHERE state <> 8"
        " UNION ALL SELECT 1, iif(state = 8, messages, -messages) FROM temp.book"
        " UNION ALL SELECT state, -messages FROM purged)"
        " GROUP BY state";
    return count_states(rescue, saved, rescue->salvage->saved, err) &&
           count_states(rescue, expected, rescue->salvage->expected, err);
}

bool salvage_tables(struct rescue *rescue, struct error *err)
{
    if (!query_once(rescue->new,
                    "CREATE TEMP TABLE book(lane, uid, state, messages, bytes,"
                    " PRIMARY KEY(lane, uid, state))",
                    err))
        return false;
    save_names(rescue);
    save_states(rescue);
    save_books(rescue);
    return name_the_nameless(rescue, err) && query_once(rescue->new, derived, err) &&
           save_counter(rescue, err) && count_all(rescue, err);
}
