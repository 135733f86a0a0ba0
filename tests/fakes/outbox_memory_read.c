/*
 * outbox_memory_read.c - what reads everything else
 */
#include "base/memory.h"
#include "tests/fakes/outbox_memory_disk.h"

#include <stdlib.h>

size_t disk_index_of_note(const struct outbox_disk *disk, const char *name)
{
    size_t i = 0;
    while (i < disk->notes.count && !same_text(((struct note *)disk->notes.rows[i])->name, name))
        i++;
    return i;
}

/* ---- reading everything else ---------------------------------------------------------------- */

static int by_number(const void *one, const void *other)
{
    int64_t a = (*(struct attempt *const *)one)->number;
    int64_t b = (*(struct attempt *const *)other)->number;
    return (a > b) - (a < b);
}

bool memory_attempts(struct outbox *outbox, int64_t message,
                     void (*row)(void *context, const struct attempt *attempt), void *context,
                     struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    const struct attempt **picked = xcalloc(disk->attempts.count + 1, sizeof(struct attempt *));
    size_t count = 0;
    for (size_t i = 0; i < disk->attempts.count; i++)
        if (disk_attempt(disk, i)->message == message)
            picked[count++] = disk_attempt(disk, i);
    if (count > 0)
        qsort(picked, count, sizeof(struct attempt *), by_number);
    for (size_t i = 0; i < count; i++)
        row(context, picked[i]);
    free(picked);
    return disk_may_read(outbox, err);
}

static bool is_open(struct outbox_disk *disk, const struct attempt *attempt)
{
    size_t index = 0;
    const struct message *message = disk_find(disk, attempt->message, &index);
    return attempt->ended_at == 0 && message && message->doubted_at != 0;
}

bool memory_recent(struct outbox *outbox, msec_t since_at,
                   void (*row)(void *context, const struct attempt *attempt), void *context,
                   struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    for (size_t i = 0; i < disk->attempts.count; i++) {
        const struct attempt *attempt = disk_attempt(disk, i);
        if (attempt->ended_at > since_at || is_open(disk, attempt))
            row(context, attempt);
    }
    return disk_may_read(outbox, err);
}

/* Those of messages in doubt are not filed yet. */
static bool is_filed(struct outbox_disk *disk, const struct attempt *attempt)
{
    size_t index = 0;
    const struct message *message = disk_find(disk, attempt->message, &index);
    return !message || message->doubted_at == 0 || attempt->number != message->attempts;
}

bool memory_log(struct outbox *outbox, int64_t after, size_t most,
                void (*row)(void *context, const struct attempt *attempt), void *context,
                int64_t *next, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    size_t given = 0, i = after ? (size_t)after - 1 : disk->attempts.count;
    for (size_t open = disk->attempts.count; after == 0 && open-- > 0;)
        if (!is_filed(disk, disk_attempt(disk, open)))
            row(context, disk_attempt(disk, open));
    while (i > 0 && given < most) {
        const struct attempt *attempt = disk_attempt(disk, --i);
        if (is_filed(disk, attempt)) {
            row(context, attempt);
            given++;
        }
    }
    *next = i > 0 ? (int64_t)i + 1 : 0;
    return disk_may_read(outbox, err);
}

bool memory_scopes(struct outbox *outbox,
                   void (*row)(void *context, const struct scope_record *record), void *context,
                   struct error *err)
{
    const struct outbox_disk *disk = outbox_disk_of(outbox);
    for (size_t i = 0; i < disk->scopes.count; i++)
        row(context, disk->scopes.rows[i]);
    return disk_may_read(outbox, err);
}

bool memory_tallies(struct outbox *outbox, void (*row)(void *context, const struct tally_row *row),
                    void *context, struct error *err)
{
    const struct outbox_disk *disk = outbox_disk_of(outbox);
    for (size_t i = 0; i < disk->tallies.count; i++)
        row(context, disk->tallies.rows[i]);
    return disk_may_read(outbox, err);
}

bool memory_counter(struct outbox *outbox, int64_t *value, struct error *err)
{
    *value = outbox_disk_of(outbox)->counter;
    return disk_may_read(outbox, err);
}

bool memory_note(struct outbox *outbox, const char *name, char **text, struct error *err)
{
    const struct outbox_disk *disk = outbox_disk_of(outbox);
    if (!disk_may_read(outbox, err))
        return false;
    size_t i = disk_index_of_note(disk, name);
    if (i < disk->notes.count)
        *text = xstrdup(((struct note *)disk->notes.rows[i])->text);
    return true;
}

static bool find_pair(const struct row_table *table, const char *first, const char *second,
                      int64_t *number)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct pair *pair = table->rows[i];
        if (same_text(pair->first, first) && (!second || same_text(pair->second, second))) {
            *number = (int64_t)i + 1;
            return true;
        }
    }
    return false;
}

bool memory_thread(struct outbox *outbox, const char *name, int64_t *thread, bool *found,
                   struct error *err)
{
    *found = find_pair(&outbox_disk_of(outbox)->threads, name, NULL, thread);
    return disk_may_read(outbox, err);
}

bool memory_place(struct outbox *outbox, const char *endpoint, const char *remote_thread,
                  int64_t *place, bool *found, struct error *err)
{
    *found = find_pair(&outbox_disk_of(outbox)->places, endpoint, remote_thread, place);
    return disk_may_read(outbox, err);
}

static const struct pair *pair_of(const struct row_table *table, int64_t number)
{
    return number > 0 && (size_t)number <= table->count ? table->rows[number - 1] : NULL;
}

bool memory_thread_name(struct outbox *outbox, int64_t thread, char **name, bool *found,
                        struct error *err)
{
    const struct pair *pair = pair_of(&outbox_disk_of(outbox)->threads, thread);
    if (!disk_may_read(outbox, err))
        return false;
    *found = pair != NULL;
    if (pair)
        *name = xstrdup(pair->first);
    return true;
}

bool memory_place_name(struct outbox *outbox, int64_t place, char **endpoint, char **remote_thread,
                       bool *found, struct error *err)
{
    const struct pair *pair = pair_of(&outbox_disk_of(outbox)->places, place);
    if (!disk_may_read(outbox, err))
        return false;
    *found = pair != NULL;
    if (pair) {
        *endpoint = xstrdup(pair->first);
        *remote_thread = xstrdup_or_null(pair->second);
    }
    return true;
}
