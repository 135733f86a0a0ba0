/*
 * outbox_memory.h - an outbox engine in memory, on a disk that a test can hold
 *
 * The disk outlives the outbox, as a real one does. Closing the outbox in the
 * middle of a turn is a crash: the disk then holds what had been committed.
 * Committed turns are never lost; what a power cut does is SQLite's to prove.
 */
#ifndef CHATRELAY_TESTS_FAKES_OUTBOX_MEMORY_H
#define CHATRELAY_TESTS_FAKES_OUTBOX_MEMORY_H

#include "queue/outbox.h"

struct outbox_disk;

struct outbox_disk *outbox_disk_new(void);
void outbox_disk_free(struct outbox_disk *disk); /* NULL is fine; no outbox may be open on it */

/* As outbox_open_sqlite(), with `disk` for the path. One outbox at a time. */
MUST_CHECK struct outbox *outbox_open_memory(struct outbox_disk *disk,
                                             const struct outbox_setup *setup, struct error *err);

/* What goes wrong once, at the next occasion. */
enum outbox_breakage {
    BREAK_NOTHING,
    BREAK_OPEN,        /* the next opening fails */
    BREAK_READ,        /* the next read fails, and with it the turn: OUTBOX_UNDONE */
    BREAK_CHANGE,      /* the next change fails: OUTBOX_UNDONE */
    BREAK_COMMIT,      /* the next commit fails and the mark succeeds: OUTBOX_UNDONE */
    BREAK_COMMIT_GONE, /* both fail: OUTBOX_UNKNOWN, and the turn is not there when reopened */
    BREAK_COMMIT_KEPT, /* both fail: OUTBOX_UNKNOWN, and the turn is there when reopened */
    BREAK_TEND,        /* the next outbox_tend() fails */
};
void outbox_memory_break(struct outbox_disk *disk, enum outbox_breakage breakage);

#endif
