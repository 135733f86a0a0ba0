#include "queue/schema.h"

#include "base/memory.h"
#include "queue/migration.h"
#include "queue/query.h"

#include <stdlib.h>
#include <string.h>

enum {
    SCHEMA_APPLICATION = 0x6368726c, /* "chrl": tells our files from other programs' */
    SCHEMA_VERSION = 1,
};

/*
 * The database outlives the program, so how to change it:
 *
 * 1.  Add one to SCHEMA_VERSION and change `tables`, which is what a new
 *     database gets.
 * 2.  Add the step from the version before to `steps`, as SQL. migration.h runs
 *     it together with user_version and made_by, and keeps a copy of the file
 *     from before. Steps are never changed once released.
 * 3.  Test it with a database of every older version, kept as a file of SQL,
 *     and see that the result has the same sqlite_schema as a new one: a
 *     database whose tables are not those below, word by word, is refused.
 *
 * What every version must be able to read in the database of any other:
 * application_id, user_version, and in `note` the row made_by. Columns that a
 * coming feature needs are here from the start and NULL until then.
 *
 * A number 0 is stored as NULL where NULL is allowed: partial indexes rest on
 * it. The columns that most queries need stand first and the contents last, so
 * that a long content is not read in passing.
 *
 * What is done for every message is kept cheap: a message's row is long, so it is
 * written when it comes in and when it leaves its state, and not in between. That
 * it is under way is a row of a table that stays small. Nor does a message that is
 * sent leave its place in its lane's index: each lane's is in another page, so a
 * backlog of many threads would write a page for every message. Instead readers
 * begin where `lane` says, and skip the few behind that which are sent. And a message
 * knows where its first attempt is; only further ones, of few messages, are in an index.
 */
