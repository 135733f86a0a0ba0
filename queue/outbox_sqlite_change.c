/*
 * outbox_sqlite_change.c - what writes rows
 *
 * An UPDATE rewrites an index's entry if it names one of the index's columns, or
 * one in its WHERE: so it names only what can have changed.
 */
#include "queue/outbox_sqlite.h"
#include "queue/query.h"

/* ---- doubt ----------------------------------------------------------------------------------- */

/* A doubt that is there already keeps its attempt. */
static bool set_doubt(struct outbox_sqlite *self, const struct message *message, struct error *err)
{
    struct query query =
        query_start(self->db, &self->statements.set_doubt,
                    "INSERT INTO doubt(message, number, doubted_at, doubted_place)"
                    " VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET number = excluded.number,"
                    " doubted_at = excluded.doubted_at, doubted_place = excluded.doubted_place");
    query_bind(&query, message->id);
    query_bind(&query, message->attempts);
    query_bind(&query, message->doubted_at);
    query_bind(&query, message->doubted_place);
    return query_change(&query, err);
}

static bool drop_doubt(struct outbox_sqlite *self, int64_t message, struct error *err)
{
    struct query query =
        query_start(self->db, &self->statements.drop_doubt, "DELETE FROM doubt WHERE message = ?");
    query_bind(&query, message);
    return query_run(&query, err);
}

/* Where the attempt is that was filed last, if it was its message's first; else 0. */
static int64_t first_filed(const struct outbox_sqlite *self, int64_t number)
{
    return number == 1 ? sqlite3_last_insert_rowid(self->db) : 0;
}

static bool set_first_attempt(struct outbox_sqlite *self, int64_t message, int64_t attempt,
                              struct error *err)
{
    struct query query = query_start(self->db, &self->statements.set_first_attempt,
                                     "UPDATE message SET first_attempt = ? WHERE id = ?");
    query_bind(&query, attempt);
    query_bind(&query, message);
    return query_change(&query, err);
}

/* As it is: there is nothing more to learn about it. */
static bool file_attempt(struct outbox_sqlite *self, const struct message *message,
                         struct error *err)
{
    struct query query =
        query_start(self->db, &self->statements.file_attempt,
                    "INSERT INTO attempt(" ATTEMPT_COLUMNS ") SELECT " ATTEMPT_COLUMNS
                    " FROM doubt WHERE message = ? AND began_at IS NOT NULL");
    query_bind(&query, message->id);
    if (!query_run(&query, err))
        return false;
    int64_t first = first_filed(self, message->attempts);
    return sqlite3_changes(self->db) == 0 || first == 0 ||
           set_first_attempt(self, message->id, first, err);
}

static bool store_doubt(struct outbox_sqlite *self, const struct message *message,
                        struct error *err)
{
    if (message->doubted_at)
        return set_doubt(self, message, err);
    return file_attempt(self, message, err) && drop_doubt(self, message->id, err);
}

/* ---- messages -------------------------------------------------------------------------------- */

static bool is_in_line(const struct message *message)
{
    return message->state == MESSAGE_PENDING;
}

/* The columns that sqlite_store() writes again, in the order of both statements. */
static void bind_what_changes(struct query *query, const struct message *message)
{
    query_bind(query, message->rank);
    query_bind(query, message->state);
    query_bind_or_null(query, is_in_line(message));
    query_bind(query, (int64_t)message->content_bytes);
    query_bind_or_null(query, message->due_at);
    query_bind_or_null(query, message->expires_at);
    query_bind_or_null(query, message->ended_at);
    query_bind_or_null(query, message->into_id);
    query_bind(query, message->attempts);
    query_bind_text(query, message->fold);
    query_bind_or_null(query, message->fold_count);
    query_bind_or_null(query, message->fold_since);
    query_bind_text(query, message->wish);
    query_bind_text(query, message->remote_id);
    query_bind_or_null(query, message->sequence_id);
    query_bind_or_null(query, message->created_on);
    query_bind_or_null(query, message->verified);
    query_bind_text(query, message->reason);
    query_bind_text(query, message->late_mark);
    query_bind_bytes(query, message->content, message->content_bytes);
}

/* At whatever place: it may have been the first of its lane before. */
static bool enter_line(struct outbox_sqlite *self, const struct message *message, struct error *err)
{
    return !is_in_line(message) || sqlite_enter_line(self, message->lane, message->rank, err);
}

/* Most new ones go behind all others. */
static bool join_line(struct outbox_sqlite *self, const struct message *message, struct error *err)
{
    return message->rank == message->id || enter_line(self, message, err);
}

