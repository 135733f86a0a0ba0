#include "queue/database.h"

#include "base/memory.h"
#include "queue/advice.h"
#include "queue/query.h"
#include "queue/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * What we ask of SQLite, and what it says when it has understood. In this order:
 * exclusive locking before anything is read (a log without shared memory), page
 * size and vacuum before there is a page, and those before the log.
 */
struct setting {
    const char *name;
    const char *value;
    const char *reads;
};

static const struct setting first_setting = { "locking_mode", "EXCLUSIVE", "exclusive" };

static const struct setting settings[] = {
    { "page_size", "4096", "4096" },
    { "auto_vacuum", "INCREMENTAL", "2" },
    { "journal_mode", "WAL", "wal" },
    { "synchronous", "FULL", "2" },
    { "secure_delete", "ON", "1" },
    { "temp_store", "MEMORY", "2" },
    { "journal_size_limit", "67108864",
      "67108864" },                     /* above DATABASE_LOG_BYTES: reused, not cut */
    { "wal_autocheckpoint", "0", "0" }, /* the engine chooses the moment */
};

/* Does it read as it should? `*answer`, for the caller to free, is what it says. */
static bool ask(sqlite3 *db, const struct setting *setting, bool *right, char **answer,
                struct error *err)
{
    sqlite3_stmt *statement = NULL;
    char *sql CLEANUP(free_memory) = xasprintf("PRAGMA %s", setting->name);
    struct query query = query_start(db, &statement, sql);
    *answer = query_next(&query) ? query_text(&query) : NULL;
    *right = *answer && strcasecmp(*answer, setting->reads) == 0;
    bool done = query_end(&query, err);
    sqlite3_finalize(statement);
    return done;
}

/* Set only what is not right yet: SQLite would write some of them down again at every start. */
static bool apply(sqlite3 *db, const struct setting *setting, struct error *err)
{
    char *set CLEANUP(free_memory) = xasprintf("PRAGMA %s = %s", setting->name, setting->value);
    char *before CLEANUP(free_memory) = NULL;
    char *after CLEANUP(free_memory) = NULL;
    bool right = false;

    if (!ask(db, setting, &right, &before, err))
        return false;
    if (right)
        return true;
    if (!query_once(db, set, err) || !ask(db, setting, &right, &after, err))
        return false;
    return right ||
           error_set(err, "%s: SQLite's %s is %s and not %s", sqlite3_db_filename(db, "main"),
                     setting->name, after ? after : "unset", setting->reads);
}

static bool apply_all(sqlite3 *db, struct error *err)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (!apply(db, &settings[i], err))
            return false;
    return true;
}

/*
 * SQLite would make it readable by all. Its name reaches the disk with that of
 * the first journal: SQLite syncs the folder then.
 */
static bool make_file(const char *path, struct error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno == EEXIST ||
           error_set(err, "cannot create %s: %s%s", path, strerrordesc_np(errno), advice_on(errno));
}

pid_t database_owner(const char *path)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    bool known = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0;
    close(fd);
    return known ? lock.l_pid : 0;
}

static bool say_in_use(const char *path, struct error *err)
{
    pid_t owner = database_owner(path);
    if (owner > 0)
        return error_set(err, "%s is in use by process %ld: stop that first", path, (long)owner);
    return error_set(err, "%s is in use by another process: stop that first", path);
}

/* A crash, not a clean end, leaves a log behind. */
static bool has_log(const char *path)
{
    struct stat status;
    char *log CLEANUP(free_memory) = xasprintf("%s-wal", path);
    return stat(log, &status) == 0 && status.st_size > 0;
}

/*
 * Until the file is known to be ours, nothing in its folder may change: closing
 * must not fold a log in that somebody else left.
 */
static bool take(sqlite3 *db, const struct outbox_setup *setup, struct error *err)
{
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log(setup->path), NULL);
    if (sqlite3_db_readonly(db, "main")) /* SQLite would fail over the lock, with other words */
        return error_set(err, "%s cannot be written: check its owner, mode and file system",
                         setup->path);
    if (!apply(db, &first_setting, err))
        return false;

    enum schema_state state = schema_look(db, setup->version, err);
    if (state == SCHEMA_FOREIGN || state == SCHEMA_FAILED)
        return false;
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return apply_all(db, err) &&
           (state != SCHEMA_ABSENT || schema_create(db, setup->version, err)) &&
           (state != SCHEMA_OLDER || schema_advance(db, setup->version, err)) &&
           query_once(db, "BEGIN EXCLUSIVE; COMMIT", err);
}

static bool say_cannot_open(sqlite3 *db, const char *path, struct error *err)
{
    if (sqlite3_errcode(db) == SQLITE_CANTOPEN)
        return error_set(err, "cannot open %s: %s%s", path,
                         strerrordesc_np(sqlite3_system_errno(db)),
                         advice_on(sqlite3_system_errno(db)));
    return query_failed(db, err);
}

/*
 * All of SQLite is used by one thread, and nobody asks how much memory it has:
 * its mutexes and counters took a tenth of its time. Refused once SQLite is in
 * use, which does no harm.
 */
static void spare_locks(void)
{
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

sqlite3 *database_open(const struct outbox_setup *setup, struct error *err)
{
    if (!make_file(setup->path, err))
        return NULL;

    spare_locks();
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(setup->path, &db, flags, NULL) != SQLITE_OK)
        say_cannot_open(db, setup->path, err);
    else if (take(db, setup, err))
        return db;

    bool in_use = (sqlite3_errcode(db) & 0xff) == SQLITE_BUSY;
    if (setup->is_damaged)
        *setup->is_damaged = query_met_damage(db);
    database_close(db);
    if (in_use)
        say_in_use(setup->path, err);
    return NULL;
}

void database_close(sqlite3 *db)
{
    if (!db)
        return;
    sqlite3_stmt *statement = NULL;
    while ((statement = sqlite3_next_stmt(db, NULL)))
        sqlite3_finalize(statement);
    sqlite3_close(db);
}
