#include "queue/audit.h"

#include "base/memory.h"

#include <stdlib.h>

struct audit {
    struct tally *counted;
    int64_t rows, cursor;
};

struct audit *audit_new(void)
{
    struct audit *audit = xcalloc(1, sizeof *audit);
    audit->counted = tally_new();
    return audit;
}

void audit_free(struct audit *audit)
{
    if (!audit)
        return;
    tally_free(audit->counted);
    free(audit);
}

static void add(struct audit *audit, const struct message *message, int64_t messages)
{
    tally_add(audit->counted, message->lane, message->uid, message->state, messages,
              messages * (int64_t)message->booked_bytes);
}

void audit_count(struct audit *audit, const struct message *message)
{
    add(audit, message, 1);
    audit->rows++;
    audit->cursor = message->id;
}

void audit_note(struct audit *audit, const struct message *message, int64_t messages)
{
    if (message->id <= audit->cursor)
        add(audit, message, messages);
}

int64_t audit_rows(const struct audit *audit)
{
    return audit->rows;
}

int64_t audit_cursor(const struct audit *audit)
{
    return audit->cursor;
}

const struct tally *audit_tally(const struct audit *audit)
{
    return audit->counted;
}

/* ---- the verdict --------------------------------------------------------------------------- */

struct comparison {
    const struct tally *other;
    struct audit_difference *differences;
    size_t count, most;
};

static void add_difference(struct comparison *comparison, const struct tally_row *booked,
                           int64_t counted)
{
    if (comparison->count < comparison->most)
        comparison->differences[comparison->count] = (struct audit_difference){ *booked, counted };
    comparison->count++;
}

/* A row of the books. */
static void compare_booked(void *context, const struct tally_row *row)
{
    struct comparison *comparison = context;
    struct tally_sum counted = tally_sum(comparison->other, row->lane, row->uid, row->state);
    if (counted.messages + row->purged != row->messages ||
        counted.bytes + row->purged_bytes != row->bytes)
        add_difference(comparison, row, counted.messages);
}

/* A row of the count: is it in the books at all? */
static void compare_counted(void *context, const struct tally_row *row)
{
    struct comparison *comparison = context;
    struct tally_sum sum = tally_sum(comparison->other, row->lane, row->uid, row->state);
    struct tally_row booked = *row;
    if (sum.messages != 0 || sum.bytes != 0)
        return;
    booked.messages = booked.bytes = booked.purged = booked.purged_bytes = 0;
    add_difference(comparison, &booked, row->messages);
}

size_t audit_compare(const struct audit *audit, const struct tally *books,
                     struct audit_difference *differences, size_t most)
{
    struct comparison comparison = { .other = audit->counted,
                                     .differences = differences,
                                     .most = most };
    tally_each(books, compare_booked, &comparison);
    comparison.other = books;
    tally_each(audit->counted, compare_counted, &comparison);
    return comparison.count;
}
