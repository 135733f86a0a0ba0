/*
 * tally.c - the books: one account per lane and user, found by hashing
 *
 * Every count is booked four times: for its lane and user, for the lane with
 * any user, for the user in any lane, and for all. So every sum is one look-up.
 * Only the first of the four is stored; the others are made again by loading.
 */
#include "queue/tally.h"

#include "base/memory.h"

#include <stdlib.h>

enum { SUMS = MESSAGE_STATES + 1 }; /* the last one is TALLY_TAKEN's */

struct account {
    lane_id lane;
    int64_t uid;
    struct tally_sum sums[SUMS];
    struct tally_sum stored; /* TALLY_TAKEN's, as it is written down */
    unsigned changed;        /* one bit a state */
};

struct tally {
    struct account **accounts; /* a hash table, open addressing; accounts never move or go */
    size_t count;
    size_t capacity; /* a power of two */

    struct account **changed;
    size_t changed_count;
    size_t changed_capacity;
};

enum { FIRST_CAPACITY = 64 };

struct tally *tally_new(void)
{
    struct tally *tally = xcalloc(1, sizeof *tally);
    tally->capacity = FIRST_CAPACITY;
    tally->accounts = xcalloc(tally->capacity, sizeof(struct account *));
    return tally;
}

void tally_free(struct tally *tally)
{
    if (!tally)
        return;
    for (size_t i = 0; i < tally->capacity; i++)
        free(tally->accounts[i]);
    free(tally->accounts);
    free(tally->changed);
    free(tally);
}

/* Lanes and users are small numbers in a row: multiplying by odd constants spreads them. */
static size_t hash(lane_id lane, int64_t uid)
{
    uint64_t mixed = (uint64_t)lane * 0x9e3779b97f4a7c15U + (uint64_t)uid * 0xc2b2ae3d27d4eb4fU;
    return (size_t)(mixed ^ (mixed >> 32U));
}

/* Where the account is, or the empty place where it belongs. */
static struct account **place_of(const struct tally *tally, lane_id lane, int64_t uid)
{
    size_t mask = tally->capacity - 1;
    for (size_t i = hash(lane, uid) & mask;; i = (i + 1) & mask) {
        const struct account *account = tally->accounts[i];
        if (!account || (account->lane == lane && account->uid == uid))
            return &tally->accounts[i];
    }
}

static void grow(struct tally *tally)
{
    struct account **old = tally->accounts;
    size_t old_capacity = tally->capacity;

    tally->capacity *= 2;
    tally->accounts = xcalloc(tally->capacity, sizeof(struct account *));
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i])
            *place_of(tally, old[i]->lane, old[i]->uid) = old[i];
    free(old);
}

static struct account *account_of(struct tally *tally, lane_id lane, int64_t uid)
{
    struct account **place = place_of(tally, lane, uid);
    if (*place)
        return *place;

    struct account *account = xcalloc(1, sizeof *account);
    account->lane = lane;
    account->uid = uid;
    *place = account;
    tally->count++;
    if (tally->count > tally->capacity / 2)
        grow(tally);
    return account;
}

static void add(struct tally_sum *sum, const struct tally_row *row)
{
    sum->messages += row->messages;
    sum->bytes += row->bytes;
    sum->purged += row->purged;
    sum->purged_bytes += row->purged_bytes;
}

static void book(struct account *account, const struct tally_row *row)
{
    add(&account->sums[row->state], row);
    add(&account->sums[TALLY_TAKEN], row);
}

/* Book it four times; the account of lane and user comes back. */
static struct account *book_all(struct tally *tally, const struct tally_row *row)
{
    struct account *account = account_of(tally, row->lane, row->uid);
    book(account, row);
    book(account_of(tally, row->lane, TALLY_ANY), row);
    book(account_of(tally, TALLY_ANY, row->uid), row);
    book(account_of(tally, TALLY_ANY, TALLY_ANY), row);
    return account;
}

/* All that were taken are pending, but for those of which another row tells. */
void tally_load(struct tally *tally, const struct tally_row *row)
{
    bool are_taken = row->state == TALLY_TAKEN;
    const struct tally_row pending = { .lane = row->lane,
                                       .uid = row->uid,
                                       .state = MESSAGE_PENDING,
                                       .messages = are_taken ? row->messages : -row->messages,
                                       .bytes = are_taken ? row->bytes : -row->bytes };
    struct account *account = book_all(tally, &pending);
    if (are_taken)
        add(&account->stored, row);
    else
        book_all(tally, row);
}

