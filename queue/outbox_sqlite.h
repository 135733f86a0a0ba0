/*
 * outbox_sqlite.h - the SQLite engine's own: not for anybody else
 *
 *     outbox_sqlite.c         opening, the turn, tending
 *     outbox_sqlite_change.c  what writes rows
 *     outbox_sqlite_line.c    where each lane begins
 *     outbox_sqlite_find.c    what finds messages
 *     outbox_sqlite_read.c    what reads everything else
 *     outbox_sqlite_age.c     what is old, and what must move
 *     outbox_sqlite_backup.c  a copy of it all
 *     outbox_sqlite_fold.c    several in one
 *
 * Its functions are those of struct outbox_engine, by their names there.
 */
#ifndef CHATRELAY_QUEUE_OUTBOX_SQLITE_H
#define CHATRELAY_QUEUE_OUTBOX_SQLITE_H

#include "queue/outbox_engine.h"

#include <sqlite3.h>

struct outbox_sqlite {
    struct outbox outbox;
    sqlite3 *db;
    sqlite3 *copy; /* while a backup is made; else NULL, as the next */
    sqlite3_backup *backup;
    int log_pages;      /* in the write-ahead log and not yet in the database */
    int64_t gaps_until; /* as in schema.c's counter */

    /* Each belongs to the one function of its name; see query.h. */
    struct {
        sqlite3_stmt *begin_turn, *commit_turn, *mark;
        sqlite3_stmt *insert, *store, *forget_once, *begin, *end, *end_sent, *end_in_doubt,
            *end_doubt, *append_attempt;
        sqlite3_stmt *set_doubt, *drop_doubt, *file_attempt, *set_first_attempt, *store_late_mark;
        sqlite3_stmt *set_counter, *set_tally, *set_note, *set_scope, *add_thread, *add_place;
        sqlite3_stmt *load, *find_once, *find_fold, *originals, *doubted, *waiting, *ahead, *lanes,
            *due, *expired, *list;
        sqlite3_stmt *attempts, *open_attempt, *recent, *open_attempts, *log, *scopes, *tallies,
            *counter, *note;
        sqlite3_stmt *thread, *thread_name, *place, *place_name;
        sqlite3_stmt *wipe, *remove, *remove_attempts, *remove_doubt, *count_purged, *set_lane,
            *rename_thread, *outlines;
        sqlite3_stmt *fold, *parts, *unfold;
        sqlite3_stmt *enter_line, *follow_line, *reenter_line, *expect_gaps, *gap_behind,
            *advance_line, *stale, *clear_line;
        sqlite3_stmt *free_pages;
    } statements;
};

static inline struct outbox_sqlite *outbox_sqlite_of(struct outbox *outbox)
{
    return (struct outbox_sqlite *)outbox;
}

/* outbox_sqlite.c: fold the log into the database if it is longer than that. */
bool sqlite_fold_log(struct outbox_sqlite *self, int beyond_bytes, struct error *err);

/* outbox_sqlite_line.c */

/* A pending message has, or is about to have, this rank, which may not be its lane's last. */
bool sqlite_enter_line(struct outbox_sqlite *self, lane_id lane, int64_t rank, struct error *err);

/* The same for message `id`, which has come from another lane, if it is pending. */
bool sqlite_follow_line(struct outbox_sqlite *self, int64_t id, struct error *err);

/* The same for message `id` and for all that went into it, which are about to be pending. */
bool sqlite_reenter_line(struct outbox_sqlite *self, lane_id lane, int64_t id, struct error *err);

/*
 * This message of a lane was sent: note where the lane begins now, if it is worth it. It is now and
 * then, and when those behind the message were sent before it.
 */
bool sqlite_advance_line(struct outbox_sqlite *self, const struct message *message,
                         struct error *err);

bool sqlite_stale(struct outbox *outbox, lane_id after, lane_id *lane, size_t most, size_t *count,
                  struct error *err);
bool sqlite_clear_line(struct outbox *outbox, lane_id lane, size_t most, struct error *err);

/* SQL: from which rank on a lane's pending messages are to be looked for. */
#define SQLITE_LINE_START(lane) "ifnull((SELECT first_rank FROM lane WHERE id = " lane "), 0)"

/* SQL: of `attempt`, and of `doubt`; they are bound and read in this order. */
#define ATTEMPT_COLUMNS                                                                          \
    "message, number, place, began_at, ended_at, known_id, outcome, scope, http, wait_ms, code," \
    " cv, detail"

/* outbox_sqlite_change.c */
bool sqlite_insert(struct outbox *outbox, const struct message *message, struct error *err);
bool sqlite_begin(struct outbox *outbox, const struct message *message,
                  const struct attempt *attempt, struct error *err);
bool sqlite_end(struct outbox *outbox, const struct message *message, const struct attempt *attempt,
                struct error *err);