bool sqlite_insert(struct outbox *outbox, const struct message *message, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(
        self->db, &self->statements.insert,
        "INSERT INTO message(rank, state, in_line, content_bytes, due_at, expires_at, ended_at,"
        " into_id, attempts, fold, fold_count, fold_since, wish, remote_id, sequence_id,"
        " created_on, verified, reason, late_mark, content,"
        " id, lane, kind, uid, accepted_at, target_id, pid, type, stamp, user, once, once_hash,"
        " display_name, metadata)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " ?, ?, ?, ?, ?, ?, ?)");
    bind_what_changes(&query, message);
    query_bind(&query, message->id);
    query_bind(&query, message->lane);
    query_bind(&query, message->kind);
    query_bind(&query, message->uid);
    query_bind(&query, message->accepted_at);
    query_bind_or_null(&query, message->target_id);
    query_bind_or_null(&query, message->pid);
    query_bind(&query, message->type);
    query_bind_text(&query, message->stamp);
    query_bind_text(&query, message->user);
    query_bind_text(&query, message->once);
    query_bind_or_null(&query, message->once_hash);
    query_bind_text(&query, message->display_name);
    query_bind_text(&query, message->metadata);
    return query_change(&query, err) && join_line(self, message, err) &&
           (!message->doubted_at || set_doubt(self, message, err));
}

bool sqlite_store(struct outbox *outbox, const struct message *message, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(
        self->db, &self->statements.store,
        "UPDATE message SET rank = ?, state = ?, in_line = ?, content_bytes = ?, due_at = ?,"
        " expires_at = ?, ended_at = ?, into_id = ?, attempts = ?,"
        " fold = ?, fold_count = ?, fold_since = ?, wish = ?, remote_id = ?, sequence_id = ?,"
        " created_on = ?, verified = ?, reason = ?, late_mark = ?, content = ?"
        " WHERE id = ?");
    bind_what_changes(&query, message);
    query_bind(&query, message->id);
    return query_change(&query, err) && enter_line(self, message, err) &&
           store_doubt(self, message, err);
}

bool sqlite_forget_once(struct outbox *outbox, int64_t id, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.forget_once,
                                     "UPDATE message SET once = NULL WHERE id = ?");
    query_bind(&query, id);
    return query_change(&query, err);
}

/* ---- attempts -------------------------------------------------------------------------------- */

/* Few messages have one: a first attempt without it leaves the message's row alone. */
static bool store_late_mark(struct outbox_sqlite *self, const struct message *message,
                            struct error *err)
{
    if (!message->late_mark && message->attempts <= 1)
        return true;
    struct query query = query_start(self->db, &self->statements.store_late_mark,
                                     "UPDATE message SET late_mark = ? WHERE id = ?");
    query_bind_text(&query, message->late_mark);
    query_bind(&query, message->id);
    return query_change(&query, err);
}

bool sqlite_begin(struct outbox *outbox, const struct message *message,
                  const struct attempt *attempt, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.begin,
                    "INSERT INTO doubt(message, number, doubted_at, doubted_place, place,"
                    " began_at, known_id) VALUES(?, ?, ?, ?, ?, ?, ?)");
    query_bind(&query, message->id);
    query_bind(&query, attempt->number);
    query_bind(&query, message->doubted_at);
    query_bind(&query, message->doubted_place);
    query_bind(&query, attempt->place);
    query_bind(&query, attempt->began_at);
    query_bind_or_null(&query, attempt->known_id);
    return query_change(&query, err) && store_late_mark(self, message, err);
}

/* The attempt has ended, and whether the message is in the chat is not known. */
static bool end_in_doubt(struct outbox_sqlite *self, const struct message *message,
                         const struct attempt *attempt, struct error *err)
{
    struct query query =
        query_start(self->db, &self->statements.end_in_doubt,
                    "UPDATE doubt SET doubted_at = ?, doubted_place = ?, ended_at = ?,"
                    " outcome = ?, scope = ?, http = ?, wait_ms = ?, code = ?, cv = ?, detail = ?"
                    " WHERE message = ? AND number = ?");
    query_bind(&query, message->doubted_at);
    query_bind(&query, message->doubted_place);
    query_bind_or_null(&query, attempt->ended_at);
    query_bind(&query, attempt->outcome);
    query_bind(&query, attempt->scope);
    query_bind(&query, attempt->http);
    query_bind(&query, attempt->wait_ms);
    query_bind_text_or_null(&query, attempt->code);
    query_bind_text_or_null(&query, attempt->cv);
    query_bind_text_or_null(&query, attempt->detail);
    query_bind(&query, attempt->message);
    query_bind(&query, attempt->number);
    return query_change(&query, err);
}

