/*
 * outbox_sqlite_find.c - what finds messages
 *
 * Each query repeats the WHERE of the partial index that it is meant to use,
 * word by word: that is how SQLite knows that it may.
 */
#include "queue/outbox_sqlite.h"
#include "queue/query.h"

/* In the order of read_message(), and from where. */
#define MESSAGE_COLUMNS                                                                           \
    "id, lane, rank, state, kind, uid, accepted_at, content_bytes, due_at, expires_at,"           \
    " message.ended_at, doubted_at, doubted_place, into_id, target_id, ifnull(number, attempts)," \
    " pid, type, stamp, user, once, once_hash, fold, fold_count, fold_since, display_name,"       \
    " metadata, wish, remote_id, sequence_id, created_on, verified, reason, late_mark, content"

#define MESSAGES " FROM message LEFT JOIN doubt ON doubt.message = message.id"

static void read_message(struct query *query, struct message *message)
{
    message->id = query_number(query);
    message->lane = query_number(query);
    message->rank = query_number(query);
    message->state = (enum message_state)query_number(query);
    message->kind = (enum message_kind)query_number(query);
    message->uid = query_number(query);
    message->accepted_at = query_number(query);
    message->content_bytes = (size_t)query_number(query);
    message->booked_bytes = message->content_bytes;
    message->due_at = query_number(query);
    message->expires_at = query_number(query);
    message->ended_at = query_number(query);
    message->doubted_at = query_number(query);
    message->doubted_place = query_number(query);
    message->into_id = query_number(query);
    message->target_id = query_number(query);
    message->attempts = query_number(query);
    message->pid = query_number(query);
    message->type = (enum message_type)query_number(query);
    query_text_into(query, message->stamp, sizeof message->stamp);
    message->user = query_text(query);
    message->once = query_text(query);
    message->once_hash = query_number(query);
    message->fold = query_text(query);
    message->fold_count = query_number(query);
    message->fold_since = query_number(query);
    message->display_name = query_text(query);
    message->metadata = query_text(query);
    message->wish = query_text(query);
    message->remote_id = query_text(query);
    message->sequence_id = query_number(query);
    message->created_on = query_number(query);
    message->verified = query_number(query);
    message->reason = query_text(query);
    message->late_mark = query_text(query);
    message->content = query_text(query);
}

/* The query's one row, if there is one. */
static bool take_message(struct query *query, struct message *message, bool *found,
                         struct error *err)
{
    *found = query_next(query);
    if (*found)
        read_message(query, message);
    return query_end(query, err);
}

bool sqlite_load(struct outbox *outbox, int64_t id, struct message *message, bool *found,
                 struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.load,
                                     "SELECT " MESSAGE_COLUMNS MESSAGES " WHERE id = ?");
    query_bind(&query, id);
    return take_message(&query, message, found, err);
}

bool sqlite_find_once(struct outbox *outbox, int64_t uid, const char *once, struct message *message,
                      bool *found, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.find_once,
                    "SELECT " MESSAGE_COLUMNS MESSAGES " WHERE uid = ? AND once = ?");
    query_bind(&query, uid);
    query_bind_text(&query, once);
    return take_message(&query, message, found, err);
}

bool sqlite_find_fold(struct outbox *outbox, lane_id lane, int64_t uid, const char *fold,
                      struct message *message, bool *found, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.find_fold,
                    "SELECT " MESSAGE_COLUMNS MESSAGES
                    " WHERE lane = ? AND uid = ? AND fold = ? AND state = 1 AND doubted_at IS NULL"
                    " ORDER BY rank DESC LIMIT 1");
    query_bind(&query, lane);
    query_bind(&query, uid);
    query_bind_text(&query, fold);
    return take_message(&query, message, found, err);
}

/* ---- lanes ---------------------------------------------------------------------------------- */

/* The pending messages of lane ?1, as its index has them. */
#define IN_LINE "lane = ?1 AND in_line IS NOT NULL AND state = 1"
#define START SQLITE_LINE_START("?1")

bool sqlite_doubted(struct outbox *outbox, lane_id lane, int64_t after_rank,
                    struct doubted *doubted, size_t most, size_t *count, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(
        self->db, &self->statements.doubted,
        "SELECT id, doubted_at, rank, doubted_place, ifnull(number, attempts), stamp" MESSAGES
        " WHERE " IN_LINE " AND rank >= max(?2 + 1, " START ") ORDER BY rank LIMIT ?3");
    query_bind(&query, lane);
    query_bind(&query, after_rank);
    query_bind(&query, (int64_t)most);
    while (*count < most && query_next(&query)) {
        struct doubted *row = &doubted[*count];
        row->id = query_number(&query);
        row->doubted_at = query_number(&query);
        if (row->doubted_at == 0)
            break;
        row->rank = query_number(&query);
        row->place = query_number(&query);
        row->attempts = query_number(&query);
        query_text_into(&query, row->stamp, sizeof row->stamp);
        ++*count;
    }
    return query_end(&query, err);
}

bool sqlite_waiting(struct outbox *outbox, lane_id lane, int64_t after_rank, size_t most,
                    bool (*row)(void *context, struct message *message), void *context,
                    struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.waiting,
                                     "SELECT " MESSAGE_COLUMNS MESSAGES " WHERE " IN_LINE
                                     " AND rank >= max(?2 + 1, " START ") ORDER BY rank LIMIT ?3");
    query_bind(&query, lane);
    query_bind(&query, after_rank);
    query_bind(&query, (int64_t)most);
    bool more = true;
    while (more && query_next(&query)) {
        struct message message CLEANUP(message_clear) = { 0 };
        read_message(&query, &message);
        more = row(context, &message);
    }
    return query_end(&query, err);
}

