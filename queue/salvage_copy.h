/*
 * salvage_copy.h - a copy of a damaged database that SQLite is willing to open
 *
 * SQLite reads nothing without the pages that describe the tables. They never
 * change after a database was made, so those of a new one can take their place.
 */
#ifndef CHATRELAY_QUEUE_SALVAGE_COPY_H
#define CHATRELAY_QUEUE_SALVAGE_COPY_H

#include "base/error.h"
#include "queue/leaf.h"

#include <stdint.h>

/*
 * Copy `old_path` and its log to `copy_path`, and fold the log in. Pages that
 * SQLite cannot do without come from `fresh_path`, a new database of the same
 * schema. `*unreadable_blocks` of DATABASE_PAGE_BYTES are zero in the copy,
 * since the disk did not give them.
 */
MUST_CHECK bool salvage_copy(const char *old_path, const char *copy_path, const char *fresh_path,
                             int64_t *unreadable_blocks, struct error *err);

/* The whole file, in memory that is read when it is needed. For salvage_unmap(). */
MUST_CHECK bool salvage_map(const char *path, struct leaf_file *file, struct error *err);
void salvage_unmap(struct leaf_file *file);

#endif