static bool append_attempt(struct outbox_sqlite *self, const struct attempt *attempt,
                           struct error *err)
{
    struct query query = query_start(self->db, &self->statements.append_attempt,
                                     "INSERT INTO attempt(" ATTEMPT_COLUMNS
                                     ") VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_bind(&query, attempt->message);
    query_bind(&query, attempt->number);
    query_bind(&query, attempt->place);
    query_bind(&query, attempt->began_at);
    query_bind_or_null(&query, attempt->ended_at);
    query_bind_or_null(&query, attempt->known_id);
    query_bind(&query, attempt->outcome);
    query_bind(&query, attempt->scope);
    query_bind(&query, attempt->http);
    query_bind(&query, attempt->wait_ms);
    query_bind_text_or_null(&query, attempt->code);
    query_bind_text_or_null(&query, attempt->cv);
    query_bind_text_or_null(&query, attempt->detail);
    return query_change(&query, err);
}

/* An attempt that never began has no doubt to end: it is refused. */
static bool end_doubt(struct outbox_sqlite *self, const struct attempt *attempt, struct error *err)
{
    struct query query = query_start(self->db, &self->statements.end_doubt,
                                     "DELETE FROM doubt WHERE message = ? AND number = ?");
    query_bind(&query, attempt->message);
    query_bind(&query, attempt->number);
    return query_change(&query, err) && append_attempt(self, attempt, err);
}

/*
 * Sent: its index entry stays. Otherwise it is in line if it is pending. first_attempt: where that
 * is, if it was filed now; else 0.
 */
static bool end_message(struct outbox_sqlite *self, const struct message *message,
                        int64_t first_attempt, struct error *err)
{
    bool is_sent = message->state == MESSAGE_SENT;
    struct query query =
        is_sent ? query_start(self->db, &self->statements.end_sent,
                              "UPDATE message SET state = ?, ended_at = ?, wish = ?, attempts = ?,"
                              " first_attempt = ifnull(?, first_attempt), remote_id = ?,"
                              " reason = ? WHERE id = ?")
                : query_start(self->db, &self->statements.end,
                              "UPDATE message SET in_line = ?, state = ?, ended_at = ?, wish = ?,"
                              " attempts = ?, first_attempt = ifnull(?, first_attempt),"
                              " remote_id = ?, reason = ? WHERE id = ?");
    if (!is_sent)
        query_bind_or_null(&query, is_in_line(message));
    query_bind(&query, message->state);
    query_bind_or_null(&query, message->ended_at);
    query_bind_text(&query, message->wish);
    query_bind(&query, message->attempts);
    query_bind_or_null(&query, first_attempt);
    query_bind_text(&query, message->remote_id);
    query_bind_text(&query, message->reason);
    query_bind(&query, message->id);
    return query_change(&query, err) &&
           (is_sent ? sqlite_advance_line(self, message, err) : enter_line(self, message, err));
}

bool sqlite_end(struct outbox *outbox, const struct message *message, const struct attempt *attempt,
                struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    if (message->doubted_at)
        return end_in_doubt(self, message, attempt, err) && end_message(self, message, 0, err);
    return end_doubt(self, attempt, err) &&
           end_message(self, message, first_filed(self, attempt->number), err);
}

/* ---- everything else ------------------------------------------------------------------------ */

bool sqlite_set_counter(struct outbox *outbox, int64_t value, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.set_counter, "UPDATE counter SET last = ?");
    query_bind(&query, value);
    return query_change(&query, err);
}

/* Lanes are below 2^27, users below 2^32, states below 16: schema.c takes them apart again. */
static int64_t tally_id(const struct tally_row *row)
{
    return ((row->lane << 32 | row->uid) << 4) | (int64_t)row->state;
}

bool sqlite_set_tally(struct outbox *outbox, const struct tally_row *row, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.set_tally,
                                     "REPLACE INTO tally(id, messages, bytes) VALUES(?, ?, ?)");
    query_bind(&query, tally_id(row));
    query_bind(&query, row->messages);
    query_bind(&query, row->bytes);
    return query_change(&query, err);
}

bool sqlite_set_note(struct outbox *outbox, const char *name, const char *text, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.set_note,
                                     "INSERT INTO note(name, text) VALUES(?, ?)"
                                     " ON CONFLICT DO UPDATE SET text = excluded.text");
    query_bind_text(&query, name);
    query_bind_text(&query, text);
    return query_change(&query, err);
}

bool sqlite_set_scope(struct outbox *outbox, const struct scope_record *record, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.set_scope,
                    "INSERT OR REPLACE INTO scope(scope, name, failures, since_at, until_at, told,"
                    " paused_until, pace_percent, newest_id, http, code, detail)"
                    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_bind(&query, record->scope);
    query_bind_text(&query, record->name);
    query_bind(&query, record->failures);
    query_bind(&query, record->since_at);
    query_bind(&query, record->until_at);
    query_bind(&query, record->told);
    query_bind(&query, record->paused_until);
    query_bind(&query, record->pace_percent);
    query_bind(&query, record->newest_id);
    query_bind(&query, record->http);
    query_bind_text(&query, record->code);
    query_bind_text(&query, record->detail);
    return query_change(&query, err);
}

bool sqlite_add_thread(struct outbox *outbox, const char *name, int64_t *thread, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.add_thread, "INSERT INTO thread(name) VALUES(?)");
    query_bind_text(&query, name);
    if (!query_change(&query, err))
        return false;
    *thread = sqlite3_last_insert_rowid(self->db);
    return true;
}

bool sqlite_add_place(struct outbox *outbox, const char *endpoint, const char *remote_thread,
                      int64_t *place, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.add_place,
                                     "INSERT INTO place(endpoint, remote_thread) VALUES(?, ?)");
    query_bind_text(&query, endpoint);
    query_bind_text(&query, remote_thread);
    if (!query_change(&query, err))
        return false;
    *place = sqlite3_last_insert_rowid(self->db);
    return true;
}
