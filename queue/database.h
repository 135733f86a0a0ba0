/*
 * database.h - the outbox's file: durable, nobody else's, and what we take it for
 */
#ifndef CHATRELAY_QUEUE_DATABASE_H
#define CHATRELAY_QUEUE_DATABASE_H

#include "queue/outbox.h"

#include <sqlite3.h>
#include <sys/types.h>

/*
 * A log that has grown to this size is folded in even under load. After a crash all of it is read
 * before anything is sent, half a millisecond for each MiB; four times as much spares no writes.
 */
enum { DATABASE_PAGE_BYTES = 4096, DATABASE_LOG_BYTES = 16 * 1024 * 1024 };

/*
 * Open, and make if need be, as outbox_open_sqlite() says. Every setting that
 * durability rests on has been read back. A file that is refused is left as it
 * was found. NULL with a sentence when it cannot be had.
 */
MUST_CHECK sqlite3 *database_open(const struct outbox_setup *setup, struct error *err);

/*
 * The process that has the file locked; 0 when there is none or that cannot be
 * told. Closing any descriptor of a file drops all of a process's locks on it,
 * so this must not be asked by a process that has the outbox open.
 */
pid_t database_owner(const char *path);

/* Undo an open transaction, drop all statements, fold the log in and close. NULL is fine. */
void database_close(sqlite3 *db);

#endif
