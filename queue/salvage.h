/*
 * salvage.h - save what can be read of a damaged outbox into a new one
 *
 *     OLD, OLD-wal --copy--> NEW.old --pages--> NEW.part --rename--> NEW
 *
 * OLD is only read. Messages are taken from the pages that they are on, whether
 * or not the tree above leads there; with the same ids, ranks, states and
 * attempts. The books are made anew from them. What waits in NEW is in doubt,
 * as after a restore: marks of doubt may be among what is lost. See adoption.h.
 */
#ifndef CHATRELAY_QUEUE_SALVAGE_H
#define CHATRELAY_QUEUE_SALVAGE_H

#include "base/error.h"
#include "base/text.h"
#include "queue/message.h"

struct salvage {
    int64_t saved[MESSAGE_STATES];
    int64_t expected[MESSAGE_STATES]; /* by the old books */
    bool has_books;                   /* else nobody knows what was expected */
    int64_t unreadable_blocks;        /* that the disk did not give */
    struct text remarks;              /* what else is lost, a sentence a line; for text_clear() */
};

/*
 * False with a sentence when there is no NEW: it exists already, OLD is in use
 * or not there, nothing in it is of an outbox, or there is no room.
 */
MUST_CHECK bool salvage_outbox(const char *old_path, const char *new_path, const char *version,
                               struct salvage *salvage, struct error *err);

#endif
