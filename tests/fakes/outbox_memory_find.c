/*
 * outbox_memory_find.c - what finds messages: it looks at all that are not in a final state
 */
#include "base/memory.h"
#include "tests/fakes/outbox_memory_disk.h"

#include <stdlib.h>
#include <string.h>

/* ---- by id and by key ----------------------------------------------------------------------- */

/* Where the id is, or where it would belong. */
size_t disk_index_of(const struct outbox_disk *disk, int64_t id)
{
    size_t low = 0, high = disk->messages.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (disk_message(disk, middle)->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct message *disk_find(const struct outbox_disk *disk, int64_t id, size_t *index)
{
    *index = disk_index_of(disk, id);
    return *index < disk->messages.count && disk_message(disk, *index)->id == id
               ? disk_message(disk, *index)
               : NULL;
}

const struct message *disk_with_once(const struct outbox_disk *disk, int64_t uid, const char *once)
{
    for (size_t i = disk->messages.count; i-- > 0;)
        if (disk_message(disk, i)->uid == uid && same_text(disk_message(disk, i)->once, once))
            return disk_message(disk, i);
    return NULL;
}

/* ---- by what is asked for ------------------------------------------------------------------- */

static size_t first_live(struct outbox_disk *disk)
{
    while (disk->first_live < disk->messages.count &&
           message_state_is_final(disk_message(disk, disk->first_live)->state))
        disk->first_live++;
    return disk->first_live;
}

static bool give_message(struct outbox *outbox, const struct message *stored,
                         struct message *message, bool *found, struct error *err)
{
    if (!disk_may_read(outbox, err))
        return false;
    *found = stored != NULL;
    if (stored)
        message_copy(message, stored);
    return true;
}

bool memory_load(struct outbox *outbox, int64_t id, struct message *message, bool *found,
                 struct error *err)
{
    size_t index = 0;
    return give_message(outbox, disk_find(outbox_disk_of(outbox), id, &index), message, found, err);
}

bool memory_find_once(struct outbox *outbox, int64_t uid, const char *once, struct message *message,
                      bool *found, struct error *err)
{
    return give_message(outbox, disk_with_once(outbox_disk_of(outbox), uid, once), message, found,
                        err);
}

bool memory_find_fold(struct outbox *outbox, lane_id lane, int64_t uid, const char *fold,
                      struct message *message, bool *found, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    const struct message *last = NULL;
    for (size_t i = first_live(disk); i < disk->messages.count; i++) {
        const struct message *row = disk_message(disk, i);
        if (row->state == MESSAGE_PENDING && row->doubted_at == 0 && row->lane == lane &&
            row->uid == uid && same_text(row->fold, fold) && (!last || row->rank > last->rank))
            last = row;
    }
    return give_message(outbox, last, message, found, err);
}

bool memory_originals(struct outbox *outbox, int64_t into_id, int64_t after, int64_t *ids,
                      size_t most, size_t *count, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    for (size_t i = disk_index_of(disk, after + 1); i < disk->messages.count && *count < most; i++)
        if (disk_message(disk, i)->into_id == into_id)
            ids[(*count)++] = disk_message(disk, i)->id;
    return disk_may_read(outbox, err);
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

bool memory_doubted(struct outbox *outbox, lane_id lane, int64_t after_rank,
                    struct doubted *doubted, size_t most, size_t *count, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    struct ranking ranking = ranking_of(most);
    for (size_t i = first_live(disk); i < disk->messages.count; i++) {
        const struct message *row = disk_message(disk, i);
        if (row->state == MESSAGE_PENDING && row->lane == lane && row->rank > after_rank)
            rank(&ranking, row->rank, row);
    }
    for (size_t i = 0; i < ranking.count && ranking.entries[i].message->doubted_at; i++) {
        const struct message *row = ranking.entries[i].message;
        struct doubted *one = &doubted[(*count)++];
        *one = (struct doubted){ .id = row->id,
                                 .rank = row->rank,
                                 .doubted_at = row->doubted_at,
                                 .place = row->doubted_place,
                                 .attempts = row->attempts };
        memcpy(one->stamp, row->stamp, sizeof one->stamp);
    }
    free(ranking.entries);
    return disk_may_read(outbox, err);
}

bool memory_waiting(struct outbox *outbox, lane_id lane, int64_t after_rank, size_t most,
                    bool (*row)(void *context, struct message *message), void *context,
                    struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    struct ranking ranking = ranking_of(most);
    for (size_t i = first_live(disk); i < disk->messages.count; i++) {
        const struct message *message = disk_message(disk, i);
        if (message->state == MESSAGE_PENDING && message->lane == lane &&
            message->rank > after_rank)
            rank(&ranking, message->rank, message);
    }
    bool more = true;
    for (size_t i = 0; i < ranking.count && more; i++) {
        struct message message CLEANUP(message_clear) = { 0 };
        message_copy(&message, ranking.entries[i].message);
        more = row(context, &message);
    }
    free(ranking.entries);
    return disk_may_read(outbox, err);
}

bool memory_ahead(struct outbox *outbox, lane_id lane, int64_t rank, size_t most, size_t *count,
                  struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    for (size_t i = first_live(disk); i < disk->messages.count && *count < most; i++) {
        const struct message *row = disk_message(disk, i);
        *count += row->state == MESSAGE_PENDING && row->lane == lane && row->rank < rank;
    }
    return disk_may_read(outbox, err);
}

/* The least lane behind `after` that has a pending message, -1 for none. */
static lane_id next_lane(struct outbox_disk *disk, lane_id after)
{
    lane_id next = -1;
    for (size_t i = first_live(disk); i < disk->messages.count; i++) {
        const struct message *row = disk_message(disk, i);
        if (row->state == MESSAGE_PENDING && row->lane > after && (next < 0 || row->lane < next))
            next = row->lane;
    }
    return next;
}

bool memory_lanes(struct outbox *outbox, lane_id after, lane_id *lanes, size_t most, size_t *count,
                  struct error *err)
{
    for (; *count < most; ++*count) {
        after = next_lane(outbox_disk_of(outbox), after);
        if (after < 0)
            break;
        lanes[*count] = after;
    }
    return disk_may_read(outbox, err);
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

bool memory_due(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most, size_t *count,
                msec_t *next_at, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    struct ranking ranking = ranking_of(most + 1);
    for (size_t i = first_live(disk); i < disk->messages.count; i++) {
        const struct message *row = disk_message(disk, i);
        if (row->state == MESSAGE_SCHEDULED)
            rank(&ranking, row->due_at, row);
    }
    take_due(&ranking, now_at, ids, most, count, next_at);
    return disk_may_read(outbox, err);
}

bool memory_expired(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most, size_t *count,
                    msec_t *next_at, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    struct ranking ranking = ranking_of(most + 1);
    for (size_t i = first_live(disk); i < disk->messages.count; i++) {
        const struct message *row = disk_message(disk, i);
        if (!message_state_is_final(row->state) && row->expires_at != 0 && row->doubted_at == 0)
            rank(&ranking, row->expires_at, row);
    }
    take_due(&ranking, now_at, ids, most, count, next_at);
    return disk_may_read(outbox, err);
}

bool memory_list(struct outbox *outbox, const struct outbox_filter *filter, int64_t after,
                 size_t most, bool (*row)(void *context, const struct message *message),
                 void *context, int64_t *next, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    size_t first = disk_index_of(disk, after + 1);
    size_t given = 0;
    bool wanted = true;
    int64_t last = after;
    for (size_t i = first; i < disk->messages.count; i++) {
        const struct message *message = disk_message(disk, i);
        bool passes = outbox_filter_passes(filter, message);
        if (passes && (given == most || !wanted)) {
            *next = last;
            break;
        }
        last = message->id;
        if (passes)
            wanted = row(context, message);
        given += passes;
        if (i - first + 1 == OUTBOX_LIST_READS) {
            *next = last;
            break;
        }
    }
    return disk_may_read(outbox, err);
}
