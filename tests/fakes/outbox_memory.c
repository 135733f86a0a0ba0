#include "tests/fakes/outbox_memory.h"

#include "base/memory.h"
#include "queue/outbox_engine.h"
#include "tests/fakes/row_table.h"

#include <stdlib.h>
#include <string.h>

/* ---- the disk ------------------------------------------------------------------------------ */

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

static struct outbox_disk *disk_of(struct outbox *outbox)
{
    return ((struct outbox_memory *)outbox)->disk;
}

static void free_message(void *row)
{
    message_clear(row);
    free(row);
}

static void free_note(void *row)
{
    struct note *note = row;
    free(note->name);
    free(note->text);
    free(note);
}

static void free_pair(void *row)
{
    struct pair *pair = row;
    free(pair->first);
    free(pair->second);
    free(pair);
}

struct outbox_disk *outbox_disk_new(void)
{
    struct outbox_disk *disk = xcalloc(1, sizeof *disk);
    disk->messages.free_row = free_message;
    disk->attempts.free_row = free;
    disk->tallies.free_row = free;
    disk->notes.free_row = free_note;
    disk->scopes.free_row = free;
    disk->threads.free_row = free_pair;
    disk->places.free_row = free_pair;
    return disk;
}

void outbox_disk_free(struct outbox_disk *disk)
{
    if (!disk)
        return;
    row_table_clear(&disk->messages);
    row_table_clear(&disk->attempts);
    row_table_clear(&disk->tallies);
    row_table_clear(&disk->notes);
    row_table_clear(&disk->scopes);
    row_table_clear(&disk->threads);
    row_table_clear(&disk->places);
    row_journal_clear(&disk->journal);
    free(disk);
}

/* ---- what goes wrong ------------------------------------------------------------------------ */

void outbox_memory_break(struct outbox_disk *disk, enum outbox_breakage breakage)
{
    disk->breakage = breakage;
}

static bool breaks(struct outbox_disk *disk, enum outbox_breakage breakage)
{
    if (disk->breakage != breakage)
        return false;
    disk->breakage = BREAK_NOTHING;
    return true;
}

static bool may_read(struct outbox *outbox, struct error *err)
{
    return !breaks(disk_of(outbox), BREAK_READ) || error_set(err, "the disk cannot be read");
}

static bool may_write(struct outbox *outbox, struct error *err)
{
    return !breaks(disk_of(outbox), BREAK_CHANGE) || error_set(err, "the disk is full");
}

/* ---- the turn -------------------------------------------------------------------------------- */

static void keep(struct outbox_disk *disk)
{
    row_journal_keep(&disk->journal);
    disk->committed_counter = disk->counter;
}

static void undo(struct outbox_disk *disk)
{
    row_journal_undo(&disk->journal);
    disk->counter = disk->committed_counter;
    disk->first_live = 0;
}

static bool memory_begin_turn(struct outbox *outbox, struct error *err)
{
    return may_write(outbox, err);
}

static bool memory_commit_turn(struct outbox *outbox, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    if (disk->breakage == BREAK_COMMIT || disk->breakage == BREAK_COMMIT_GONE ||
        disk->breakage == BREAK_COMMIT_KEPT)
        return error_set(err, "the disk cannot be synced");
    keep(disk);
    return true;
}

static bool memory_mark(struct outbox *outbox, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    disk->keep_on_close = breaks(disk, BREAK_COMMIT_KEPT);
    if (disk->keep_on_close || breaks(disk, BREAK_COMMIT_GONE))
        return error_set(err, "the disk cannot be synced");
    breaks(disk, BREAK_COMMIT);
    undo(disk);
    return true;
}

static void memory_close(struct outbox *outbox)
{
    struct outbox_disk *disk = disk_of(outbox);
    if (disk->keep_on_close)
        keep(disk);
    else
        undo(disk);
    disk->keep_on_close = false;
    outbox_finish(outbox);
    free(outbox);
}

/* ---- messages -------------------------------------------------------------------------------- */

static struct message *message_at(const struct outbox_disk *disk, size_t index)
{
    return disk->messages.rows[index];
}