static void note_changed(struct tally *tally, struct account *account)
{
    if (tally->changed_count == tally->changed_capacity) {
        tally->changed_capacity = tally->changed_capacity ? 2 * tally->changed_capacity : 16;
        tally->changed =
            xreallocarray(tally->changed, tally->changed_capacity, sizeof(struct account *));
    }
    tally->changed[tally->changed_count++] = account;
}

/* Book a change, which is to be stored. */
static void change(struct tally *tally, const struct tally_row *row)
{
    struct account *account = book_all(tally, row);
    if (account->changed == 0)
        note_changed(tally, account);
    account->changed |= 1U << row->state;
}

void tally_add(struct tally *tally, lane_id lane, int64_t uid, enum message_state state,
               int64_t messages, int64_t bytes)
{
    const struct tally_row row = {
        .lane = lane, .uid = uid, .state = state, .messages = messages, .bytes = bytes
    };
    change(tally, &row);
}

void tally_purge(struct tally *tally, lane_id lane, int64_t uid, enum message_state state,
                 int64_t bytes)
{
    const struct tally_row row = {
        .lane = lane, .uid = uid, .state = state, .purged = 1, .purged_bytes = bytes
    };
    change(tally, &row);
}

static struct tally_row row_of(const struct account *account, enum message_state state)
{
    return (struct tally_row){ .lane = account->lane,
                               .uid = account->uid,
                               .state = state,
                               .messages = account->sums[state].messages,
                               .bytes = account->sums[state].bytes,
                               .purged = account->sums[state].purged,
                               .purged_bytes = account->sums[state].purged_bytes };
}

/* Most messages only go from one state to another: then as many are taken as were before. */
static bool has_changed(const struct account *account, enum message_state state)
{
    const struct tally_sum *taken = &account->sums[TALLY_TAKEN], *stored = &account->stored;
    if (state == TALLY_TAKEN)
        return taken->messages != stored->messages || taken->bytes != stored->bytes;
    return state != MESSAGE_PENDING && (account->changed & (1U << state)) != 0;
}

static void store(struct account *account, void (*row)(void *context, const struct tally_row *row),
                  void *context)
{
    for (int state = 0; state < SUMS; state++) {
        struct tally_row changed = row_of(account, (enum message_state)state);
        if (has_changed(account, changed.state))
            row(context, &changed);
    }
    account->stored = account->sums[TALLY_TAKEN];
    account->changed = 0;
}

void tally_changed(struct tally *tally, void (*row)(void *context, const struct tally_row *row),
                   void *context)
{
    for (size_t i = 0; i < tally->changed_count; i++)
        store(tally->changed[i], row, context);
    tally->changed_count = 0;
}

static void each_state(const struct account *account,
                       void (*row)(void *context, const struct tally_row *row), void *context)
{
    for (int state = 0; state < MESSAGE_STATES; state++) {
        struct tally_row found = row_of(account, (enum message_state)state);
        if (found.messages != 0 || found.bytes != 0)
            row(context, &found);
    }
}

void tally_each(const struct tally *tally, void (*row)(void *context, const struct tally_row *row),
                void *context)
{
    for (size_t i = 0; i < tally->capacity; i++) {
        const struct account *account = tally->accounts[i];
        if (account && account->lane != TALLY_ANY && account->uid != TALLY_ANY)
            each_state(account, row, context);
    }
}

struct tally_sum tally_sum(const struct tally *tally, lane_id lane, int64_t uid,
                           enum message_state state)
{
    const struct account *account = *place_of(tally, lane, uid);
    return account ? account->sums[state] : (struct tally_sum){ 0 };
}

struct tally_sum tally_sum_of_thread(const struct tally *tally, int64_t thread, int64_t uid,
                                     enum message_state state)
{
    struct tally_sum sum = { 0 };
    for (enum priority priority = PRIORITY_URGENT; priority <= PRIORITY_BULK; priority++) {
        struct tally_sum part = tally_sum(tally, lane_of(thread, priority), uid, state);
        sum.messages += part.messages;
        sum.bytes += part.bytes;
        sum.purged += part.purged;
        sum.purged_bytes += part.purged_bytes;
    }
    return sum;
}
