/*
 * salvage_work.h - what salvage's files share; for them alone
 *
 *     salvage.c           files: what is made of what, and in which order
 *     salvage_copy.c      a copy of the old one that can be opened
 *     salvage_rows.c      messages, attempts and doubts, from pages
 *     salvage_tables.c    everything else, as far as SQLite can still read it; the books
 */
#ifndef CHATRELAY_QUEUE_SALVAGE_WORK_H
#define CHATRELAY_QUEUE_SALVAGE_WORK_H

#include "queue/leaf.h"
#include "queue/salvage.h"

#include <sqlite3.h>

struct rescue {
    sqlite3 *old; /* the copy */
    sqlite3 *new;
    struct leaf_file file; /* the copy's pages */
    struct salvage *salvage;
    bool found_table; /* SQLite could read one of the old ones, were it empty */
};

/* All messages, attempts and doubts that are on pages which can be read. */
MUST_CHECK bool salvage_rows(struct rescue *rescue, struct error *err);

/* After that: everything else, and what follows from the messages. */
MUST_CHECK bool salvage_tables(struct rescue *rescue, struct error *err);

#endif
