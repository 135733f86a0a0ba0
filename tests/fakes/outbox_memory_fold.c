/*
 * outbox_memory_fold.c - several in one
 */
#include "tests/fakes/outbox_memory_disk.h"

#include <stdlib.h>

static bool is_as_many(size_t found, size_t count, struct error *err)
{
    return found == count || error_set(err, "a change met %zu rows instead of %zu", found, count);
}

static bool is_in_run(const struct message *row, const struct message *whole, int64_t first,
                      int64_t last)
{
    return row->state == MESSAGE_PENDING && row->lane == whole->lane && row->rank >= first &&
           row->rank <= last;
}

bool memory_fold(struct outbox *outbox, const struct message *whole, int64_t first, int64_t last,
                 size_t count, msec_t now_at, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    size_t found = 0;
    if (!disk_may_write(outbox, err))
        return false;
    for (size_t i = disk->first_live; i < disk->messages.count; i++) {
        if (!is_in_run(disk_message(disk, i), whole, first, last))
            continue;
        struct message *row = disk_new_copy(disk_message(disk, i));
        row->state = MESSAGE_FOLDED;
        row->into_id = whole->id;
        row->ended_at = now_at;
        disk_put_message(disk, i, row);
        found++;
    }
    return is_as_many(found, count, err);
}

static int by_rank(const void *one, const void *other)
{
    const struct original *a = one, *b = other;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

/* Ids and ranks rise together, but for what was brought back: sorted at the end. */
bool memory_parts(struct outbox *outbox, int64_t whole, struct original *originals, size_t most,
                  size_t *count, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    for (size_t i = 0; i < disk->messages.count && *count < most; i++) {
        const struct message *row = disk_message(disk, i);
        if (row->into_id == whole && row->state == MESSAGE_FOLDED)
            originals[(*count)++] = (struct original){ .id = row->id,
                                                       .lane = row->lane,
                                                       .rank = row->rank,
                                                       .uid = row->uid,
                                                       .content_bytes = row->content_bytes,
                                                       .expires_at = row->expires_at };
    }
    qsort(originals, *count, sizeof *originals, by_rank);
    return disk_may_read(outbox, err);
}

bool memory_unfold(struct outbox *outbox, const struct message *whole, size_t count,
                   struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    size_t found = 0;
    if (!disk_may_write(outbox, err))
        return false;
    for (size_t i = 0; i < disk->messages.count; i++) {
        if (disk_message(disk, i)->into_id != whole->id ||
            disk_message(disk, i)->state != MESSAGE_FOLDED)
            continue;
        struct message *row = disk_new_copy(disk_message(disk, i));
        row->state = MESSAGE_PENDING;
        row->into_id = 0;
        row->ended_at = 0;
        row->lane = whole->lane;
        disk_put_message(disk, i, row);
        found++;
    }
    return is_as_many(found, count, err);
}
