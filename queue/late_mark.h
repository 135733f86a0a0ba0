/*
 * late_mark.h - a message that comes late says so, and one that stands for several
 *
 *     [sent 01:12 UTC, 2 h 31 min ago] disk full on db01
 *     [x37 since 01:12 UTC] disk full on db01
 *     [x37 since 01:12 UTC; sent 01:40 UTC, 2 h 3 min ago] disk full on db01
 *
 * The chat shows when a message arrived there, not when it was meant. The mark
 * is composed for each attempt and kept with the message, so that one in doubt
 * can still be compared with what the chat has.
 */
#ifndef CHATRELAY_QUEUE_LATE_MARK_H
#define CHATRELAY_QUEUE_LATE_MARK_H

#include "queue/message.h"

/* What the settings of a thread say. */
struct late_mark_rule {
    msec_t after_ms; /* late is more than that after acceptance or `at`; MSEC_NEVER: nothing is */
    int64_t limit;   /* of content with its mark; where it would be longer, the mark is left out */
    bool utf16;      /* the limit counts UTF-16 units, else bytes */
};

/*
 * The mark for an attempt that begins now; to be freed. NULL for none: it is
 * neither late nor stands for others, it has metadata of its own (somebody's
 * program reads it), it is the relay's own word, or the limit does not allow it;
 * if it has room for one of the two alone, that is the number. Times are in the
 * process's zone, tzset(3), which is named.
 */
char *late_mark_compose(const struct late_mark_rule *rule, const struct message *message,
                        msec_t now_at);

/* Content with its mark in front; to be freed. */
char *late_mark_prepend(const char *mark, const char *content);

#endif