static void copy_message(struct message *copy, const struct message *message)
{
    *copy = *message;
    copy->user = xstrdup_or_null(message->user);
    copy->once = xstrdup_or_null(message->once);
    copy->fold = xstrdup_or_null(message->fold);
    copy->content = message->content ? xmemdup0(message->content, message->content_bytes) : NULL;
    copy->display_name = xstrdup_or_null(message->display_name);
    copy->metadata = xstrdup_or_null(message->metadata);
    copy->late_mark = xstrdup_or_null(message->late_mark);
    copy->wish = xstrdup_or_null(message->wish);
    copy->remote_id = xstrdup_or_null(message->remote_id);
    copy->reason = xstrdup_or_null(message->reason);
    copy->booked_bytes = message->content_bytes;
}

static struct message *new_copy(const struct message *message)
{
    struct message *copy = xcalloc(1, sizeof *copy);
    copy_message(copy, message);
    return copy;
}

/* Where the id is, or where it would belong. */
static size_t index_of(const struct outbox_disk *disk, int64_t id)
{
    size_t low = 0, high = disk->messages.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (message_at(disk, middle)->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct message *find(const struct outbox_disk *disk, int64_t id, size_t *index)
{
    *index = index_of(disk, id);
    return *index < disk->messages.count && message_at(disk, *index)->id == id
               ? message_at(disk, *index)
               : NULL;
}

static size_t first_live(struct outbox_disk *disk)
{
    while (disk->first_live < disk->messages.count &&
           message_state_is_final(message_at(disk, disk->first_live)->state))
        disk->first_live++;
    return disk->first_live;
}

static void put_message(struct outbox_disk *disk, size_t index, struct message *row)
{
    if (index < disk->first_live && !message_state_is_final(row->state))
        disk->first_live = index;
    row_put(&disk->journal, &disk->messages, index, row);
}

static bool same(const char *one, const char *other)
{
    return one && other && strcmp(one, other) == 0;
}

static const struct message *with_once(const struct outbox_disk *disk, int64_t uid,
                                       const char *once)
{
    for (size_t i = disk->messages.count; i-- > 0;)
        if (message_at(disk, i)->uid == uid && same(message_at(disk, i)->once, once))
            return message_at(disk, i);
    return NULL;
}

static bool may_have_once(const struct outbox_disk *disk, const struct message *message,
                          struct error *err)
{
    const struct message *other =
        message->once ? with_once(disk, message->uid, message->once) : NULL;
    return !other || other->id == message->id || error_set(err, "%s is used twice", other->once);
}

static bool memory_insert(struct outbox *outbox, const struct message *message, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    if (!may_write(outbox, err) || !may_have_once(disk, message, err))
        return false;
    put_message(disk, disk->messages.count, new_copy(message));
    return true;
}

/* A copy of the stored row, to be changed and put; NULL with an error when there is none. */
static struct message *edit(struct outbox *outbox, int64_t id, size_t *index, struct error *err)
{
    if (!may_write(outbox, err))
        return NULL;
    const struct message *stored = find(disk_of(outbox), id, index);
    if (stored)
        return new_copy(stored);
    error_set(err, "there is no message %lld", (long long)id);
    return NULL;
}

static bool memory_store(struct outbox *outbox, const struct message *message, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    size_t index = 0;
    if (!may_have_once(disk, message, err))
        return false;
    struct message *stored = edit(outbox, message->id, &index, err);
    if (!stored)
        return false;

    /* What never changes is taken from the stored row, as an UPDATE would leave it. */
    struct message row = *message;
    row.lane = stored->lane;
    row.kind = stored->kind;
    row.uid = stored->uid;
    row.accepted_at = stored->accepted_at;
    row.target_id = stored->target_id;
    row.pid = stored->pid;
    row.type = stored->type;
    memcpy(row.stamp, stored->stamp, sizeof row.stamp);
    row.user = stored->user;
    row.once_hash = stored->once_hash;
    row.display_name = stored->display_name;
    row.metadata = stored->metadata;
    row.late_mark = stored->late_mark;
    put_message(disk, index, new_copy(&row));
    free_message(stored);
    return true;
}

/* ---- attempts ---------------------------------------------------------------------------------
 */

static struct attempt *attempt_at(const struct outbox_disk *disk, size_t index)
{
    return disk->attempts.rows[index];
}

static struct attempt *new_attempt(const struct attempt *attempt)
{
    struct attempt *copy = xcalloc(1, sizeof *copy);
    *copy = *attempt;
    return copy;
}

static bool memory_begin(struct outbox *outbox, const struct message *message,
                         const struct attempt *attempt, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    size_t index = 0;
    struct message *row = edit(outbox, message->id, &index, err);
    if (!row)
        return false;
    row->doubted_at = message->doubted_at;
    row->doubted_place = message->doubted_place;
    row->attempts = message->attempts;
    free(row->late_mark);
    row->late_mark = xstrdup_or_null(message->late_mark);
    put_message(disk, index, row);
    row_put(&disk->journal, &disk->attempts, disk->attempts.count,
            new_attempt(&(struct attempt){ .message = attempt->message,
                                           .number = attempt->number,
                                           .place = attempt->place,
                                           .began_at = attempt->began_at,
                                           .known_id = attempt->known_id }));
    return true;
}

static bool end_attempt(struct outbox_disk *disk, const struct attempt *attempt, struct error *err)
{
    for (size_t i = disk->attempts.count; i-- > 0;) {
        const struct attempt *stored = attempt_at(disk, i);
        if (stored->message != attempt->message || stored->number != attempt->number)
            continue;
        struct attempt *row = new_attempt(attempt);
        row->place = stored->place;
        row->began_at = stored->began_at;
        row_put(&disk->journal, &disk->attempts, i, row);
        return true;
    }
    return error_set(err, "message %lld has no attempt %lld", (long long)attempt->message,
                     (long long)attempt->number);
}

static bool memory_end(struct outbox *outbox, const struct message *message,
                       const struct attempt *attempt, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    size_t index = 0;
    struct message *row = edit(outbox, message->id, &index, err);
    if (!row)
        return false;
    row->state = message->state;
    row->doubted_at = message->doubted_at;
    row->doubted_place = message->doubted_place;
    row->ended_at = message->ended_at;
    free(row->wish);
    row->wish = xstrdup_or_null(message->wish);
    free(row->remote_id);
    row->remote_id = xstrdup_or_null(message->remote_id);
    free(row->reason);
    row->reason = xstrdup_or_null(message->reason);
    put_message(disk, index, row);
    return end_attempt(disk, attempt, err);
}

/* ---- other changes ------------------------------------------------------------------------------
 */

static bool memory_set_counter(struct outbox *outbox, int64_t value, struct error *err)
{
    disk_of(outbox)->counter = value;
    return may_write(outbox, err);
}

static bool memory_set_tally(struct outbox *outbox, const struct tally_row *row, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    size_t i = 0;
    for (; i < disk->tallies.count; i++) {
        const struct tally_row *stored = disk->tallies.rows[i];
        if (stored->lane == row->lane && stored->uid == row->uid && stored->state == row->state)
            break;
    }
    struct tally_row *copy = xcalloc(1, sizeof *copy);
    *copy = *row;
    row_put(&disk->journal, &disk->tallies, i, copy);
    return may_write(outbox, err);
}

static size_t index_of_note(const struct outbox_disk *disk, const char *name)
{
    size_t i = 0;
    while (i < disk->notes.count && !same(((struct note *)disk->notes.rows[i])->name, name))
        i++;
    return i;
}

static bool memory_set_note(struct outbox *outbox, const char *name, const char *text,
                            struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    struct note *note = xcalloc(1, sizeof *note);
    note->name = xstrdup(name);
    note->text = xstrdup(text);
    row_put(&disk->journal, &disk->notes, index_of_note(disk, name), note);
    return may_write(outbox, err);
}

static bool memory_set_scope(struct outbox *outbox, const struct scope_record *record,
                             struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    size_t i = 0;
    for (; i < disk->scopes.count; i++) {
        const struct scope_record *stored = disk->scopes.rows[i];
        if (stored->scope == record->scope && same(stored->name, record->name))
            break;
    }
    struct scope_record *copy = xcalloc(1, sizeof *copy);
    *copy = *record;
    row_put(&disk->journal, &disk->scopes, i, copy);
    return may_write(outbox, err);
}

static int64_t add_pair(struct outbox_disk *disk, struct row_table *table, const char *first,
                        const char *second)
{
    struct pair *pair = xcalloc(1, sizeof *pair);
    pair->first = xstrdup(first);
    pair->second = xstrdup_or_null(second);
    row_put(&disk->journal, table, table->count, pair);
    return (int64_t)table->count;
}

static bool memory_add_thread(struct outbox *outbox, const char *name, int64_t *thread,
                              struct error *err)
{
    *thread = add_pair(disk_of(outbox), &disk_of(outbox)->threads, name, NULL);
    return may_write(outbox, err);
}

static bool memory_add_place(struct outbox *outbox, const char *endpoint, const char *remote_thread,
                             int64_t *place, struct error *err)
{
    *place = add_pair(disk_of(outbox), &disk_of(outbox)->places, endpoint, remote_thread);
    return may_write(outbox, err);
}

/* ---- finding messages
 * ---------------------------------------------------------------------------- */

static bool give_message(struct outbox *outbox, const struct message *stored,
                         struct message *message, bool *found, struct error *err)
{
    if (!may_read(outbox, err))
        return false;
    *found = stored != NULL;
    if (stored)
        copy_message(message, stored);
    return true;
}

static bool memory_load(struct outbox *outbox, int64_t id, struct message *message, bool *found,
                        struct error *err)
{
    size_t index = 0;
    return give_message(outbox, find(disk_of(outbox), id, &index), message, found, err);
}

static bool memory_find_once(struct outbox *outbox, int64_t uid, const char *once,
                             struct message *message, bool *found, struct error *err)
{
    return give_message(outbox, with_once(disk_of(outbox), uid, once), message, found, err);
}

static bool memory_find_fold(struct outbox *outbox, lane_id lane, int64_t uid, const char *fold,
                             struct message *message, bool *found, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    const struct message *last = NULL;
    for (size_t i = first_live(disk); i < disk->messages.count; i++) {
        const struct message *row = message_at(disk, i);
        if (row->state == MESSAGE_PENDING && row->doubted_at == 0 && row->lane == lane &&
            row->uid == uid && same(row->fold, fold) && (!last || row->rank > last->rank))
            last = row;
    }
    return give_message(outbox, last, message, found, err);
}

/* The first few rows by (key, id), found in any order. */
struct ranking {
    struct ranked {
        int64_t key;
        const struct message *message;
    } * entries;
    size_t count;
    size_t most;
};

static bool comes_before(const struct ranked *one, const struct ranked *other)
{
    return one->key != other->key ? one->key < other->key : one->message->id < other->message->id;
}

static void rank(struct ranking *ranking, int64_t key, const struct message *message)
{
    struct ranked entry = { .key = key, .message = message };
    size_t at = ranking->count;
    while (at > 0 && comes_before(&entry, &ranking->entries[at - 1]))
        at--;
    if (at == ranking->most)
        return;
    if (ranking->count < ranking->most)
        ranking->count++;
    memmove(&ranking->entries[at + 1], &ranking->entries[at],
            (ranking->count - 1 - at) * sizeof entry);
    ranking->entries[at] = entry;
}

static struct ranking ranking_of(size_t most)
{
    return (struct ranking){ .entries = xcalloc(most, sizeof(struct ranked)), .most = most };
}

static bool memory_heads(struct outbox *outbox, lane_id lane, int64_t after_rank,
                         struct head *heads, size_t most, size_t *count, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    struct ranking ranking = ranking_of(most);
    for (size_t i = first_live(disk); i < disk->messages.count; i++) {
        const struct message *row = message_at(disk, i);
        if (row->state == MESSAGE_PENDING && row->lane == lane && row->rank > after_rank)
            rank(&ranking, row->rank, row);
    }
    for (; *count < ranking.count; ++*count) {
        const struct message *row = ranking.entries[*count].message;
        heads[*count] = (struct head){ .id = row->id,
                                       .rank = row->rank,
                                       .expires_at = row->expires_at,
                                       .doubted_at = row->doubted_at,
                                       .doubted_place = row->doubted_place,
                                       .content_bytes = row->content_bytes };
    }
    free(ranking.entries);
    return may_read(outbox, err);
}

static bool memory_ahead(struct outbox *outbox, lane_id lane, int64_t rank, size_t most,
                         size_t *count, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    for (size_t i = first_live(disk); i < disk->messages.count && *count < most; i++) {
        const struct message *row = message_at(disk, i);
        *count += row->state == MESSAGE_PENDING && row->lane == lane && row->rank < rank;
    }
    return may_read(outbox, err);
}

/* The least lane behind `after` that has a pending message, -1 for none. */
static lane_id next_lane(struct outbox_disk *disk, lane_id after)
{
    lane_id next = -1;
    for (size_t i = first_live(disk); i < disk->messages.count; i++) {
        const struct message *row = message_at(disk, i);
        if (row->state == MESSAGE_PENDING && row->lane > after && (next < 0 || row->lane < next))
            next = row->lane;
    }
    return next;
}

static bool memory_lanes(struct outbox *outbox, lane_id after, lane_id *lanes, size_t most,
                         size_t *count, struct error *err)
{
    for (; *count < most; ++*count) {
        after = next_lane(disk_of(outbox), after);
        if (after < 0)
            break;
        lanes[*count] = after;
    }
    return may_read(outbox, err);
}

static void take_due(struct ranking *ranking, msec_t now_at, int64_t *ids, size_t most,
                     size_t *count, msec_t *next_at)
{
    for (size_t i = 0; i < ranking->count; i++) {
        if (ranking->entries[i].key > now_at || *count == most) {
            *next_at = ranking->entries[i].key;
            break;
        }
        ids[(*count)++] = ranking->entries[i].message->id;
    }
    free(ranking->entries);
}

static bool memory_due(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most,
                       size_t *count, msec_t *next_at, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    struct ranking ranking = ranking_of(most + 1);
    for (size_t i = first_live(disk); i < disk->messages.count; i++) {
        const struct message *row = message_at(disk, i);
        if (row->state == MESSAGE_SCHEDULED)
            rank(&ranking, row->due_at, row);
    }
    take_due(&ranking, now_at, ids, most, count, next_at);
    return may_read(outbox, err);
}

static bool memory_expired(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most,
                           size_t *count, msec_t *next_at, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    struct ranking ranking = ranking_of(most + 1);
    for (size_t i = first_live(disk); i < disk->messages.count; i++) {
        const struct message *row = message_at(disk, i);
        if (!message_state_is_final(row->state) && row->expires_at != 0 && row->doubted_at == 0)
            rank(&ranking, row->expires_at, row);
    }
    take_due(&ranking, now_at, ids, most, count, next_at);
    return may_read(outbox, err);
}

static bool memory_doubted(struct outbox *outbox, int64_t after, int64_t *ids, size_t most,
                           size_t *count, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    for (size_t i = index_of(disk, after + 1); i < disk->messages.count && *count < most; i++)
        if (message_at(disk, i)->doubted_at != 0)
            ids[(*count)++] = message_at(disk, i)->id;
    return may_read(outbox, err);
}

static bool memory_list(struct outbox *outbox, const struct outbox_filter *filter, int64_t after,
                        size_t most, void (*row)(void *context, const struct message *message),
                        void *context, int64_t *next, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    size_t first = index_of(disk, after + 1);
    size_t given = 0;
    for (size_t i = first; i < disk->messages.count; i++) {
        const struct message *message = message_at(disk, i);
        if (outbox_filter_passes(filter, message)) {
            row(context, message);
            given++;
        }
        if (given == most || i - first + 1 == OUTBOX_LIST_READS) {
            *next = message->id;
            break;
        }
    }
    return may_read(outbox, err);
}

/* ---- reading everything else
 * ------------------------------------------------------------------------ */

static int by_number(const void *one, const void *other)
{
    int64_t a = (*(struct attempt *const *)one)->number;
    int64_t b = (*(struct attempt *const *)other)->number;
    return (a > b) - (a < b);
}

static int newest_first(const void *one, const void *other)
{
    msec_t a = (*(struct attempt *const *)one)->began_at;
    msec_t b = (*(struct attempt *const *)other)->began_at;
    return (a < b) - (a > b);
}

/* Sort what was picked, give it, and forget it. */
static void give_attempts(const struct attempt **picked, size_t count,
                          int (*order)(const void *one, const void *other),
                          void (*row)(void *context, const struct attempt *attempt), void *context)
{
    if (count > 0)
        qsort(picked, count, sizeof(struct attempt *), order);
    for (size_t i = 0; i < count; i++)
        row(context, picked[i]);
    free(picked);
}

static bool memory_attempts(struct outbox *outbox, int64_t message,
                            void (*row)(void *context, const struct attempt *attempt),
                            void *context, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    const struct attempt **picked = xcalloc(disk->attempts.count + 1, sizeof(struct attempt *));
    size_t count = 0;
    for (size_t i = 0; i < disk->attempts.count; i++)
        if (attempt_at(disk, i)->message == message)
            picked[count++] = attempt_at(disk, i);
    give_attempts(picked, count, by_number, row, context);
    return may_read(outbox, err);
}

static bool memory_recent(struct outbox *outbox, msec_t since_at,
                          void (*row)(void *context, const struct attempt *attempt), void *context,
                          struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    const struct attempt **picked = xcalloc(disk->attempts.count + 1, sizeof(struct attempt *));
    size_t count = 0;
    for (size_t i = 0; i < disk->attempts.count; i++)
        if (attempt_at(disk, i)->began_at > since_at || attempt_at(disk, i)->ended_at == 0)
            picked[count++] = attempt_at(disk, i);
    give_attempts(picked, count, newest_first, row, context);
    return may_read(outbox, err);
}

static bool memory_log(struct outbox *outbox, msec_t before_at, size_t most,
                       void (*row)(void *context, const struct attempt *attempt), void *context,
                       msec_t *next_at, struct error *err)
{
    struct outbox_disk *disk = disk_of(outbox);
    const struct attempt **picked = xcalloc(disk->attempts.count + 1, sizeof(struct attempt *));
    size_t count = 0, given = 0;
    for (size_t i = 0; i < disk->attempts.count; i++)
        if (attempt_at(disk, i)->began_at < before_at)
            picked[count++] = attempt_at(disk, i);
    if (count > 0)
        qsort(picked, count, sizeof(struct attempt *), newest_first);
    while (given < count &&
           (given < most || picked[given]->began_at == picked[given - 1]->began_at))
        row(context, picked[given++]);
    *next_at = given < count ? picked[given - 1]->began_at : 0;
    free(picked);
    return may_read(outbox, err);
}

static bool memory_scopes(struct outbox *outbox,
                          void (*row)(void *context, const struct scope_record *record),
                          void *context, struct error *err)
{
    const struct outbox_disk *disk = disk_of(outbox);
    for (size_t i = 0; i < disk->scopes.count; i++)
        row(context, disk->scopes.rows[i]);
    return may_read(outbox, err);
}

static bool memory_tallies(struct outbox *outbox,
                           void (*row)(void *context, const struct tally_row *row), void *context,
                           struct error *err)
{
    const struct outbox_disk *disk = disk_of(outbox);
    for (size_t i = 0; i < disk->tallies.count; i++)
        row(context, disk->tallies.rows[i]);
    return may_read(outbox, err);
}

static bool memory_counter(struct outbox *outbox, int64_t *value, struct error *err)
{
    *value = disk_of(outbox)->counter;
    return may_read(outbox, err);
}

static bool memory_note(struct outbox *outbox, const char *name, char **text, struct error *err)
{
    const struct outbox_disk *disk = disk_of(outbox);
    if (!may_read(outbox, err))
        return false;
    size_t i = index_of_note(disk, name);
    if (i < disk->notes.count)
        *text = xstrdup(((struct note *)disk->notes.rows[i])->text);
    return true;
}

static bool find_pair(const struct row_table *table, const char *first, const char *second,
                      int64_t *number)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct pair *pair = table->rows[i];
        if (same(pair->first, first) && (!second || same(pair->second, second))) {
            *number = (int64_t)i + 1;
            return true;
        }
    }
    return false;
}

