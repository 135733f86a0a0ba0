/*
 * audit.h - do the books balance? The tally against the rows that it counts
 *
 * The rows are counted in slices, with turns in between. Rows that change after
 * they were counted are counted anew by audit_note(), so that the result is
 * exact however long it takes:
 *
 *     rows:  1 2 3 4 5 6 7 8 9 ...
 *            counted ^ not yet
 */
#ifndef CHATRELAY_QUEUE_AUDIT_H
#define CHATRELAY_QUEUE_AUDIT_H

#include "queue/tally.h"

#include <stdbool.h>
#include <stddef.h>

struct audit;

struct audit *audit_new(void);
void audit_free(struct audit *audit);

/* Count a row; they come by id, rising. */
void audit_count(struct audit *audit, const struct message *message);

/*
 * The books change by `messages` (1 or -1) for a message as it is now: so does
 * the count, if its row was counted already. A new row was not.
 */
void audit_note(struct audit *audit, const struct message *message, int64_t messages);

/* Rows counted so far, and the id of the last. */
int64_t audit_rows(const struct audit *audit);
int64_t audit_cursor(const struct audit *audit);

/* An account that does not balance. */
struct audit_difference {
    struct tally_row booked;
    int64_t counted; /* rows; with those purged they should be as many as booked */
};

/* How many accounts differ; the first `most` of them are put into `differences`. */
size_t audit_compare(const struct audit *audit, const struct tally *books,
                     struct audit_difference *differences, size_t most);

/* What was counted, as a tally. Borrowed. */
const struct tally *audit_tally(const struct audit *audit);

#endif