static bool take_numbers(struct query *query, int64_t *numbers, size_t most, size_t *count,
                         struct error *err)
{
    while (*count < most && query_next(query))
        numbers[(*count)++] = query_number(query);
    return query_end(query, err);
}

/* Of the index alone, as the next one. */
bool sqlite_originals(struct outbox *outbox, int64_t into_id, int64_t after, int64_t *ids,
                      size_t most, size_t *count, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.originals,
                                     "SELECT id FROM message WHERE into_id = ? AND id > ?"
                                     " AND into_id IS NOT NULL ORDER BY id LIMIT ?");
    query_bind(&query, into_id);
    query_bind(&query, after);
    query_bind(&query, (int64_t)most);
    return take_numbers(&query, ids, most, count, err);
}

bool sqlite_ahead(struct outbox *outbox, lane_id lane, int64_t rank, size_t most, size_t *count,
                  struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.ahead,
                    "SELECT count(*) FROM (SELECT 1 FROM message"
                    " WHERE " IN_LINE " AND rank >= " START " AND rank < ?2 LIMIT ?3)");
    query_bind(&query, lane);
    query_bind(&query, rank);
    query_bind(&query, (int64_t)most);
    if (query_next(&query))
        *count = (size_t)query_number(&query);
    return query_end(&query, err);
}

/* One seek into the index per lane, and one more for its first message, however many it holds. */
bool sqlite_lanes(struct outbox *outbox, lane_id after, lane_id *lanes, size_t most, size_t *count,
                  struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.lanes,
                    "WITH RECURSIVE busy(lane) AS ("
                    " SELECT min(lane) FROM message WHERE in_line IS NOT NULL AND lane > ?"
                    " UNION ALL"
                    " SELECT (SELECT min(lane) FROM message"
                    "  WHERE in_line IS NOT NULL AND lane > busy.lane)"
                    " FROM busy WHERE busy.lane IS NOT NULL)"
                    "SELECT lane FROM busy WHERE EXISTS (SELECT 1 FROM message"
                    " WHERE lane = busy.lane AND in_line IS NOT NULL AND state = 1"
                    " AND rank >= " SQLITE_LINE_START("busy.lane") ") LIMIT ?");
    query_bind(&query, after);
    query_bind(&query, (int64_t)most);
    return take_numbers(&query, lanes, most, count, err);
}

/* ---- what has come due ---------------------------------------------------------------------- */

/* Rows of (id, when): ids while they are due, then `next_at` from the first that is not taken. */
static bool take_due(struct query *query, msec_t now_at, int64_t *ids, size_t most, size_t *count,
                     msec_t *next_at, struct error *err)
{
    while (query_next(query)) {
        int64_t id = query_number(query);
        msec_t at = query_number(query);
        if (at > now_at || *count == most) {
            *next_at = at;
            break;
        }
        ids[(*count)++] = id;
    }
    return query_end(query, err);
}

bool sqlite_due(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most, size_t *count,
                msec_t *next_at, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.due,
                    "SELECT id, due_at FROM message WHERE state = 0 ORDER BY due_at, id");
    return take_due(&query, now_at, ids, most, count, next_at, err);
}

bool sqlite_expired(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most, size_t *count,
                    msec_t *next_at, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.expired,
                    "SELECT id, expires_at" MESSAGES
                    " WHERE expires_at IS NOT NULL AND state <= 2 AND doubted_at IS NULL"
                    " ORDER BY expires_at, id");
    return take_due(&query, now_at, ids, most, count, next_at, err);
}

/* ---- lists ---------------------------------------------------------------------------------- */

/* The little of a row that a filter asks for; the rest is read of those that pass. */
static void read_outline(struct query *query, struct message *outline)
{
    outline->id = query_number(query);
    outline->lane = query_number(query);
    outline->uid = query_number(query);
    outline->state = (enum message_state)query_number(query);
    outline->accepted_at = query_number(query);
    outline->wish = query_text(query);
}

/* Sets `*wanted` to what `row` says of the next one. */
static bool give(struct outbox *outbox, int64_t id,
                 bool (*row)(void *context, const struct message *message), void *context,
                 bool *wanted, struct error *err)
{
    struct message message CLEANUP(message_clear) = { 0 };
    bool found = false;
    if (!sqlite_load(outbox, id, &message, &found, err))
        return false;
    *wanted = row(context, &message);
    return true;
}

bool sqlite_list(struct outbox *outbox, const struct outbox_filter *filter, int64_t after,
                 size_t most, bool (*row)(void *context, const struct message *message),
                 void *context, int64_t *next, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.list,
                                     "SELECT id, lane, uid, state, accepted_at, wish FROM message"
                                     " WHERE id > ? ORDER BY id LIMIT ?");
    query_bind(&query, after);
    query_bind(&query, OUTBOX_LIST_READS);

    int64_t last = 0;
    size_t reads = 0, given = 0;
    bool done = true, more = false, wanted = true;
    while (done && !more && query_next(&query)) {
        struct message outline CLEANUP(message_clear) = { 0 };
        read_outline(&query, &outline);
        bool passes = outbox_filter_passes(filter, &outline);
        bool is_full = given == most || !wanted;
        more = (passes && is_full) || ++reads == OUTBOX_LIST_READS;
        if (passes && is_full)
            break;
        last = outline.id;
        if (passes)
            done = give(outbox, outline.id, row, context, &wanted, err);
        given += passes;
    }
    *next = more ? last : 0;
    return query_end(&query, done ? err : NULL) && done;
}
