/*
 * outbox_memory_disk.h - the engine in memory's own: not for anybody else
 *
 *     outbox_memory.c         the disk, how it breaks, opening, the turn
 *     outbox_memory_change.c  what changes rows
 *     outbox_memory_find.c    what finds messages
 *     outbox_memory_read.c    what reads everything else
 *     outbox_memory_age.c     what is old, and what must move
 *     outbox_memory_fold.c    several in one
 */
#ifndef CHATRELAY_TESTS_FAKES_OUTBOX_MEMORY_DISK_H
#define CHATRELAY_TESTS_FAKES_OUTBOX_MEMORY_DISK_H

#include "queue/outbox_engine.h"
#include "tests/fakes/outbox_memory.h"
#include "tests/fakes/row_table.h"

#include <string.h>

struct note {
    char *name;
    char *text;
};

/* A row of threads (second is NULL) or places; its number is its index plus 1. */
struct pair {
    char *first;
    char *second;
};

struct outbox_disk {
    struct row_table messages; /* by id, rising */
    struct row_table attempts;
    struct row_table tallies;
    struct row_table notes;
    struct row_table scopes;
    struct row_table threads;
    struct row_table places;
    struct row_journal journal; /* of the turn */
    int64_t counter;
    int64_t committed_counter;
    size_t first_live; /* all messages before are in a final state: scans begin here */
    enum outbox_breakage breakage;
    bool keep_on_close;
};

struct outbox_memory {
    struct outbox outbox;
    struct outbox_disk *disk;
};

static inline struct outbox_disk *outbox_disk_of(struct outbox *outbox)
{
    return ((struct outbox_memory *)outbox)->disk;
}

static inline struct message *disk_message(const struct outbox_disk *disk, size_t index)
{
    return disk->messages.rows[index];
}

static inline struct attempt *disk_attempt(const struct outbox_disk *disk, size_t index)
{
    return disk->attempts.rows[index];
}

/* False if one is missing. */
static inline bool same_text(const char *one, const char *other)
{
    return one && other && strcmp(one, other) == 0;
}

/* False with an error when the disk is to break now. */
bool disk_may_read(struct outbox *outbox, struct error *err);
bool disk_may_write(struct outbox *outbox, struct error *err);

/* Where the message is, or where it would belong. */
size_t disk_index_of(const struct outbox_disk *disk, int64_t id);

/* The stored row, and where it is; NULL when there is none. */
const struct message *disk_find(const struct outbox_disk *disk, int64_t id, size_t *index);
const struct message *disk_with_once(const struct outbox_disk *disk, int64_t uid, const char *once);

/* Put a row in the place of another, or behind all. The table owns it from now on. */
void disk_put_message(struct outbox_disk *disk, size_t index, struct message *row);

/* A copy of a row, to be changed and put. */
struct message *disk_new_copy(const struct message *message);

size_t disk_index_of_note(const struct outbox_disk *disk, const char *name);

/* The engine's functions, by their names in struct outbox_engine. */
bool memory_insert(struct outbox *outbox, const struct message *message, struct error *err);
bool memory_store(struct outbox *outbox, const struct message *message, struct error *err);
bool memory_forget_once(struct outbox *outbox, int64_t id, struct error *err);
bool memory_begin(struct outbox *outbox, const struct message *message,
                  const struct attempt *attempt, struct error *err);
bool memory_end(struct outbox *outbox, const struct message *message, const struct attempt *attempt,
                struct error *err);
bool memory_set_counter(struct outbox *outbox, int64_t value, struct error *err);
bool memory_set_tally(struct outbox *outbox, const struct tally_row *row, struct error *err);
bool memory_set_note(struct outbox *outbox, const char *name, const char *text, struct error *err);
bool memory_set_scope(struct outbox *outbox, const struct scope_record *record, struct error *err);
bool memory_add_thread(struct outbox *outbox, const char *name, int64_t *thread, struct error *err);
bool memory_add_place(struct outbox *outbox, const char *endpoint, const char *remote_thread,
                      int64_t *place, struct error *err);