static bool memory_thread(struct outbox *outbox, const char *name, int64_t *thread, bool *found,
                          struct error *err)
{
    *found = find_pair(&disk_of(outbox)->threads, name, NULL, thread);
    return may_read(outbox, err);
}

static bool memory_place(struct outbox *outbox, const char *endpoint, const char *remote_thread,
                         int64_t *place, bool *found, struct error *err)
{
    *found = find_pair(&disk_of(outbox)->places, endpoint, remote_thread, place);
    return may_read(outbox, err);
}

static const struct pair *pair_of(const struct row_table *table, int64_t number)
{
    return number > 0 && (size_t)number <= table->count ? table->rows[number - 1] : NULL;
}

static bool memory_thread_name(struct outbox *outbox, int64_t thread, char **name, bool *found,
                               struct error *err)
{
    const struct pair *pair = pair_of(&disk_of(outbox)->threads, thread);
    if (!may_read(outbox, err))
        return false;
    *found = pair != NULL;
    if (pair)
        *name = xstrdup(pair->first);
    return true;
}

static bool memory_place_name(struct outbox *outbox, int64_t place, char **endpoint,
                              char **remote_thread, bool *found, struct error *err)
{
    const struct pair *pair = pair_of(&disk_of(outbox)->places, place);
    if (!may_read(outbox, err))
        return false;
    *found = pair != NULL;
    if (pair) {
        *endpoint = xstrdup(pair->first);
        *remote_thread = xstrdup_or_null(pair->second);
    }
    return true;
}

