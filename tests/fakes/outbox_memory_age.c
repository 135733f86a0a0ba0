/*
 * outbox_memory_age.c - what is old, and what must move
 */
#include "base/memory.h"
#include "tests/fakes/outbox_memory_disk.h"

#include <stdlib.h>

/* A copy of the stored row in its stead, to be changed; NULL with an error when there is none. */
static struct message *replace(struct outbox *outbox, int64_t id, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    size_t index = 0;
    const struct message *stored = disk_find(disk, id, &index);
    if (!disk_may_write(outbox, err))
        return NULL;
    if (!stored) {
        error_set(err, "there is no message %lld", (long long)id);
        return NULL;
    }
    struct message *row = xcalloc(1, sizeof *row);
    message_copy(row, stored);
    row_put(&disk->journal, &disk->messages, index, row);
    return row;
}

bool memory_wipe(struct outbox *outbox, int64_t id, struct error *err)
{
    struct message *row = replace(outbox, id, err);
    if (!row)
        return false;
    free(row->content);
    free(row->metadata);
    row->content = row->metadata = NULL;
    return true;
}

bool memory_remove(struct outbox *outbox, const struct outline *outline, struct error *err)
{
    int64_t id = outline->id;
    struct outbox_disk *disk = outbox_disk_of(outbox);
    size_t index = 0;
    if (!disk_may_write(outbox, err))
        return false;
    if (!disk_find(disk, id, &index))
        return error_set(err, "there is no message %lld", (long long)id);
    row_remove(&disk->journal, &disk->messages, index);
    disk->first_live = 0;
    for (size_t i = disk->attempts.count; i-- > 0;)
        if (disk_attempt(disk, i)->message == id)
            row_remove(&disk->journal, &disk->attempts, i);
    return true;
}

bool memory_set_lane(struct outbox *outbox, int64_t id, lane_id lane, struct error *err)
{
    struct message *row = replace(outbox, id, err);
    if (row)
        row->lane = lane;
    return row != NULL;
}

bool memory_rename_thread(struct outbox *outbox, int64_t thread, const char *name,
                          struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    struct pair *pair = xcalloc(1, sizeof *pair);
    pair->first = xstrdup(name);
    row_put(&disk->journal, &disk->threads, (size_t)thread - 1, pair);
    return disk_may_write(outbox, err);
}

static msec_t settled_at(const struct outbox_disk *disk, const struct message *row)
{
    size_t index = 0;
    const struct message *whole = row->into_id ? disk_find(disk, row->into_id, &index) : NULL;
    if (!message_state_is_final(row->state) || (whole && !message_state_is_final(whole->state)))
        return 0;
    return row->ended_at && whole ? msec_max(row->ended_at, whole->ended_at) : row->ended_at;
}

bool memory_outlines(struct outbox *outbox, int64_t after, struct outline *outlines, size_t most,
                     size_t *count, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    for (size_t i = disk_index_of(disk, after + 1); i < disk->messages.count && *count < most;
         i++) {
        const struct message *row = disk_message(disk, i);
        outlines[(*count)++] = (struct outline){ .id = row->id,
                                                 .lane = row->lane,
                                                 .uid = row->uid,
                                                 .state = row->state,
                                                 .content_bytes = row->content_bytes,
                                                 .accepted_at = row->accepted_at,
                                                 .due_at = row->due_at,
                                                 .settled_at = settled_at(disk, row),
                                                 .has_content = row->content || row->metadata,
                                                 .has_once = row->once != NULL };
    }
    return disk_may_read(outbox, err);
}

bool memory_shrink(struct outbox *outbox, bool *more, struct error *err)
{
    (void)outbox;
    (void)more;
    (void)err;
    return true;
}