static const char tables[] =
    /*
     * struct message. late_mark: the words that the latest attempt put in front of it.
     * first_attempt: the row of its attempt number 1, once that has one. in_line: 1 if the lane's
     * index has it, which is so while it is pending, and goes on when it is sent from there: until
     * there are very many, its content is wiped or, if it has none, its record is removed.
     */
    "CREATE TABLE message("
    " id INTEGER PRIMARY KEY,"
    " lane INTEGER NOT NULL,"
    " rank INTEGER NOT NULL,"
    " state INTEGER NOT NULL,"
    " in_line INTEGER CHECK(in_line IS NOT NULL OR state <> 1),"
    " kind INTEGER NOT NULL,"
    " uid INTEGER NOT NULL,"
    " accepted_at INTEGER NOT NULL,"
    " content_bytes INTEGER NOT NULL,"
    " due_at INTEGER,"
    " expires_at INTEGER,"
    " ended_at INTEGER,"
    " into_id INTEGER,"
    " target_id INTEGER,"
    " attempts INTEGER NOT NULL,"
    " first_attempt INTEGER,"
    " pid INTEGER,"
    " type INTEGER NOT NULL,"
    " stamp TEXT NOT NULL,"
    " user TEXT,"
    " once TEXT,"
    " once_hash INTEGER,"
    " fold TEXT,"
    " fold_count INTEGER,"
    " fold_since INTEGER,"
    " display_name TEXT,"
    " metadata TEXT,"
    " wish TEXT,"
    " remote_id TEXT,"
    " sequence_id INTEGER,"
    " created_on INTEGER,"
    " verified INTEGER,"
    " reason TEXT,"
    " late_mark TEXT,"
    " content TEXT"
    ") STRICT;"

    /* States by number: 0 scheduled, 1 pending, 2 held, then the final ones; see message.h. */
    "CREATE INDEX message_lane ON message(lane, rank) WHERE in_line IS NOT NULL;"
    "CREATE INDEX message_due ON message(due_at) WHERE state = 0;"
    "CREATE INDEX message_expiry ON message(expires_at)"
    " WHERE expires_at IS NOT NULL AND state <= 2;"
    "CREATE INDEX message_into ON message(into_id) WHERE into_id IS NOT NULL;"
    "CREATE UNIQUE INDEX message_once ON message(uid, once) WHERE once IS NOT NULL;"
    "CREATE INDEX message_fold ON message(lane, uid, fold, rank)"
    " WHERE fold IS NOT NULL AND state = 1;"

    /* No pending message of the lane has a lower rank. A lane without a row has told nothing. */
    "CREATE TABLE lane("
    " id INTEGER PRIMARY KEY,"
    " first_rank INTEGER NOT NULL"
    ") STRICT;"

    /*
     * The messages in doubt, most of them because they are under way, each with the attempt
     * that it is in doubt about (began_at NULL: none), which moves to `attempt` when the doubt is
     * over. number: attempts begun so far, which message.attempts learns then.
     */
    "CREATE TABLE doubt("
    " message INTEGER PRIMARY KEY,"
    " number INTEGER NOT NULL,"
    " doubted_at INTEGER NOT NULL,"
    " doubted_place INTEGER NOT NULL,"
    " place INTEGER,"
    " began_at INTEGER,"
    " ended_at INTEGER,"
    " known_id INTEGER,"
    " outcome INTEGER,"
    " scope INTEGER,"
    " http INTEGER,"
    " wait_ms INTEGER,"
    " code TEXT,"
    " cv TEXT,"
    " detail TEXT"
    ") STRICT;"

    /* struct attempt. A row is appended when all is known of it, and never changed. */
    "CREATE TABLE attempt("
    " id INTEGER PRIMARY KEY,"
    " message INTEGER NOT NULL,"
    " number INTEGER NOT NULL,"
    " place INTEGER NOT NULL,"
    " began_at INTEGER NOT NULL,"
    " ended_at INTEGER,"
    " known_id INTEGER,"
    " outcome INTEGER,"
    " scope INTEGER,"
    " http INTEGER,"
    " wait_ms INTEGER,"
    " code TEXT,"
    " cv TEXT,"
    " detail TEXT"
    ") STRICT;"
    "CREATE INDEX attempt_again ON attempt(message, number) WHERE number > 1;"

    /*
     * struct tally_row: what there was ever, for final states. State 8 counts all messages, and the
     * pending ones, which have no row, are those that no other row counts. id: lane, uid and state
     * in one number, because a row is found fastest by that.
     */
    "CREATE TABLE tally("
    " id INTEGER PRIMARY KEY,"
    " messages INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL,"
    " lane INTEGER AS (id >> 36),"
    " uid INTEGER AS (id >> 4 & 4294967295),"
    " state INTEGER AS (id & 15)"
    ") STRICT;"

    /* How much of a tally retention has removed since: rows + purged = messages. */
    "CREATE TABLE purged("
    " lane INTEGER NOT NULL,"
    " uid INTEGER NOT NULL,"
    " state INTEGER NOT NULL,"
    " messages INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL,"
    " PRIMARY KEY(lane, uid, state)"
    ") STRICT, WITHOUT ROWID;"

    /* struct scope_record */
    "CREATE TABLE scope("
    " scope INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " failures INTEGER NOT NULL,"
    " since_at INTEGER NOT NULL,"
    " until_at INTEGER NOT NULL,"
    " told INTEGER NOT NULL,"
    " paused_until INTEGER NOT NULL,"
    " pace_percent INTEGER NOT NULL,"
    " newest_id INTEGER NOT NULL,"
    " http INTEGER NOT NULL,"
    " code TEXT NOT NULL,"
    " detail TEXT NOT NULL,"
    " PRIMARY KEY(scope, name)"
    ") STRICT, WITHOUT ROWID;"

    /* Names and their numbers, given out once and for good. */
    "CREATE TABLE thread("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE"
    ") STRICT;"
    "CREATE TABLE place("
    " id INTEGER PRIMARY KEY,"
    " endpoint TEXT NOT NULL,"
    " remote_thread TEXT NOT NULL,"
    " UNIQUE(endpoint, remote_thread)"
    ") STRICT;"

    /*
     * One row. last: the number given out last; marks: turns that failed and were proved out;
     * gaps_until: no message of a higher rank has one behind it in its lane that was sent.
     */
    "CREATE TABLE counter("
    " last INTEGER NOT NULL,"
    " marks INTEGER NOT NULL,"
    " gaps_until INTEGER NOT NULL"
    ") STRICT;"
    "INSERT INTO counter VALUES(0, 0, 0);"

    /* Texts by name. made_by: the version of the program that made this schema. */
    "CREATE TABLE note("
    " name TEXT PRIMARY KEY,"
    " text TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;";

/* From each version to the next: none yet. */
static const char *const steps[SCHEMA_VERSION] = { NULL };

static const struct migration_plan plan = { .version = SCHEMA_VERSION, .steps = steps };

static bool read_number(sqlite3 *db, const char *sql, int64_t *number, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    struct query query = query_start(db, &statement, sql);
    if (query_next(&query))
        *number = query_number(&query);
    bool done = query_end(&query, err);
    sqlite3_finalize(statement);
    return done;
}

/* Whoever made the newer schema; a word that fits the sentence if that cannot be read. */
static char *read_maker(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    struct query query =
        query_start(db, &statement, "SELECT text FROM note WHERE name = 'made_by'");
    char *maker = query_next(&query) ? query_text(&query) : NULL;
    if (!query_end(&query, NULL) || !maker) {
        free(maker);
        maker = xstrdup("of unknown version");
    }
    sqlite3_finalize(statement);
    return maker;
}

