/*
 * outbox_sqlite_read.c - what reads everything else
 */
#include "queue/outbox_sqlite.h"
#include "queue/query.h"

/* ---- attempts ------------------------------------------------------------------------------- */

static void read_attempt(struct query *query, struct attempt *attempt)
{
    attempt->message = query_number(query);
    attempt->number = query_number(query);
    attempt->place = query_number(query);
    attempt->began_at = query_number(query);
    attempt->ended_at = query_number(query);
    attempt->known_id = query_number(query);
    attempt->outcome = (enum outcome)query_number(query);
    attempt->scope = (enum scope)query_number(query);
    attempt->http = (int)query_number(query);
    attempt->wait_ms = query_number(query);
    query_text_into(query, attempt->code, sizeof attempt->code);
    query_text_into(query, attempt->cv, sizeof attempt->cv);
    query_text_into(query, attempt->detail, sizeof attempt->detail);
}

static bool give_attempts(struct query *query,
                          void (*row)(void *context, const struct attempt *attempt), void *context,
                          struct error *err)
{
    struct attempt attempt;
    while (query_next(query)) {
        read_attempt(query, &attempt);
        row(context, &attempt);
    }
    return query_end(query, err);
}

bool sqlite_attempts(struct outbox *outbox, int64_t message,
                     void (*row)(void *context, const struct attempt *attempt), void *context,
                     struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query past = query_start(self->db, &self->statements.attempts,
                                    "SELECT " ATTEMPT_COLUMNS
                                    " FROM attempt"
                                    " WHERE id = (SELECT first_attempt FROM message WHERE id = ?1)"
                                    " UNION ALL SELECT " ATTEMPT_COLUMNS
                                    " FROM attempt WHERE message = ?1 AND number > 1"
                                    " ORDER BY number");
    query_bind(&past, message);
    if (!give_attempts(&past, row, context, err))
        return false;
    struct query open = query_start(self->db, &self->statements.open_attempt,
                                    "SELECT " ATTEMPT_COLUMNS
                                    " FROM doubt WHERE message = ? AND began_at IS NOT NULL");
    query_bind(&open, message);
    return give_attempts(&open, row, context, err);
}

/*
 * They were filed as they ended, so the first too old one is the last to read:
 * but for those in doubt, which were filed when the doubt was over.
 */
static bool give_ended(struct outbox_sqlite *self, msec_t since_at,
                       void (*row)(void *context, const struct attempt *attempt), void *context,
                       struct error *err)
{
    struct query query = query_start(self->db, &self->statements.recent,
                                     "SELECT " ATTEMPT_COLUMNS
                                     " FROM attempt WHERE ended_at IS NOT NULL ORDER BY id DESC");
    struct attempt attempt;
    while (query_next(&query)) {
        read_attempt(&query, &attempt);
        if (attempt.ended_at > since_at)
            row(context, &attempt);
        else if (attempt.outcome != OUTCOME_DOUBT)
            break;
    }
    return query_end(&query, err);
}

/* The ones that are not filed yet, because their messages are in doubt. */
static bool give_open(struct outbox_sqlite *self, msec_t since_at,
                      void (*row)(void *context, const struct attempt *attempt), void *context,
                      struct error *err)
{
    struct query query = query_start(self->db, &self->statements.open_attempts,
                                     "SELECT " ATTEMPT_COLUMNS
                                     " FROM doubt WHERE began_at IS NOT NULL"
                                     " AND (ended_at IS NULL OR ended_at > ?)");
    query_bind(&query, since_at);
    return give_attempts(&query, row, context, err);
}

bool sqlite_recent(struct outbox *outbox, msec_t since_at,
                   void (*row)(void *context, const struct attempt *attempt), void *context,
                   struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    return give_open(self, since_at, row, context, err) &&
           give_ended(self, since_at, row, context, err);
}

bool sqlite_log(struct outbox *outbox, int64_t after, size_t most,
                void (*row)(void *context, const struct attempt *attempt), void *context,
                int64_t *next, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    if (after == 0 && !give_open(self, 0, row, context, err))
        return false;
    struct query query =
        query_start(self->db, &self->statements.log,
                    "SELECT " ATTEMPT_COLUMNS ", id FROM attempt WHERE id < ? ORDER BY id DESC");
    struct attempt attempt = { 0 };
    int64_t last = 0;
    query_bind(&query, after ? after : INT64_MAX);
    for (size_t given = 0; query_next(&query); given++) {
        if (given == most) {
            *next = last;
            break;
        }
        read_attempt(&query, &attempt);
        last = query_number(&query);
        row(context, &attempt);
    }
    return query_end(&query, err);
}

