/*
 * outbox_sqlite_fold.c - several in one: one statement for all of their rows
 */
#include "queue/outbox_sqlite.h"
#include "queue/query.h"

#include <inttypes.h>

static bool change_all(struct outbox_sqlite *self, struct query *query, size_t count,
                       struct error *err)
{
    if (!query_run(query, err))
        return false;
    int changed = sqlite3_changes(self->db);
    return (size_t)changed == count ||
           error_set(err, "%s: a change met %d rows instead of %zu",
                     sqlite3_db_filename(self->db, "main"), changed, count);
}

bool sqlite_fold(struct outbox *outbox, const struct message *whole, int64_t first, int64_t last,
                 size_t count, msec_t now_at, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.fold,
                    "UPDATE message SET state = 4, in_line = NULL, into_id = ?, ended_at = ?"
                    " WHERE lane = ? AND rank BETWEEN ? AND ? AND in_line IS NOT NULL"
                    " AND state = 1");
    query_bind(&query, whole->id);
    query_bind(&query, now_at);
    query_bind(&query, whole->lane);
    query_bind(&query, first);
    query_bind(&query, last);
    return change_all(self, &query, count, err);
}

bool sqlite_parts(struct outbox *outbox, int64_t whole, struct original *originals, size_t most,
                  size_t *count, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.parts,
                    "SELECT id, lane, rank, uid, content_bytes, expires_at FROM message"
                    " WHERE into_id = ? AND state = 4 ORDER BY rank LIMIT ?");
    query_bind(&query, whole);
    query_bind(&query, (int64_t)most);
    while (*count < most && query_next(&query)) {
        struct original *original = &originals[(*count)++];
        original->id = query_number(&query);
        original->lane = query_number(&query);
        original->rank = query_number(&query);
        original->uid = query_number(&query);
        original->content_bytes = (size_t)query_number(&query);
        original->expires_at = query_number(&query);
    }
    return query_end(&query, err);
}

bool sqlite_unfold(struct outbox *outbox, const struct message *whole, size_t count,
                   struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    if (!sqlite_reenter_line(self, whole->lane, whole->id, err))
        return false;
    struct query query =
        query_start(self->db, &self->statements.unfold,
                    "UPDATE message SET state = 1, in_line = 1, into_id = NULL, ended_at = NULL,"
                    " lane = ? WHERE into_id = ? AND state = 4");
    query_bind(&query, whole->lane);
    query_bind(&query, whole->id);
    return change_all(self, &query, count, err);
}
