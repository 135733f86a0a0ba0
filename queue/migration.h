/*
 * migration.h - from an older schema of the outbox to the present one
 *
 *     outbox.db  ->  outbox.db.schema-1, a copy  ->  the steps, in one transaction
 *
 * A crash in between leaves the old schema, and the next start begins anew. The
 * copy stays: with it one can go back to the older program (chatrelayd(8)).
 */
#ifndef CHATRELAY_QUEUE_MIGRATION_H
#define CHATRELAY_QUEUE_MIGRATION_H

#include "base/error.h"

#include <sqlite3.h>

/* Versions count from 1. */
struct migration_plan {
    int version;              /* the newest */
    const char *const *steps; /* version - 1 of them; steps[i] is SQL from version i + 1 to i + 2 */
};

/*
 * Keep a copy of the database, whose version is `from`, and bring it to the newest.
 * `program` is our version, for who meets the database later. Outside of a transaction.
 */
MUST_CHECK bool migration_run(sqlite3 *db, const struct migration_plan *plan, int from,
                              const char *program, struct error *err);

#endif
