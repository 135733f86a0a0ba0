#include "queue/migration.h"

#include "base/file.h"
#include "base/memory.h"
#include "queue/query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool say_cannot(const char *path, struct error *err)
{
    return error_set(err, "cannot keep a copy of the outbox in %s: %s", path,
                     strerrordesc_np(errno));
}

/* SQLite fills an empty file whose mode is as it should be: content is in plain text. */
static bool write_copy(sqlite3 *db, const char *path, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    if (!file_make_private(path))
        return say_cannot(path, err);
    struct query query = query_start(db, &statement, "VACUUM INTO ?");
    query_bind_text(&query, path);
    bool done = query_run(&query, err);
    sqlite3_finalize(statement);
    return done && (file_sync(path) || say_cannot(path, err));
}

/* Whole under its name, or not there under it. */
static bool keep_copy(sqlite3 *db, int from, struct error *err)
{
    CLEANUP(free_memory)
    char *path = xasprintf("%s.schema-%d", sqlite3_db_filename(db, "main"), from);
    CLEANUP(free_memory) char *unfinished = xasprintf("%s.new", path);
    if (!write_copy(db, unfinished, err))
        return false;
    return (rename(unfinished, path) == 0 && file_sync_folder_of(path)) || say_cannot(path, err);
}

static bool run_steps(sqlite3 *db, const struct migration_plan *plan, int from, struct error *err)
{
    for (int version = from; version < plan->version; version++)
        if (!query_once(db, plan->steps[version - 1], err))
            return false;
    return true;
}

static bool stamp(sqlite3 *db, const struct migration_plan *plan, const char *program,
                  struct error *err)
{
    sqlite3_stmt *statement = NULL;
    CLEANUP(free_memory) char *version = xasprintf("PRAGMA user_version = %d", plan->version);
    struct query query =
        query_start(db, &statement, "UPDATE note SET text = ? WHERE name = 'made_by'");
    query_bind_text(&query, program);
    bool done = query_run(&query, err);
    sqlite3_finalize(statement);
    return done && query_once(db, version, err);
}

bool migration_run(sqlite3 *db, const struct migration_plan *plan, int from, const char *program,
                   struct error *err)
{
    if (!keep_copy(db, from, err) || !query_once(db, "BEGIN EXCLUSIVE", err))
        return false;
    if (run_steps(db, plan, from, err) && stamp(db, plan, program, err) &&
        query_once(db, "COMMIT", err))
        return true;
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return error_prefix(err, "bringing the outbox from schema %d to %d: ", from, plan->version);
}