static bool memory_tend(struct outbox *outbox, struct error *err)
{
    return !breaks(disk_of(outbox), BREAK_TEND) || error_set(err, "the disk is full");
}

/* ---- opening
 * --------------------------------------------------------------------------------------- */

static const struct outbox_engine engine = {
    .begin_turn = memory_begin_turn,
    .commit_turn = memory_commit_turn,
    .mark = memory_mark,
    .close = memory_close,
    .insert = memory_insert,
    .begin = memory_begin,
    .end = memory_end,
    .store = memory_store,
    .set_counter = memory_set_counter,
    .set_tally = memory_set_tally,
    .set_note = memory_set_note,
    .set_scope = memory_set_scope,
    .add_thread = memory_add_thread,
    .add_place = memory_add_place,
    .load = memory_load,
    .find_once = memory_find_once,
    .find_fold = memory_find_fold,
    .heads = memory_heads,
    .ahead = memory_ahead,
    .lanes = memory_lanes,
    .due = memory_due,
    .expired = memory_expired,
    .doubted = memory_doubted,
    .list = memory_list,
    .attempts = memory_attempts,
    .recent = memory_recent,
    .log = memory_log,
    .scopes = memory_scopes,
    .tallies = memory_tallies,
    .counter = memory_counter,
    .note = memory_note,
    .thread = memory_thread,
    .thread_name = memory_thread_name,
    .place = memory_place,
    .place_name = memory_place_name,
    .tend = memory_tend,
};

struct outbox *outbox_open_memory(struct outbox_disk *disk, const struct outbox_setup *setup,
                                  struct error *err)
{
    if (breaks(disk, BREAK_OPEN)) {
        error_set(err, "the disk cannot be opened");
        return NULL;
    }
    struct outbox_memory *self = xcalloc(1, sizeof *self);
    self->outbox.engine = &engine;
    self->disk = disk;
    if (outbox_start(&self->outbox, setup->machine_id, err))
        return &self->outbox;
    memory_close(&self->outbox);
    return NULL;
}