static enum schema_state refuse_newer(sqlite3 *db, const char *version, int64_t schema,
                                      struct error *err)
{
    char *maker = read_maker(db);
    error_set(err,
              "%s was written by chatrelay %s (schema %lld), which this chatrelay %s (schema %d) "
              "cannot read: install that version or a newer one",
              sqlite3_db_filename(db, "main"), maker, (long long)schema, version, SCHEMA_VERSION);
    free(maker);
    return SCHEMA_FOREIGN;
}

/* Whether the database has a table or an index as this SQL makes it, word by word. */
static bool look_for(sqlite3 *db, sqlite3_stmt **slot, const char *sql, size_t length, bool *found,
                     struct error *err)
{
    struct query query = query_start(db, slot, "SELECT 1 FROM sqlite_schema WHERE sql = ?");
    query_bind_bytes(&query, sql, length);
    *found = query_next(&query);
    return query_end(&query, err);
}

/* The first of ours that it has not; NULL when it has all. */
static bool find_missing(sqlite3 *db, const char **missing, struct error *err)
{
    static const char create[] = "CREATE ";
    sqlite3_stmt *statement = NULL;
    bool done = true, found = true;
    size_t length = 0;
    *missing = NULL;
    for (const char *sql = tables; *sql && done && found; sql += length + 1) {
        length = strcspn(sql, ";");
        if (strncmp(sql, create, strlen(create)) == 0)
            done = look_for(db, &statement, sql, length, &found, err);
        if (!found)
            *missing = sql;
    }
    sqlite3_finalize(statement);
    return done;
}

/* One that was made while this version was still in the making would fail when it is written. */
static enum schema_state compare_tables(sqlite3 *db, struct error *err)
{
    const char *missing = NULL;
    if (!find_missing(db, &missing, err))
        return SCHEMA_FAILED;
    if (!missing)
        return SCHEMA_CURRENT;
    char *maker = read_maker(db);
    error_set(err,
              "%s was written by another chatrelay %s, whose tables are not ours (\"%.*s\"): "
              "install that one again, or move the file away, with what waits in it",
              sqlite3_db_filename(db, "main"), maker, (int)strcspn(missing, "("), missing);
    free(maker);
    return SCHEMA_FOREIGN;
}

enum schema_state schema_look(sqlite3 *db, const char *version, struct error *err)
{
    int64_t application = 0, schema = 0, objects = 0;
    if (!read_number(db, "PRAGMA application_id", &application, err) ||
        !read_number(db, "PRAGMA user_version", &schema, err) ||
        !read_number(db, "SELECT count(*) FROM sqlite_schema", &objects, err))
        return SCHEMA_FAILED;

    if (application == 0 && schema == 0 && objects == 0)
        return SCHEMA_ABSENT;
    if (application == SCHEMA_APPLICATION && schema > SCHEMA_VERSION)
        return refuse_newer(db, version, schema, err);
    if (application == SCHEMA_APPLICATION && schema == SCHEMA_VERSION)
        return compare_tables(db, err);
    if (application == SCHEMA_APPLICATION && schema > 0)
        return SCHEMA_OLDER;

    error_set(err,
              "%s is a database of another program (application %#llx, version %lld): "
              "choose another file for the outbox",
              sqlite3_db_filename(db, "main"), (unsigned long long)application, (long long)schema);
    return SCHEMA_FOREIGN;
}

static bool stamp_version(sqlite3 *db, const char *version, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    struct query query =
        query_start(db, &statement, "INSERT INTO note(name, text) VALUES('made_by', ?)");
    query_bind_text(&query, version);
    bool done = query_change(&query, err);
    sqlite3_finalize(statement);
    if (!done)
        return false;

    char *sql = xasprintf("PRAGMA application_id = %d; PRAGMA user_version = %d",
                          SCHEMA_APPLICATION, SCHEMA_VERSION);
    done = query_once(db, sql, err);
    free(sql);
    return done;
}

bool schema_create(sqlite3 *db, const char *version, struct error *err)
{
    return query_once(db, "BEGIN EXCLUSIVE", err) && query_once(db, tables, err) &&
           stamp_version(db, version, err) && query_once(db, "COMMIT", err);
}

bool schema_advance(sqlite3 *db, const char *version, struct error *err)
{
    int64_t from = 0;
    return read_number(db, "PRAGMA user_version", &from, err) &&
           migration_run(db, &plan, (int)from, version, err);
}
