/*
 * outbox_engine.h - what a storage engine provides behind outbox.h
 *
 * An engine embeds struct outbox as its first member. It stores rows and finds
 * them; numbers, books and the rules of a turn are the front's (outbox.c),
 * which also makes failure sticky: after the first `false` it calls nothing
 * but `met_damage`, `mark`, once and only if it was `commit_turn` that failed,
 * and `close`.
 *
 * Unless said otherwise a function promises what outbox.h says of the one with
 * its name. Results are zeroed (next_at of due and expired: MSEC_NEVER) before
 * an engine is called. A message that it fills in has booked_bytes equal to
 * content_bytes.
 */
#ifndef CHATRELAY_QUEUE_OUTBOX_ENGINE_H
#define CHATRELAY_QUEUE_OUTBOX_ENGINE_H

#include "queue/outbox.h"

struct outbox_engine {
    /* The turn. `begin_turn` comes before the first change and only then. */
    bool (*begin_turn)(struct outbox *outbox, struct error *err);
    bool (*commit_turn)(struct outbox *outbox, struct error *err);
    /*
     * After a failed commit: undo the turn and commit something harmless on the
     * same connection. True proves that the turn is out.
     */
    bool (*mark)(struct outbox *outbox, struct error *err);
    /* After any failure, once: was it damage to what is stored? NULL: that cannot be. */
    bool (*met_damage)(struct outbox *outbox);
    /* Undo a turn that is still open, and free the outbox. */
    void (*close)(struct outbox *outbox);

    /* Changes. `insert` stores every field; `begin` and `end` and `store` as in outbox.h. */
    bool (*insert)(struct outbox *outbox, const struct message *message, struct error *err);
    bool (*begin)(struct outbox *outbox, const struct message *message,
                  const struct attempt *attempt, struct error *err);
    bool (*end)(struct outbox *outbox, const struct message *message, const struct attempt *attempt,
                struct error *err);
    bool (*store)(struct outbox *outbox, const struct message *message, struct error *err);
    bool (*forget_once)(struct outbox *outbox, int64_t id, struct error *err);
    bool (*set_counter)(struct outbox *outbox, int64_t value, struct error *err);
    bool (*set_tally)(struct outbox *outbox, const struct tally_row *row, struct error *err);
    bool (*set_note)(struct outbox *outbox, const char *name, const char *text, struct error *err);
    bool (*set_scope)(struct outbox *outbox, const struct scope_record *record, struct error *err);
    bool (*add_thread)(struct outbox *outbox, const char *name, int64_t *thread, struct error *err);
    bool (*add_place)(struct outbox *outbox, const char *endpoint, const char *remote_thread,
                      int64_t *place, struct error *err);

    /* Reads. Those that look for one row set `*found`. */
    bool (*load)(struct outbox *outbox, int64_t id, struct message *message, bool *found,
                 struct error *err);
    bool (*find_once)(struct outbox *outbox, int64_t uid, const char *once, struct message *message,
                      bool *found, struct error *err);
    bool (*find_fold)(struct outbox *outbox, lane_id lane, int64_t uid, const char *fold,
                      struct message *message, bool *found, struct error *err);
    bool (*originals)(struct outbox *outbox, int64_t into_id, int64_t after, int64_t *ids,
                      size_t most, size_t *count, struct error *err);
    bool (*doubted)(struct outbox *outbox, lane_id lane, int64_t after_rank,
                    struct doubted *doubted, size_t most, size_t *count, struct error *err);
    /* `row` may take the strings of its message over, and zeroes it then. */
    bool (*waiting)(struct outbox *outbox, lane_id lane, int64_t after_rank, size_t most,
                    bool (*row)(void *context, struct message *message), void *context,
                    struct error *err);
    bool (*ahead)(struct outbox *outbox, lane_id lane, int64_t rank, size_t most, size_t *count,
                  struct error *err);
    bool (*lanes)(struct outbox *outbox, lane_id after, lane_id *lanes, size_t most, size_t *count,
                  struct error *err);
    bool (*due)(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most, size_t *count,
                msec_t *next_at, struct error *err);
    bool (*expired)(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most, size_t *count,
                    msec_t *next_at, struct error *err);
    bool (*list)(struct outbox *outbox, const struct outbox_filter *filter, int64_t after,
                 size_t most, bool (*row)(void *context, const struct message *message),
                 void *context, int64_t *next, struct error *err);
    bool (*attempts)(struct outbox *outbox, int64_t message,
                     void (*row)(void *context, const struct attempt *attempt), void *context,
                     struct error *err);
    bool (*recent)(struct outbox *outbox, msec_t since_at,
                   void (*row)(void *context, const struct attempt *attempt), void *context,
                   struct error *err);
    bool (*log)(struct outbox *outbox, int64_t after, size_t most,
                void (*row)(void *context, const struct attempt *attempt), void *context,
                int64_t *next, struct error *err);
    bool (*scopes)(struct outbox *outbox,
                   void (*row)(void *context, const struct scope_record *record), void *context,
                   struct error *err);
    bool (*tallies)(struct outbox *outbox, void (*row)(void *context, const struct tally_row *row),
                    void *context, struct error *err);
    bool (*counter)(struct outbox *outbox, int64_t *value, struct error *err);
    bool (*note)(struct outbox *outbox, const char *name, char **text, struct error *err);
    bool (*thread)(struct outbox *outbox, const char *name, int64_t *thread, bool *found,
                   struct error *err);
    bool (*thread_name)(struct outbox *outbox, int64_t thread, char **name, bool *found,
                        struct error *err);
    bool (*place)(struct outbox *outbox, const char *endpoint, const char *remote_thread,
                  int64_t *place, bool *found, struct error *err);
    bool (*place_name)(struct outbox *outbox, int64_t place, char **endpoint, char **remote_thread,
                       bool *found, struct error *err);

