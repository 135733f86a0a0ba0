/*
 * outbox_sqlite_line.c - where each lane begins
 *
 *     sent  sent  sent | sent  sent  pending  pending  pending
 *                      first_rank
 *
 * Messages that were sent stay in their lane's index, see schema.c. A row of
 * `lane` spares readers most of them; it may lag behind, but must never be ahead.
 * When it falls back, readers meet them again: so those before it are taken out
 * in an idle hour, many at once, when a page holds many of them.
 */
#include "queue/outbox_sqlite.h"
#include "queue/query.h"

/*
 * Run what may draw a lane back, to a message in front of others that were sent. It happens
 * seldom, so it is not noted of whom: of the messages that are there by now each may have such a
 * gap behind it, and none that comes later.
 */
static bool draw_back(struct outbox_sqlite *self, struct query *change, struct error *err)
{
    if (!query_run(change, err))
        return false;
    if (sqlite3_changes(self->db) == 0)
        return true;
    self->gaps_until = self->outbox.counter;
    struct query query =
        query_start(self->db, &self->statements.expect_gaps, "UPDATE counter SET gaps_until = ?");
    query_bind(&query, self->gaps_until);
    return query_change(&query, err);
}

bool sqlite_enter_line(struct outbox_sqlite *self, lane_id lane, int64_t rank, struct error *err)
{
    struct query query =
        query_start(self->db, &self->statements.enter_line,
                    "UPDATE lane SET first_rank = ?2 WHERE id = ?1 AND first_rank > ?2");
    query_bind(&query, lane);
    query_bind(&query, rank);
    return draw_back(self, &query, err);
}

bool sqlite_follow_line(struct outbox_sqlite *self, int64_t id, struct error *err)
{
    struct query query = query_start(
        self->db, &self->statements.follow_line,
        "UPDATE lane SET first_rank = message.rank FROM message WHERE message.id = ?"
        " AND message.state = 1 AND lane.id = message.lane AND message.rank < lane.first_rank");
    query_bind(&query, id);
    return draw_back(self, &query, err);
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
    return draw_back(self, &query, err);
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

/* Whether the next in line has ended: the message was back at its place before others. */
static bool find_gap(struct outbox_sqlite *self, const struct message *message, bool *found,
                     struct error *err)
{
    struct query query = query_start(self->db, &self->statements.gap_behind,
                                     "SELECT state <> 1 FROM message WHERE lane = ?"
                                     " AND in_line IS NOT NULL AND rank > ? ORDER BY rank LIMIT 1");
    query_bind(&query, message->lane);
    query_bind(&query, message->rank);
    *found = query_next(&query) && query_number(&query) != 0;
    return query_end(&query, err);
}

/* Every reader would go through a gap, and it may be long. */
bool sqlite_advance_line(struct outbox_sqlite *self, const struct message *message,
                         struct error *err)
{
    bool is_wanted = is_time(message->id);
    if (!is_wanted && message->rank <= self->gaps_until &&
        !find_gap(self, message, &is_wanted, err))
        return false;
    if (!is_wanted)
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

/* Of the index alone: in_line is what its WHERE says. */
bool sqlite_stale(struct outbox *outbox, lane_id after, lane_id *lane, size_t most, size_t *count,
                  struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(
        self->db, &self->statements.stale,
        "SELECT id, (SELECT count(*) FROM (SELECT 1 FROM message WHERE message.lane = lane.id"
        " AND in_line IS NOT NULL AND rank < first_rank LIMIT ?2))"
        " FROM lane WHERE id > ?1 ORDER BY id LIMIT 1");
    query_bind(&query, after);
    query_bind(&query, (int64_t)most);
    if (query_next(&query)) {
        *lane = query_number(&query);
        *count = (size_t)query_number(&query);
    }
    return query_end(&query, err);
}

bool sqlite_clear_line(struct outbox *outbox, lane_id lane, size_t most, struct error *err)
{
    struct outbox_sqlite *self = outbox_sqlite_of(outbox);
    struct query query = query_start(
        self->db, &self->statements.clear_line,
        "UPDATE message SET in_line = NULL WHERE id IN (SELECT id FROM message WHERE lane = ?1"
        " AND in_line IS NOT NULL AND rank < " SQLITE_LINE_START("?1") " ORDER BY rank LIMIT ?2)");
    query_bind(&query, lane);
    query_bind(&query, (int64_t)most);
    return query_run(&query, err);
}
