/*
 * loss_note.h - messages that were lost, until a person was told
 *
 * It is a note of the outbox, so a restart forgets none of them: written in the
 * turn in which a message is lost, and again in one after the person was told.
 */
#ifndef CHATRELAY_DAEMON_LOSS_NOTE_H
#define CHATRELAY_DAEMON_LOSS_NOTE_H

#include "queue/outbox.h"

struct loss_note {
    int64_t lost;      /* so many, since it was first written */
    int64_t told;      /* so many of them, the first ones, a person knows of */
    int64_t latest_id; /* 0: none */
};

/* All zero when there is none, or the outbox has failed. */
struct loss_note loss_note_read(struct outbox *outbox);

/* So many more are lost, of which this is the latest. */
void loss_note_add(struct outbox *outbox, int64_t count, int64_t latest_id);

/* A person knows of the first `told` of them. To say so twice does no harm. */
void loss_note_tell(struct outbox *outbox, int64_t told);

#endif