    /*
     * What is old, and what must move. `remove` removes the attempts as well, and
     * counts the message as purged in the tally, whose row is set after that.
     */
    bool (*wipe)(struct outbox *outbox, int64_t id, struct error *err);
    bool (*remove)(struct outbox *outbox, const struct outline *outline, struct error *err);
    bool (*set_lane)(struct outbox *outbox, int64_t id, lane_id lane, struct error *err);
    bool (*rename_thread)(struct outbox *outbox, int64_t thread, const char *name,
                          struct error *err);
    bool (*outlines)(struct outbox *outbox, int64_t after, struct outline *outlines, size_t most,
                     size_t *count, struct error *err);

    /*
     * Where a lane's line is kept: NULL when it holds what is pending alone. `stale` finds the
     * first lane behind `after`, and counts up to `most` places before its first pending message;
     * without one it leaves `*lane`. `clear_line` gives up to `most` of them up.
     */
    bool (*stale)(struct outbox *outbox, lane_id after, lane_id *lane, size_t most, size_t *count,
                  struct error *err);
    bool (*clear_line)(struct outbox *outbox, lane_id lane, size_t most, struct error *err);

    /*
     * Several in one. `fold` moves the `count` pending messages of a lane with ranks from `first`
     * to `last` into `whole`, whose row comes after; it is an error if they are not as many.
     * `parts` finds them, and `unfold` puts them back.
     */
    bool (*fold)(struct outbox *outbox, const struct message *whole, int64_t first, int64_t last,
                 size_t count, msec_t now_at, struct error *err);
    bool (*parts)(struct outbox *outbox, int64_t whole, struct original *originals, size_t most,
                  size_t *count, struct error *err);
    bool (*unfold)(struct outbox *outbox, const struct message *whole, size_t count,
                   struct error *err);

    bool (*tend)(struct outbox *outbox, bool is_idle, struct error *err);
    bool (*shrink)(struct outbox *outbox, bool *more, struct error *err);

    /* A backup; NULL: there is no such thing. It is none of the outbox's failures. */
    bool (*backup_begin)(struct outbox *outbox, const char *path, struct error *err);
    bool (*backup_step)(struct outbox *outbox, int pages, bool *more, struct error *err);
    void (*backup_end)(struct outbox *outbox);
};

/* The front's part of every outbox. */
struct outbox {
    const struct outbox_engine *engine;
    struct tally *tally;
    struct shelf *shelf;    /* pending ones that will be loaded soon, as they are stored */
    struct audit *audit;    /* under way; NULL for none */
    int64_t counter;        /* the last number given out */
    int64_t stored_counter; /* as it is on disk */
    size_t changes;
    bool in_turn;
    bool failed;
    bool is_damaged;
    enum outbox_commit verdict; /* on the turn that failed */
    bool is_copy;
    struct error failure;
};

/*
 * For the front's own files: every result of the engine passes through here,
 * whose error went to `failure`. The first false one makes the outbox failed.
 */
bool outbox_noted(struct outbox *outbox, bool done);

/* Likewise, for every change of the books: `message` counts so many times more. */
void outbox_book(struct outbox *outbox, const struct message *message, int64_t messages);

/* Likewise, before every change: false when it is to be ignored. */
bool outbox_may_change(struct outbox *outbox);

/*
 * For an engine's constructor, when its rows can be read: load the counter and
 * the books, and compare `machine_id` with the note of it, which is written if
 * there is none (a NULL is not compared).
 */
MUST_CHECK bool outbox_start(struct outbox *outbox, const char *machine_id, struct error *err);

/* For its `close`: free what the front holds. */
void outbox_finish(struct outbox *outbox);

/* For its `list`: of `message` only lane, uid, state, wish and accepted_at matter. */
bool outbox_filter_passes(const struct outbox_filter *filter, const struct message *message);

#endif
