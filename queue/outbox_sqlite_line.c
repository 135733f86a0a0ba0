/*
 * outbox_sqlite_line.c - where each lane begins
 *
 *     sent  sent  sent | sent  sent  pending  pending  pending
 *                      first_rank
 *
 * Messages that were sent stay in their lane's index, see schema.c. A row of
 * `lane` spares readers most of them; it may lag behind, but must never be ahead.
 */
#include "queue/outbox_sqlite.h"
#include "queue/query.h"

bool sqlite_enter_line(struct outbox_sqlite *self, lane_id lane, int64_t rank, struct error *err)
{
    struct query query =
        query_start(self->db, &self->statements.enter_line,
                    "UPDATE lane SET first_rank = ?2 WHERE id = ?1 AND first_rank > ?2");
    query_bind(&query, lane);
    query_bind(&query, rank);
    return query_run(&query, err);
}

bool sqlite_reenter_line(struct outbox_sqlite *self, lane_id lane, int64_t id, struct error *err)
{
    struct query query = query_start(
        self->db, &self->statements.reenter_line,
        "UPDATE lane SET first_rank = min(first_rank, (SELECT rank FROM message WHERE id = ?2),"
        " ifnull((SELECT min(rank) FROM message WHERE into_id = ?2 AND into_id IS NOT NULL),"
        " first_rank)) WHERE id = ?1");
    query_bind(&query, lane);
    query_bind(&query, id);
    return query_run(&query, err);
}

/*
 * One in eight, of any sequence of ids that has gaps of one size: multiples of the
 * golden ratio lie evenly.
 */
static bool is_time(int64_t id)
{
    enum { ONE_IN = 8 };
    const uint32_t golden = 2654435769U;
    return (uint32_t)id * golden < UINT32_MAX / ONE_IN;
}

bool sqlite_advance_line(struct outbox_sqlite *self, const struct message *message,
                         struct error *err)
{
    if (!is_time(message->id))
        return true;
    struct query query = query_start(
        self->db, &self->statements.advance_line,
        "REPLACE INTO lane(id, first_rank) VALUES(?1, ifnull("
        "(SELECT rank FROM message WHERE lane = ?1 AND in_line IS NOT NULL"
        " AND state = 1 AND rank >= " SQLITE_LINE_START("?1") " ORDER BY rank LIMIT 1), ?2))");
    query_bind(&query, message->lane);
    query_bind(&query, message->rank);
    return query_change(&query, err);
}
