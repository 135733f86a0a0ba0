#include "base/memory.h"
#include "tests/fakes/outbox_memory_disk.h"

#include <stdlib.h>

/* ---- the disk ------------------------------------------------------------------------------- */

static void free_message(void *row)
{
    message_clear(row);
    free(row);
}

static void free_note(void *row)
{
    struct note *note = row;
    free(note->name);
    free(note->text);
    free(note);
}

static void free_pair(void *row)
{
    struct pair *pair = row;
    free(pair->first);
    free(pair->second);
    free(pair);
}

struct outbox_disk *outbox_disk_new(void)
{
    struct outbox_disk *disk = xcalloc(1, sizeof *disk);
    disk->messages.free_row = free_message;
    disk->attempts.free_row = free;
    disk->tallies.free_row = free;
    disk->notes.free_row = free_note;
    disk->scopes.free_row = free;
    disk->threads.free_row = free_pair;
    disk->places.free_row = free_pair;
    return disk;
}

void outbox_disk_free(struct outbox_disk *disk)
{
    if (!disk)
        return;
    row_table_clear(&disk->messages);
    row_table_clear(&disk->attempts);
    row_table_clear(&disk->tallies);
    row_table_clear(&disk->notes);
    row_table_clear(&disk->scopes);
    row_table_clear(&disk->threads);
    row_table_clear(&disk->places);
    row_journal_clear(&disk->journal);
    free(disk);
}

/* ---- what goes wrong ------------------------------------------------------------------------ */

void outbox_memory_break(struct outbox_disk *disk, enum outbox_breakage breakage)
{
    disk->breakage = breakage;
}

static bool breaks(struct outbox_disk *disk, enum outbox_breakage breakage)
{
    if (disk->breakage != breakage)
        return false;
    disk->breakage = BREAK_NOTHING;
    return true;
}

bool disk_may_read(struct outbox *outbox, struct error *err)
{
    return !breaks(outbox_disk_of(outbox), BREAK_READ) || error_set(err, "the disk cannot be read");
}

bool disk_may_write(struct outbox *outbox, struct error *err)
{
    return !breaks(outbox_disk_of(outbox), BREAK_CHANGE) || error_set(err, "the disk is full");
}

/* ---- the turn ------------------------------------------------------------------------------- */

static void keep(struct outbox_disk *disk)
{
    row_journal_keep(&disk->journal);
    disk->committed_counter = disk->counter;
}

static void undo(struct outbox_disk *disk)
{
    row_journal_undo(&disk->journal);
    disk->counter = disk->committed_counter;
    disk->first_live = 0;
}

static bool memory_begin_turn(struct outbox *outbox, struct error *err)
{
    return disk_may_write(outbox, err);
}

static bool memory_commit_turn(struct outbox *outbox, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    if (disk->breakage == BREAK_COMMIT || disk->breakage == BREAK_COMMIT_GONE ||
        disk->breakage == BREAK_COMMIT_KEPT)
        return error_set(err, "the disk cannot be synced");
    keep(disk);
    return true;
}

static bool memory_mark(struct outbox *outbox, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    disk->keep_on_close = breaks(disk, BREAK_COMMIT_KEPT);
    if (disk->keep_on_close || breaks(disk, BREAK_COMMIT_GONE))
        return error_set(err, "the disk cannot be synced");
    breaks(disk, BREAK_COMMIT);
    undo(disk);
    return true;
}

static void memory_close(struct outbox *outbox)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    if (disk->keep_on_close)
        keep(disk);
    else
        undo(disk);
    disk->keep_on_close = false;
    outbox_finish(outbox);
    free(outbox);
}

static bool memory_tend(struct outbox *outbox, bool is_idle, struct error *err)
{
    (void)is_idle;
    return !breaks(outbox_disk_of(outbox), BREAK_TEND) || error_set(err, "the disk is full");
}

/* ---- opening -------------------------------------------------------------------------------- */

static const struct outbox_engine engine = {
    .begin_turn = memory_begin_turn,
    .commit_turn = memory_commit_turn,
    .mark = memory_mark,
    .close = memory_close,
    .insert = memory_insert,
    .begin = memory_begin,
    .end = memory_end,
    .store = memory_store,
    .forget_once = memory_forget_once,
    .set_counter = memory_set_counter,
    .set_tally = memory_set_tally,
    .set_note = memory_set_note,
    .set_scope = memory_set_scope,
    .add_thread = memory_add_thread,
    .add_place = memory_add_place,
    .load = memory_load,
    .find_once = memory_find_once,
    .find_fold = memory_find_fold,
    .originals = memory_originals,
    .doubted = memory_doubted,
    .waiting = memory_waiting,
    .ahead = memory_ahead,
    .lanes = memory_lanes,
    .due = memory_due,
    .expired = memory_expired,
    .list = memory_list,
    .attempts = memory_attempts,
    .recent = memory_recent,
    .log = memory_log,
    .scopes = memory_scopes,
    .tallies = memory_tallies,
    .counter = memory_counter,
    .note = memory_note,
    .thread = memory_thread,
    .thread_name = memory_thread_name,
    .place = memory_place,
    .place_name = memory_place_name,
    .wipe = memory_wipe,
    .remove = memory_remove,
    .set_lane = memory_set_lane,
    .rename_thread = memory_rename_thread,
    .outlines = memory_outlines,
    .tend = memory_tend,
    .shrink = memory_shrink,
    .fold = memory_fold,
    .parts = memory_parts,
    .unfold = memory_unfold,
};

struct outbox *outbox_open_memory(struct outbox_disk *disk, const struct outbox_setup *setup,
                                  struct error *err)
{
    if (breaks(disk, BREAK_OPEN)) {
        error_set(err, "the disk cannot be opened");
        return NULL;
    }
    struct outbox_memory *self = xcalloc(1, sizeof *self);
    self->outbox.engine = &engine;
    self->disk = disk;
    if (outbox_start(&self->outbox, setup->machine_id, err))
        return &self->outbox;
    memory_close(&self->outbox);
    return NULL;
}