/* ---- scopes and books ----------------------------------------------------------------------- */

static void read_scope(struct query *query, struct scope_record *record)
{
    record->scope = (enum scope)query_number(query);
    query_text_into(query, record->name, sizeof record->name);
    record->failures = query_number(query);
    record->since_at = query_number(query);
    record->until_at = query_number(query);
    record->told = query_number(query) != 0;
    record->paused_until = query_number(query);
    record->pace_percent = query_number(query);
    record->newest_id = query_number(query);
    record->http = (int)query_number(query);
    query_text_into(query, record->code, sizeof record->code);
    query_text_into(query, record->detail, sizeof record->detail);
}

bool sqlite_scopes(struct outbox *outbox,
                   void (*row)(void *context, const struct scope_record *record), void *context,
                   struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.scopes,
                    "SELECT scope, name, failures, since_at, until_at, told, paused_until,"
                    " pace_percent, newest_id, http, code, detail FROM scope");
    struct scope_record record;
    while (query_next(&query)) {
        read_scope(&query, &record);
        row(context, &record);
    }
    return query_end(&query, err);
}

bool sqlite_tallies(struct outbox *outbox, void (*row)(void *context, const struct tally_row *row),
                    void *context, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.tallies,
                                     "SELECT lane, uid, state, tally.messages, tally.bytes,"
                                     " purged.messages, purged.bytes"
                                     " FROM tally LEFT JOIN purged USING(lane, uid, state)");
    struct tally_row found;
    while (query_next(&query)) {
        found.lane = query_number(&query);
        found.uid = query_number(&query);
        found.state = (enum message_state)query_number(&query);
        found.messages = query_number(&query);
        found.bytes = query_number(&query);
        found.purged = query_number(&query);
        found.purged_bytes = query_number(&query);
        row(context, &found);
    }
    return query_end(&query, err);
}

bool sqlite_counter(struct outbox *outbox, int64_t *value, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.counter, "SELECT last, gaps_until FROM counter");
    if (query_next(&query)) {
        *value = query_number(&query);
        self->gaps_until = query_number(&query);
    }
    return query_end(&query, err);
}

/* ---- texts and numbers by name -------------------------------------------------------------- */

bool sqlite_note(struct outbox *outbox, const char *name, char **text, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.note, "SELECT text FROM note WHERE name = ?");
    query_bind_text(&query, name);
    if (query_next(&query))
        *text = query_text(&query);
    return query_end(&query, err);
}

bool sqlite_thread(struct outbox *outbox, const char *name, int64_t *thread, bool *found,
                   struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.thread, "SELECT id FROM thread WHERE name = ?");
    query_bind_text(&query, name);
    *found = query_next(&query);
    if (*found)
        *thread = query_number(&query);
    return query_end(&query, err);
}

bool sqlite_thread_name(struct outbox *outbox, int64_t thread, char **name, bool *found,
                        struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.thread_name,
                                     "SELECT name FROM thread WHERE id = ?");
    query_bind(&query, thread);
    *found = query_next(&query);
    if (*found)
        *name = query_text(&query);
    return query_end(&query, err);
}

bool sqlite_place(struct outbox *outbox, const char *endpoint, const char *remote_thread,
                  int64_t *place, bool *found, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.place,
                    "SELECT id FROM place WHERE endpoint = ? AND remote_thread = ?");
    query_bind_text(&query, endpoint);
    query_bind_text(&query, remote_thread);
    *found = query_next(&query);
    if (*found)
        *place = query_number(&query);
    return query_end(&query, err);
}

bool sqlite_place_name(struct outbox *outbox, int64_t place, char **endpoint, char **remote_thread,
                       bool *found, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.place_name,
                                     "SELECT endpoint, remote_thread FROM place WHERE id = ?");
    query_bind(&query, place);
    *found = query_next(&query);
    if (*found) {
        *endpoint = query_text(&query);
        *remote_thread = query_text(&query);
    }
    return query_end(&query, err);
}
