/*
 * tally.h - how many messages there are, without ever counting them
 *
 * One row per lane, user and state, kept in memory and written down with the
 * changes that it counts. Quotas, fullness, statistics and positions read it.
 * Final states are never lowered when old rows are removed, so the books
 * balance for good: `taken` is the sum of all states.
 *
 * What is written down are all that were taken, in place of the pending ones: these are the rest.
 * So a message that is taken changes one row, and one that leaves its lane one, and not two.
 */
#ifndef CHATRELAY_QUEUE_TALLY_H
#define CHATRELAY_QUEUE_TALLY_H

#include "queue/message.h"

struct tally;

struct tally_row {
    lane_id lane;
    int64_t uid;
    enum message_state state;
    int64_t messages;
    int64_t bytes;                /* of content */
    int64_t purged, purged_bytes; /* how much of both has no row any more */
};

/* No lane and no user has this number. */
enum { TALLY_ANY = -1 };

/* In place of a state: all of them. */
#define TALLY_TAKEN ((enum message_state)MESSAGE_STATES)

struct tally *tally_new(void);
void tally_free(struct tally *tally);

/* Put a row as it was stored: of taken ones, or of a state but MESSAGE_PENDING. */
void tally_load(struct tally *tally, const struct tally_row *row);

/* Count `messages` and `bytes` (either may be negative) in or out. */
void tally_add(struct tally *tally, lane_id lane, int64_t uid, enum message_state state,
               int64_t messages, int64_t bytes);

/* Count a removed row: what there was ever stays, but so much of it cannot be found any more. */
void tally_purge(struct tally *tally, lane_id lane, int64_t uid, enum message_state state,
                 int64_t bytes);

/* Call `row` with each row to store that changed since the last call, which then is stored. */
void tally_changed(struct tally *tally, void (*row)(void *context, const struct tally_row *row),
                   void *context);

/* Call `row` with every row that is not zero, in no particular order. */
void tally_each(const struct tally *tally, void (*row)(void *context, const struct tally_row *row),
                void *context);

struct tally_sum {
    int64_t messages, bytes;
    int64_t purged, purged_bytes; /* of those: removed since, see retention.h */
};

/*
 * What is in a lane (TALLY_ANY: in all of them) of a user (likewise) in a state (TALLY_TAKEN: in
 * any). Constant time.
 */
struct tally_sum tally_sum(const struct tally *tally, lane_id lane, int64_t uid,
                           enum message_state state);

/* The same of all lanes of a thread. */
struct tally_sum tally_sum_of_thread(const struct tally *tally, int64_t thread, int64_t uid,
                                     enum message_state state);

#endif
