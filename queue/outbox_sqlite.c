/*
 * outbox_sqlite.c - the outbox in a SQLite database: opening, the turn, tending
 *
 * A commit appends to the write-ahead log and syncs it. Folding the log into
 * the database takes longer, so it waits for an idle moment, or until the log
 * has grown too large. The log is then written again from its beginning, in
 * place: syncing a file that does not grow is twice as fast.
 */
#include "queue/outbox_sqlite.h"

#include "base/memory.h"
#include "queue/database.h"
#include "queue/query.h"

#include <stdlib.h>

/* Worth an idle moment: below that, few pages would be saved from being written again. */
enum { TEND_LOG_BYTES = 4 * 1024 * 1024 };

static int count_log(void *context, sqlite3 *db, const char *name, int pages)
{
    struct outbox_sqlite *self = context;
    (void)db;
    (void)name;
    self->log_pages = pages;
    return SQLITE_OK;
}

bool sqlite_fold_log(struct outbox_sqlite *self, int beyond_bytes, struct error *err)
{
    if (self->log_pages < beyond_bytes / DATABASE_PAGE_BYTES)
        return true;

    int pages = 0, folded = 0;
    if (sqlite3_wal_checkpoint_v2(self->db, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &folded) !=
        SQLITE_OK)
        return query_failed(self->db, err);
    self->log_pages = pages - folded;
    return true;
}

static bool sqlite_tend(struct outbox *outbox, bool is_idle, struct error *err)
{
    return sqlite_fold_log(outbox_sqlite_of(outbox), is_idle ? TEND_LOG_BYTES : DATABASE_LOG_BYTES,
                           err);
}

static bool sqlite_begin_turn(struct outbox *outbox, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.begin_turn, "BEGIN IMMEDIATE");
    return query_run(&query, err);
}

static bool sqlite_commit_turn(struct outbox *outbox, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.commit_turn, "COMMIT");
    return query_run(&query, err);
}

/*
 * A failed commit may have left all of its pages in the log, there to be found
 * after a crash. The mark is written over the first of them; once it is synced,
 * what is behind it no longer fits the log's running checksum. (SQLite has
 * rolled back by itself already, unless it was merely kept from committing.)
 */
static bool sqlite_mark(struct outbox *outbox, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    if (!sqlite3_get_autocommit(self->db) && !query_once(self->db, "ROLLBACK", err))
        return false;
    struct query query =
        query_start(self->db, &self->statements.mark, "UPDATE counter SET marks = marks + 1");
    return query_change(&query, err); /* a transaction of its own */
}

static bool sqlite_met_damage(struct outbox *outbox)
{
    return query_met_damage(outbox_sqlite_of(outbox)->db);
}

static void sqlite_close(struct outbox *outbox)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    outbox_finish(outbox);
    sqlite_backup_end(outbox);
    database_close(self->db);
    free(self);
}

static const struct outbox_engine engine = {
    .begin_turn = sqlite_begin_turn,
    .commit_turn = sqlite_commit_turn,
    .mark = sqlite_mark,
    .met_damage = sqlite_met_damage,
    .close = sqlite_close,
    .insert = sqlite_insert,
    .begin = sqlite_begin,
    .end = sqlite_end,
    .store = sqlite_store,
    .forget_once = sqlite_forget_once,
    .set_counter = sqlite_set_counter,
    .set_tally = sqlite_set_tally,
    .set_note = sqlite_set_note,
    .set_scope = sqlite_set_scope,
    .add_thread = sqlite_add_thread,
    .add_place = sqlite_add_place,
    .load = sqlite_load,
    .find_once = sqlite_find_once,
    .find_fold = sqlite_find_fold,
    .originals = sqlite_originals,
    .doubted = sqlite_doubted,
    .waiting = sqlite_waiting,
    .ahead = sqlite_ahead,
    .lanes = sqlite_lanes,
    .due = sqlite_due,
    .expired = sqlite_expired,
    .list = sqlite_list,
    .attempts = sqlite_attempts,
    .recent = sqlite_recent,
    .log = sqlite_log,
    .scopes = sqlite_scopes,
    .tallies = sqlite_tallies,
    .counter = sqlite_counter,
    .note = sqlite_note,
    .thread = sqlite_thread,
    .thread_name = sqlite_thread_name,
    .place = sqlite_place,
    .place_name = sqlite_place_name,
    .wipe = sqlite_wipe,
    .remove = sqlite_remove,
    .set_lane = sqlite_set_lane,
    .rename_thread = sqlite_rename_thread,
    .outlines = sqlite_outlines,
    .stale = sqlite_stale,
    .clear_line = sqlite_clear_line,
    .tend = sqlite_tend,
    .shrink = sqlite_shrink,
    .backup_begin = sqlite_backup_begin,
    .backup_step = sqlite_backup_step,
    .backup_end = sqlite_backup_end,
    .fold = sqlite_fold,
    .parts = sqlite_parts,
    .unfold = sqlite_unfold,
};

struct outbox *outbox_open_sqlite(const struct outbox_setup *setup, struct error *err)
{
    sqlite3 *db = database_open(setup, err);
    if (!db)
        return NULL;

    struct outbox_sqlite *self = xcalloc(1, sizeof *self);
    self->outbox.engine = &engine;
    self->db = db;
    sqlite3_wal_hook(db, count_log, self);
    if (outbox_start(&self->outbox, setup->machine_id, err))
        return &self->outbox;
    if (setup->is_damaged)
        *setup->is_damaged = self->outbox.is_damaged;
    sqlite_close(&self->outbox);
    return NULL;
}
