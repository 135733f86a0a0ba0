/*
 * outbox_sqlite_age.c - what is old, and what must move
 */
#include "queue/database.h"
#include "queue/outbox_sqlite.h"
#include "queue/query.h"

bool sqlite_wipe(struct outbox *outbox, int64_t id, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query =
        query_start(self->db, &self->statements.wipe,
                    "UPDATE message SET content = NULL, metadata = NULL, in_line = NULL"
                    " WHERE id = ?");
    query_bind(&query, id);
    return query_change(&query, err);
}

static bool remove_attempts(struct outbox_sqlite *self, int64_t id, struct error *err)
{
    struct query query = query_start(
        self->db, &self->statements.remove_attempts,
        "DELETE FROM attempt WHERE id = (SELECT first_attempt FROM message WHERE id = ?1)"
        " OR (message = ?1 AND number > 1)");
    query_bind(&query, id);
    return query_run(&query, err);
}

/* One that ended unknown has kept it. */
static bool remove_doubt(struct outbox_sqlite *self, int64_t id, struct error *err)
{
    struct query query = query_start(self->db, &self->statements.remove_doubt,
                                     "DELETE FROM doubt WHERE message = ?");
    query_bind(&query, id);
    return query_run(&query, err);
}

static bool count_purged(struct outbox_sqlite *self, const struct outline *outline,
                         struct error *err)
{
    struct query query =
        query_start(self->db, &self->statements.count_purged,
                    "INSERT INTO purged(lane, uid, state, messages, bytes) VALUES(?, ?, ?, 1, ?)"
                    " ON CONFLICT DO UPDATE SET messages = messages + 1,"
                    " bytes = bytes + excluded.bytes");
    query_bind(&query, outline->lane);
    query_bind(&query, outline->uid);
    query_bind(&query, outline->state);
    query_bind(&query, (int64_t)outline->content_bytes);
    return query_change(&query, err);
}

static bool remove_message(struct outbox_sqlite *self, int64_t id, struct error *err)
{
    struct query query =
        query_start(self->db, &self->statements.remove, "DELETE FROM message WHERE id = ?");
    query_bind(&query, id);
    return query_change(&query, err);
}

/* Its row says where its attempts are. */
bool sqlite_remove(struct outbox *outbox, const struct outline *outline, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    return remove_attempts(self, outline->id, err) && remove_message(self, outline->id, err) &&
           remove_doubt(self, outline->id, err) && count_purged(self, outline, err);
}

bool sqlite_set_lane(struct outbox *outbox, int64_t id, lane_id lane, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.set_lane,
                                     "UPDATE message SET lane = ? WHERE id = ?");
    query_bind(&query, lane);
    query_bind(&query, id);
    return query_change(&query, err) && sqlite_follow_line(self, id, err);
}

bool sqlite_rename_thread(struct outbox *outbox, int64_t thread, const char *name,
                          struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(self->db, &self->statements.rename_thread,
                                     "UPDATE thread SET name = ? WHERE id = ?");
    query_bind_text(&query, name);
    query_bind(&query, thread);
    return query_change(&query, err);
}

static void read_outline(struct query *query, struct outline *outline)
{
    outline->id = query_number(query);
    outline->lane = query_number(query);
    outline->uid = query_number(query);
    outline->state = (enum message_state)query_number(query);
    outline->content_bytes = (size_t)query_number(query);
    outline->accepted_at = query_number(query);
    outline->due_at = query_number(query);
    outline->settled_at = query_number(query);
    outline->has_content = query_number(query) != 0;
    outline->has_once = query_number(query) != 0;
}

/* typeof() tells from a row's header: a content that goes on in other pages is not read. */
bool sqlite_outlines(struct outbox *outbox, int64_t after, struct outline *outlines, size_t most,
                     size_t *count, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(
        self->db, &self->statements.outlines,
        "SELECT one.id, one.lane, one.uid, one.state, one.content_bytes, one.accepted_at,"
        " one.due_at, iif(one.state <= 2 OR whole.state <= 2, 0,"
        " max(one.ended_at, ifnull(whole.ended_at, 0))),"
        " typeof(one.content) <> 'null' OR typeof(one.metadata) <> 'null', one.once IS NOT NULL"
        " FROM message AS one LEFT JOIN message AS whole ON whole.id = one.into_id"
        " WHERE one.id > ? ORDER BY one.id LIMIT ?");
    query_bind(&query, after);
    query_bind(&query, (int64_t)most);
    while (*count < most && query_next(&query))
        read_outline(&query, &outlines[(*count)++]);
    return query_end(&query, err);
}

/* Pages that are kept free, so that the file does not shrink and grow all the time; and a step. */
enum { SHRINK_RESERVE = 256, SHRINK_PAGES = 256 };

static bool read_free_pages(struct outbox_sqlite *self, int64_t *pages, struct error *err)
{
    struct query query =
        query_start(self->db, &self->statements.free_pages, "PRAGMA freelist_count");
    if (query_next(&query))
        *pages = query_number(&query);
    return query_end(&query, err);
}

/* The file is cut when the log that says so is folded in: with the last step, whatever its size. */
bool sqlite_shrink(struct outbox *outbox, bool *more, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    int64_t pages = 0;
    if (!read_free_pages(self, &pages, err))
        return false;
    if (pages <= SHRINK_RESERVE)
        return true;

    pages -= SHRINK_RESERVE;
    *more = pages > SHRINK_PAGES;
    char sql[64];
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA incremental_vacuum(%d)",
                     *more ? SHRINK_PAGES : (int)pages);
    return query_once(self->db, sql, err) && (*more || sqlite_fold_log(self, 0, err));
}