bool sqlite_store(struct outbox *outbox, const struct message *message, struct error *err);
bool sqlite_forget_once(struct outbox *outbox, int64_t id, struct error *err);
bool sqlite_set_counter(struct outbox *outbox, int64_t value, struct error *err);
bool sqlite_set_tally(struct outbox *outbox, const struct tally_row *row, struct error *err);
bool sqlite_set_note(struct outbox *outbox, const char *name, const char *text, struct error *err);
bool sqlite_set_scope(struct outbox *outbox, const struct scope_record *record, struct error *err);
bool sqlite_add_thread(struct outbox *outbox, const char *name, int64_t *thread, struct error *err);
bool sqlite_add_place(struct outbox *outbox, const char *endpoint, const char *remote_thread,
                      int64_t *place, struct error *err);

/* outbox_sqlite_find.c */
bool sqlite_load(struct outbox *outbox, int64_t id, struct message *message, bool *found,
                 struct error *err);
bool sqlite_find_once(struct outbox *outbox, int64_t uid, const char *once, struct message *message,
                      bool *found, struct error *err);
bool sqlite_find_fold(struct outbox *outbox, lane_id lane, int64_t uid, const char *fold,
                      struct message *message, bool *found, struct error *err);
bool sqlite_originals(struct outbox *outbox, int64_t into_id, int64_t after, int64_t *ids,
                      size_t most, size_t *count, struct error *err);
bool sqlite_doubted(struct outbox *outbox, lane_id lane, int64_t after_rank,
                    struct doubted *doubted, size_t most, size_t *count, struct error *err);
bool sqlite_waiting(struct outbox *outbox, lane_id lane, int64_t after_rank, size_t most,
                    bool (*row)(void *context, struct message *message), void *context,
                    struct error *err);
bool sqlite_ahead(struct outbox *outbox, lane_id lane, int64_t rank, size_t most, size_t *count,
                  struct error *err);
bool sqlite_lanes(struct outbox *outbox, lane_id after, lane_id *lanes, size_t most, size_t *count,
                  struct error *err);
bool sqlite_due(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most, size_t *count,
                msec_t *next_at, struct error *err);
bool sqlite_expired(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most, size_t *count,
                    msec_t *next_at, struct error *err);
bool sqlite_list(struct outbox *outbox, const struct outbox_filter *filter, int64_t after,
                 size_t most, bool (*row)(void *context, const struct message *message),
                 void *context, int64_t *next, struct error *err);

/* outbox_sqlite_read.c */
bool sqlite_attempts(struct outbox *outbox, int64_t message,
                     void (*row)(void *context, const struct attempt *attempt), void *context,
                     struct error *err);
bool sqlite_recent(struct outbox *outbox, msec_t since_at,
                   void (*row)(void *context, const struct attempt *attempt), void *context,
                   struct error *err);
bool sqlite_log(struct outbox *outbox, int64_t after, size_t most,
                void (*row)(void *context, const struct attempt *attempt), void *context,
                int64_t *next, struct error *err);
bool sqlite_scopes(struct outbox *outbox,
                   void (*row)(void *context, const struct scope_record *record), void *context,
                   struct error *err);
bool sqlite_tallies(struct outbox *outbox, void (*row)(void *context, const struct tally_row *row),
                    void *context, struct error *err);
bool sqlite_counter(struct outbox *outbox, int64_t *value, struct error *err);
bool sqlite_note(struct outbox *outbox, const char *name, char **text, struct error *err);
bool sqlite_thread(struct outbox *outbox, const char *name, int64_t *thread, bool *found,
                   struct error *err);
bool sqlite_thread_name(struct outbox *outbox, int64_t thread, char **name, bool *found,
                        struct error *err);
bool sqlite_place(struct outbox *outbox, const char *endpoint, const char *remote_thread,
                  int64_t *place, bool *found, struct error *err);
bool sqlite_place_name(struct outbox *outbox, int64_t place, char **endpoint, char **remote_thread,
                       bool *found, struct error *err);

/* outbox_sqlite_backup.c */
bool sqlite_backup_begin(struct outbox *outbox, const char *path, struct error *err);
bool sqlite_backup_step(struct outbox *outbox, int pages, bool *more, struct error *err);
void sqlite_backup_end(struct outbox *outbox);

/* outbox_sqlite_age.c */
bool sqlite_wipe(struct outbox *outbox, int64_t id, struct error *err);
bool sqlite_remove(struct outbox *outbox, const struct outline *outline, struct error *err);
bool sqlite_set_lane(struct outbox *outbox, int64_t id, lane_id lane, struct error *err);
bool sqlite_rename_thread(struct outbox *outbox, int64_t thread, const char *name,
                          struct error *err);
bool sqlite_outlines(struct outbox *outbox, int64_t after, struct outline *outlines, size_t most,
                     size_t *count, struct error *err);
bool sqlite_shrink(struct outbox *outbox, bool *more, struct error *err);

/* outbox_sqlite_fold.c */
bool sqlite_fold(struct outbox *outbox, const struct message *whole, int64_t first, int64_t last,
                 size_t count, msec_t now_at, struct error *err);
bool sqlite_parts(struct outbox *outbox, int64_t whole, struct original *originals, size_t most,
                  size_t *count, struct error *err);
bool sqlite_unfold(struct outbox *outbox, const struct message *whole, size_t count,
                   struct error *err);

#endif
