/*
 * schema.h - the tables of the outbox, and whose database this is
 */
#ifndef CHATRELAY_QUEUE_SCHEMA_H
#define CHATRELAY_QUEUE_SCHEMA_H

#include "base/error.h"

#include <sqlite3.h>

enum schema_state {
    SCHEMA_ABSENT,  /* an empty database */
    SCHEMA_CURRENT, /* ours, of this version, with the very tables that schema_create() makes */
    SCHEMA_OLDER,   /* ours, of a version that schema_advance() brings to this one */
    SCHEMA_FOREIGN, /* not for us, see the error; must not be touched */
    SCHEMA_FAILED,  /* could not be read, see the error */
};

/* Look, and change nothing. `version` is our program's, for the error's sentence. */
MUST_CHECK enum schema_state schema_look(sqlite3 *db, const char *version, struct error *err);

/* Make the tables in an empty database, in one transaction. */
MUST_CHECK bool schema_create(sqlite3 *db, const char *version, struct error *err);

/* Bring an older database to this version. A copy of it is kept beside it: see migration.h. */
MUST_CHECK bool schema_advance(sqlite3 *db, const char *version, struct error *err);

#endif
