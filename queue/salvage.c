#include "queue/salvage.h"

#include "base/file.h"
#include "base/memory.h"
#include "queue/database.h"
#include "queue/query.h"
#include "queue/salvage_copy.h"
#include "queue/salvage_work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct paths {
    const char *old, *new;
    char *part, *copy; /* of the new one, and of the old one */
};

static bool found_anything(const struct rescue *rescue)
{
    bool found = rescue->found_table;
    for (int i = 0; i < MESSAGE_STATES; i++)
        found = found || rescue->salvage->saved[i] > 0;
    return found;
}

static bool save_all(struct rescue *rescue, const char *old_path, struct error *err)
{
    if (!query_once(rescue->new, "BEGIN", err) || !salvage_rows(rescue, err) ||
        !salvage_tables(rescue, err))
        return false;
    if (!found_anything(rescue))
        return error_set(err, "nothing in %s is of an outbox: is it the right file?", old_path);
    return query_once(rescue->new, "COMMIT", err);
}

static bool rescue_into(const struct paths *paths, const struct outbox_setup *setup,
                        struct salvage *salvage, struct error *err)
{
    struct rescue rescue = { .salvage = salvage };
    if (!salvage_map(paths->copy, &rescue.file, err))
        return false;
    rescue.new = database_open(setup, err);
    bool done = rescue.new != NULL;
    if (sqlite3_open_v2(paths->copy, &rescue.old, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        done = done && query_failed(rescue.old, err);
    done = done && query_once(rescue.old, "PRAGMA locking_mode = EXCLUSIVE", err) &&
           save_all(&rescue, paths->old, err);
    database_close(rescue.old);
    database_close(rescue.new);
    salvage_unmap(&rescue.file);
    return done;
}

/* A new database that is on disk as one file. */
static bool make_fresh(const struct outbox_setup *setup, struct error *err)
{
    sqlite3 *db = database_open(setup, err);
    database_close(db);
    return db != NULL;
}

static bool publish(const struct paths *paths, struct error *err)
{
    return (file_sync(paths->part) && rename(paths->part, paths->new) == 0 &&
            file_sync_folder_of(paths->new)) ||
           error_set(err, "cannot make %s: %s", paths->new, strerrordesc_np(errno));
}

static void remove_with_log(const char *path)
{
    char *log CLEANUP(free_memory) = xasprintf("%s-wal", path);
    char *index CLEANUP(free_memory) = xasprintf("%s-shm", path);
    unlink(path);
    unlink(log);
    unlink(index);
}

static bool may_begin(const struct paths *paths, struct error *err)
{
    pid_t owner = database_owner(paths->old);
    if (owner > 0)
        return error_set(err, "%s is in use by process %ld: stop that first", paths->old,
                         (long)owner);
    if (access(paths->old, R_OK) != 0)
        return error_set(err, "cannot read %s: %s", paths->old, strerrordesc_np(errno));
    return access(paths->new, F_OK) != 0 ||
           error_set(err, "%s is there already: choose another name", paths->new);
}

bool salvage_outbox(const char *old_path, const char *new_path, const char *version,
                    struct salvage *salvage, struct error *err)
{
    char *part CLEANUP(free_memory) = xasprintf("%s.part", new_path);
    char *copy CLEANUP(free_memory) = xasprintf("%s.old", new_path);
    const struct paths paths = { old_path, new_path, part, copy };
    const struct outbox_setup setup = { .path = part, .version = version };
    *salvage = (struct salvage){ 0 };
    if (!may_begin(&paths, err))
        return false;

    remove_with_log(part);
    remove_with_log(copy);
    bool done = make_fresh(&setup, err) &&
                salvage_copy(old_path, copy, part, &salvage->unreadable_blocks, err) &&
                rescue_into(&paths, &setup, salvage, err) && publish(&paths, err);
    remove_with_log(copy);
    if (!done)
        remove_with_log(part);
    return done;
}
