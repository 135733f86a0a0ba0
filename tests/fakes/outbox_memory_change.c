/*
 * outbox_memory_change.c - what changes rows: each leaves a new one in the place of the old
 */
#include "base/memory.h"
#include "tests/fakes/outbox_memory_disk.h"

#include <stdlib.h>
#include <string.h>

/* ---- messages ------------------------------------------------------------------------------- */

struct message *disk_new_copy(const struct message *message)
{
    struct message *copy = xcalloc(1, sizeof *copy);
    message_copy(copy, message);
    return copy;
}

void disk_put_message(struct outbox_disk *disk, size_t index, struct message *row)
{
    if (index < disk->first_live && !message_state_is_final(row->state))
        disk->first_live = index;
    row_put(&disk->journal, &disk->messages, index, row);
}

static bool may_have_once(const struct outbox_disk *disk, const struct message *message,
                          struct error *err)
{
    const struct message *other =
        message->once ? disk_with_once(disk, message->uid, message->once) : NULL;
    return !other || other->id == message->id || error_set(err, "%s is used twice", other->once);
}

bool memory_insert(struct outbox *outbox, const struct message *message, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    if (!disk_may_write(outbox, err) || !may_have_once(disk, message, err))
        return false;
    disk_put_message(disk, disk->messages.count, disk_new_copy(message));
    return true;
}

/* A copy of the stored row, to be changed and put; NULL with an error when there is none. */
static struct message *edit(struct outbox *outbox, int64_t id, size_t *index, struct error *err)
{
    if (!disk_may_write(outbox, err))
        return NULL;
    const struct message *stored = disk_find(outbox_disk_of(outbox), id, index);
    if (stored)
        return disk_new_copy(stored);
    error_set(err, "there is no message %lld", (long long)id);
    return NULL;
}

bool memory_store(struct outbox *outbox, const struct message *message, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    size_t index = 0;
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
    row.once = stored->once;
    row.once_hash = stored->once_hash;
    row.display_name = stored->display_name;
    row.metadata = stored->metadata;
    disk_put_message(disk, index, disk_new_copy(&row));
    message_clear(stored);
    free(stored);
    return true;
}

bool memory_forget_once(struct outbox *outbox, int64_t id, struct error *err)
{
    size_t index = 0;
    struct message *row = edit(outbox, id, &index, err);
    if (!row)
        return false;
    free(row->once);
    row->once = NULL;
    disk_put_message(outbox_disk_of(outbox), index, row);
    return true;
}

/* ---- attempts ------------------------------------------------------------------------------- */

static struct attempt *new_attempt(const struct attempt *attempt)
{
    struct attempt *copy = xcalloc(1, sizeof *copy);
    *copy = *attempt;
    return copy;
}

bool memory_begin(struct outbox *outbox, const struct message *message,
                  const struct attempt *attempt, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    size_t index = 0;
    struct message *row = edit(outbox, message->id, &index, err);
    if (!row)
        return false;
    if (row->doubted_at != 0) {
        message_clear(row);
        free(row);
        return error_set(err, "message %lld is in doubt already", (long long)message->id);
    }
    row->doubted_at = message->doubted_at;
    row->doubted_place = message->doubted_place;
    row->attempts = message->attempts;
    free(row->late_mark);
    row->late_mark = xstrdup_or_null(message->late_mark);
    disk_put_message(disk, index, row);
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
        const struct attempt *stored = disk_attempt(disk, i);
        if (stored->message != attempt->message || stored->number != attempt->number)
            continue;
        struct attempt *row = new_attempt(attempt);
        row->place = stored->place;
        row->began_at = stored->began_at;
        row->known_id = stored->known_id;
        row_put(&disk->journal, &disk->attempts, i, row);
        return true;
    }
    return error_set(err, "message %lld has no attempt %lld", (long long)attempt->message,
                     (long long)attempt->number);
}

bool memory_end(struct outbox *outbox, const struct message *message, const struct attempt *attempt,
                struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
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
    disk_put_message(disk, index, row);
    return end_attempt(disk, attempt, err);
}

/* ---- other changes -------------------------------------------------------------------------- */

bool memory_set_counter(struct outbox *outbox, int64_t value, struct error *err)
{
    outbox_disk_of(outbox)->counter = value;
    return disk_may_write(outbox, err);
}

bool memory_set_tally(struct outbox *outbox, const struct tally_row *row, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    size_t i = 0;
    for (; i < disk->tallies.count; i++) {
        const struct tally_row *stored = disk->tallies.rows[i];
        if (stored->lane == row->lane && stored->uid == row->uid && stored->state == row->state)
            break;
    }
    struct tally_row *copy = xcalloc(1, sizeof *copy);
    *copy = *row;
    row_put(&disk->journal, &disk->tallies, i, copy);
    return disk_may_write(outbox, err);
}

bool memory_set_note(struct outbox *outbox, const char *name, const char *text, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    struct note *note = xcalloc(1, sizeof *note);
    note->name = xstrdup(name);
    note->text = xstrdup(text);
    row_put(&disk->journal, &disk->notes, disk_index_of_note(disk, name), note);
    return disk_may_write(outbox, err);
}

bool memory_set_scope(struct outbox *outbox, const struct scope_record *record, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    size_t i = 0;
    for (; i < disk->scopes.count; i++) {
        const struct scope_record *stored = disk->scopes.rows[i];
        if (stored->scope == record->scope && same_text(stored->name, record->name))
            break;
    }
    struct scope_record *copy = xcalloc(1, sizeof *copy);
    *copy = *record;
    row_put(&disk->journal, &disk->scopes, i, copy);
    return disk_may_write(outbox, err);
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

bool memory_add_thread(struct outbox *outbox, const char *name, int64_t *thread, struct error *err)
{
    *thread = add_pair(outbox_disk_of(outbox), &outbox_disk_of(outbox)->threads, name, NULL);
    return disk_may_write(outbox, err);
}

bool memory_add_place(struct outbox *outbox, const char *endpoint, const char *remote_thread,
                      int64_t *place, struct error *err)
{
    *place =
        add_pair(outbox_disk_of(outbox), &outbox_disk_of(outbox)->places, endpoint, remote_thread);
    return disk_may_write(outbox, err);
}
