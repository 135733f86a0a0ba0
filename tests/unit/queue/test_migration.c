#include "base/memory.h"
#include "queue/migration.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A made-up history of three schemas: a table gets a column, and then an index. */
static const char *const steps[] = {
    "ALTER TABLE message ADD COLUMN colour TEXT; UPDATE message SET colour = 'red'",
    "CREATE INDEX message_colour ON message(colour)",
};
static const struct migration_plan plan = { .version = 3, .steps = steps };

static char folder[] = "/tmp/migration-XXXXXX";
static char *path, *copy;
static sqlite3 *db;
static struct error err;

static void run(sqlite3 *in, const char *sql)
{
    cr_assert_eq(sqlite3_exec(in, sql, NULL, NULL, NULL), SQLITE_OK, "%s: %s", sql,
                 sqlite3_errmsg(in));
}

static int64_t number(sqlite3 *in, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    cr_assert_eq(sqlite3_prepare_v2(in, sql, -1, &statement, NULL), SQLITE_OK, "%s", sql);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t found = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return found;
}

static void begin(void)
{
    cr_assert(mkdtemp(folder));
    path = xasprintf("%s/outbox.db", folder);
    copy = xasprintf("%s.schema-1", path);
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    run(db,
        "PRAGMA journal_mode = WAL;"
        "PRAGMA locking_mode = EXCLUSIVE;"
        "CREATE TABLE message(id INTEGER PRIMARY KEY, content TEXT);"
        "INSERT INTO message VALUES(42, 'waiting');"
        "CREATE TABLE note(name TEXT PRIMARY KEY, text TEXT);"
        "INSERT INTO note VALUES('made_by', '0.1.0');"
        "PRAGMA application_id = 77;"
        "PRAGMA user_version = 1");
}

static void end(void)
{
    char *remove = xasprintf("rm -rf %s", folder);
    sqlite3_close(db);
    cr_assert_eq(system(remove), 0);
    free(remove);
    free(path);
    free(copy);
}

TestSuite(migration, .init = begin, .fini = end);

Test(migration, all_steps_are_taken_and_nothing_is_lost)
{
    cr_assert(migration_run(db, &plan, 1, "0.3.0", &err), "%s", err.text);
    cr_expect_eq(number(db, "PRAGMA user_version"), 3);
    cr_expect_eq(number(db, "SELECT id FROM message WHERE content = 'waiting' AND colour = 'red'"),
                 42);
    cr_expect_eq(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'message_colour'"), 1);
    cr_expect_eq(number(db, "SELECT text = '0.3.0' FROM note WHERE name = 'made_by'"), 1);
}

Test(migration, it_begins_where_the_database_is)
{
    run(db, "ALTER TABLE message ADD COLUMN colour TEXT; PRAGMA user_version = 2");
    cr_assert(migration_run(db, &plan, 2, "0.3.0", &err), "%s", err.text);
    cr_expect_eq(number(db, "SELECT count(*) FROM message WHERE colour IS NULL"), 1);
    cr_expect_eq(access(copy, F_OK), -1);
}

Test(migration, a_copy_is_kept_that_the_older_program_can_read)
{
    sqlite3 *kept = NULL;
    struct stat status;
    cr_assert(migration_run(db, &plan, 1, "0.3.0", &err), "%s", err.text);
    cr_assert_eq(sqlite3_open_v2(copy, &kept, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_expect_eq(number(kept, "PRAGMA user_version"), 1);
    cr_expect_eq(number(kept, "PRAGMA application_id"), 77);
    cr_expect_eq(number(kept, "SELECT id FROM message WHERE content = 'waiting'"), 42);
    cr_expect_eq(number(kept, "SELECT text = '0.1.0' FROM note WHERE name = 'made_by'"), 1);
    sqlite3_close(kept);
    cr_assert_eq(stat(copy, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
}

Test(migration, a_step_that_fails_changes_nothing)
{
    static const char *const wrong[] = { "ALTER TABLE message ADD COLUMN colour TEXT",
                                         "CREATE INDEX wrong ON nothing(at_all)" };
    const struct migration_plan faulty = { .version = 3, .steps = wrong };
    cr_assert_not(migration_run(db, &faulty, 1, "0.3.0", &err));
    cr_expect(strstr(err.text, "from schema 1 to 3"), "%s", err.text);
    cr_expect_eq(number(db, "PRAGMA user_version"), 1);
    cr_expect_eq(number(db, "SELECT count(*) FROM pragma_table_info('message')"), 2);
    cr_assert(migration_run(db, &plan, 1, "0.3.0", &err), "%s", err.text);
}

Test(migration, without_a_copy_nothing_is_changed)
{
    char *unfinished = xasprintf("%s.new", copy);
    cr_assert_eq(mkdir(unfinished, 0700), 0);
    cr_assert_not(migration_run(db, &plan, 1, "0.3.0", &err));
    cr_expect(strstr(err.text, "cannot keep a copy"), "%s", err.text);
    cr_expect_eq(number(db, "PRAGMA user_version"), 1);
    free(unfinished);
}

Test(migration, what_a_crash_left_of_a_copy_is_no_hindrance)
{
    char *unfinished = xasprintf("%s.new", copy);
    FILE *file = fopen(unfinished, "w");
    cr_assert(file);
    fputs("half of a copy", file);
    fclose(file);
    cr_assert(migration_run(db, &plan, 1, "0.3.0", &err), "%s", err.text);
    cr_expect_eq(access(unfinished, F_OK), -1);
    free(unfinished);
}

Test(migration, the_copy_goes_through_nobodys_link_and_is_read_by_nobody_else)
{
    struct stat status;
    char *unfinished = xasprintf("%s.new", copy), *precious = xasprintf("%s/precious", folder);
    FILE *file = fopen(precious, "w");
    cr_assert(file);
    fputs("precious", file);
    fclose(file);
    cr_assert_eq(chmod(precious, 0644), 0);
    cr_assert_eq(symlink(precious, unfinished), 0);
    cr_assert(migration_run(db, &plan, 1, "0.3.0", &err), "%s", err.text);
    cr_assert_eq(stat(precious, &status), 0);
    cr_expect_eq(status.st_size, 8);
    cr_assert_eq(lstat(copy, &status), 0);
    cr_expect(S_ISREG(status.st_mode));
    cr_expect_eq(status.st_mode & 0777, 0600);
    free(unfinished);
    free(precious);
}
