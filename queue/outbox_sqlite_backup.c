/*
 * outbox_sqlite_backup.c - a copy of the database, while it is used
 *
 * SQLite's online backup, over the connection that writes: what changes in pages
 * that were copied already is changed in the copy as well. Whoever restores it
 * looks at all that waits, so it need not be synced here: until it is whole it is
 * worth nothing.
 */
#include "base/file.h"
#include "queue/advice.h"
#include "queue/outbox_sqlite.h"
#include "queue/query.h"

static bool copy_failed(struct outbox_sqlite *self, struct error *err)
{
    query_failed(self->copy, err);
    sqlite_backup_end(&self->outbox);
    return false;
}

bool sqlite_backup_begin(struct outbox *outbox, const char *path, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    sqlite_backup_end(outbox);
    if (!file_make_private(path))
        return advice_set(err, path);
    if (sqlite3_open_v2(path, &self->copy, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        !query_once(self->copy, "PRAGMA journal_mode = OFF", NULL) ||
        !query_once(self->copy, "PRAGMA synchronous = OFF", NULL))
        return copy_failed(self, err);
    self->backup = sqlite3_backup_init(self->copy, "main", self->db, "main");
    return self->backup || copy_failed(self, err);
}

bool sqlite_backup_step(struct outbox *outbox, int pages, bool *more, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    int result = sqlite3_backup_step(self->backup, pages);
    *more = result == SQLITE_OK || result == SQLITE_BUSY || result == SQLITE_LOCKED;
    if (*more)
        return true;
    result = sqlite3_backup_finish(self->backup);
    self->backup = NULL;
    if (result != SQLITE_OK)
        return copy_failed(self, err);
    if (sqlite3_close(self->copy) != SQLITE_OK)
        return copy_failed(self, err);
    self->copy = NULL;
    return true;
}

void sqlite_backup_end(struct outbox *outbox)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    sqlite3_backup_finish(self->backup); /* NULL is fine, as below */
    sqlite3_close(self->copy);
    self->backup = NULL;
    self->copy = NULL;
}
