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
    give_attempts(picked, count, by_number, row, context);
    return disk_may_read(outbox, err);
}

bool memory_recent(struct outbox *outbox, msec_t since_at,
                   void (*row)(void *context, const struct attempt *attempt), void *context,
                   struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    const struct attempt **picked = xcalloc(disk->attempts.count + 1, sizeof(struct attempt *));
    size_t count = 0;
    for (size_t i = 0; i < disk->attempts.count; i++)
        if (disk_attempt(disk, i)->began_at > since_at || disk_attempt(disk, i)->ended_at == 0)
            picked[count++] = disk_attempt(disk, i);
    give_attempts(picked, count, newest_first, row, context);
    return disk_may_read(outbox, err);
}

bool memory_log(struct outbox *outbox, msec_t before_at, size_t most,
                void (*row)(void *context, const struct attempt *attempt), void *context,
                msec_t *next_at, struct error *err)
{
    struct outbox_disk *disk = outbox_disk_of(outbox);
    const struct attempt **picked = xcalloc(disk->attempts.count + 1, sizeof(struct attempt *));
    size_t count = 0, given = 0;
    for (size_t i = 0; i < disk->attempts.count; i++)
        if (disk_attempt(disk, i)->began_at < before_at)
            picked[count++] = disk_attempt(disk, i);
    if (count > 0)
        qsort(picked, count, sizeof(struct attempt *), newest_first);
    while (given < count &&
           (given < most || picked[given]->began_at == picked[given - 1]->began_at))
        row(context, picked[given++]);
    *next_at = given < count ? picked[given - 1]->began_at : 0;
    free(picked);
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