bool memory_load(struct outbox *outbox, int64_t id, struct message *message, bool *found,
                 struct error *err);
bool memory_find_once(struct outbox *outbox, int64_t uid, const char *once, struct message *message,
                      bool *found, struct error *err);
bool memory_find_fold(struct outbox *outbox, lane_id lane, int64_t uid, const char *fold,
                      struct message *message, bool *found, struct error *err);
bool memory_originals(struct outbox *outbox, int64_t into_id, int64_t after, int64_t *ids,
                      size_t most, size_t *count, struct error *err);
bool memory_doubted(struct outbox *outbox, lane_id lane, int64_t after_rank,
                    struct doubted *doubted, size_t most, size_t *count, struct error *err);
bool memory_waiting(struct outbox *outbox, lane_id lane, int64_t after_rank, size_t most,
                    bool (*row)(void *context, struct message *message), void *context,
                    struct error *err);
bool memory_ahead(struct outbox *outbox, lane_id lane, int64_t rank, size_t most, size_t *count,
                  struct error *err);
bool memory_lanes(struct outbox *outbox, lane_id after, lane_id *lanes, size_t most, size_t *count,
                  struct error *err);
bool memory_due(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most, size_t *count,
                msec_t *next_at, struct error *err);
bool memory_expired(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most, size_t *count,
                    msec_t *next_at, struct error *err);
bool memory_list(struct outbox *outbox, const struct outbox_filter *filter, int64_t after,
                 size_t most, bool (*row)(void *context, const struct message *message),
                 void *context, int64_t *next, struct error *err);
bool memory_attempts(struct outbox *outbox, int64_t message,
                     void (*row)(void *context, const struct attempt *attempt), void *context,
                     struct error *err);
bool memory_recent(struct outbox *outbox, msec_t since_at,
                   void (*row)(void *context, const struct attempt *attempt), void *context,
                   struct error *err);
bool memory_log(struct outbox *outbox, int64_t after, size_t most,
                void (*row)(void *context, const struct attempt *attempt), void *context,
                int64_t *next, struct error *err);
bool memory_scopes(struct outbox *outbox,
                   void (*row)(void *context, const struct scope_record *record), void *context,
                   struct error *err);
bool memory_tallies(struct outbox *outbox, void (*row)(void *context, const struct tally_row *row),
                    void *context, struct error *err);
bool memory_counter(struct outbox *outbox, int64_t *value, struct error *err);
bool memory_note(struct outbox *outbox, const char *name, char **text, struct error *err);
bool memory_thread(struct outbox *outbox, const char *name, int64_t *thread, bool *found,
                   struct error *err);
bool memory_place(struct outbox *outbox, const char *endpoint, const char *remote_thread,
                  int64_t *place, bool *found, struct error *err);
bool memory_thread_name(struct outbox *outbox, int64_t thread, char **name, bool *found,
                        struct error *err);
bool memory_place_name(struct outbox *outbox, int64_t place, char **endpoint, char **remote_thread,
                       bool *found, struct error *err);
bool memory_wipe(struct outbox *outbox, int64_t id, struct error *err);
bool memory_remove(struct outbox *outbox, const struct outline *outline, struct error *err);
bool memory_set_lane(struct outbox *outbox, int64_t id, lane_id lane, struct error *err);
bool memory_rename_thread(struct outbox *outbox, int64_t thread, const char *name,
                          struct error *err);
bool memory_outlines(struct outbox *outbox, int64_t after, struct outline *outlines, size_t most,
                     size_t *count, struct error *err);
bool memory_shrink(struct outbox *outbox, bool *more, struct error *err);
bool memory_fold(struct outbox *outbox, const struct message *whole, int64_t first, int64_t last,
                 size_t count, msec_t now_at, struct error *err);
bool memory_parts(struct outbox *outbox, int64_t whole, struct original *originals, size_t most,
                  size_t *count, struct error *err);
bool memory_unfold(struct outbox *outbox, const struct message *whole, size_t count,
                   struct error *err);

#endif
