/*
 * timeline.h - what our wall clock was ahead of the steady one by, and until when
 *
 * Ends of attempts are stored by the wall clock, which may be set, and are needed
 * on the steady one: a window lasts as long as it lasts. So while a machine is up
 * it is written down with them how far ahead the wall clock was:
 *
 *            A                 A + 1 h                  A
 *     ----------------|------------------------|---------------> steady
 *                   70 s                     90 s
 *
 * Nothing is known of the time before the machine was started: then the wall clock
 * is believed, as it is now.
 */
#ifndef CHATRELAY_QUEUE_TIMELINE_H
#define CHATRELAY_QUEUE_TIMELINE_H

#include "queue/outbox.h"

enum { TIMELINE_MOST_EPOCHS = 16, TIMELINE_BOOT_LENGTH = 32 };

/* Up to the next one. */
struct epoch {
    msec_t since_steady_at; /* -MSEC_NEVER: whenever the machine was started, and before */
    msec_t ahead_ms;        /* of the steady clock */
};

struct timeline {
    char boot_id[TIMELINE_BOOT_LENGTH + 1]; /* of the machine's start; "" when nobody knows it */
    struct epoch epochs[TIMELINE_MOST_EPOCHS];
    size_t count; /* the last is the present one */
    bool is_stored;
};

/* Read what was written down since the machine was started. Writes nothing. */
void timeline_open(struct timeline *timeline, struct outbox *outbox, const char *boot_id,
                   struct moment now);

/* Before the wall clock's time goes into the outbox: write down what is new of it. */
void timeline_keep(struct timeline *timeline, struct outbox *outbox, struct moment now);

/* The latest instant on the steady clock, now at most, that the stored `at` may mean. */
msec_t timeline_steady(const struct timeline *timeline, msec_t at, struct moment now);

/* The earliest on the wall clock that any since `steady_at` may have been stored as. */
msec_t timeline_earliest(const struct timeline *timeline, msec_t steady_at, struct moment now);

#endif
