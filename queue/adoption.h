/*
 * adoption.h - take over a database from another machine, or from a backup
 *
 * Since the database was copied, whatever waits in it may have been sent: by the
 * machine that it is from, or by this one. So all of that is in doubt, and looked
 * for before it is sent, wherever its thread leads. That is written down in
 * steps, and nothing goes out before the last one; until then the outbox remains
 * a copy, so that a crash in between changes nothing.
 */
#ifndef CHATRELAY_QUEUE_ADOPTION_H
#define CHATRELAY_QUEUE_ADOPTION_H

#include "queue/outbox.h"

struct adoption {
    bool under_way;
    int64_t cursor;    /* rows up to this id are done */
    int64_t last;      /* what was accepted after this id is our own */
    msec_t doubted_at; /* when it began: of all messages it puts in doubt; 0: it has not */
};

/* Of an outbox that was just opened. `restored`: it is a copy even if it seems to be ours. */
void adoption_begin(struct adoption *adoption, struct outbox *outbox, bool restored);

/*
 * While it is under way: one step, as part of the open turn, of at most
 * ADOPTION_ROWS rows. With the last one the outbox belongs to `machine_id`.
 */
enum { ADOPTION_ROWS = 250 };
void adoption_step(struct adoption *adoption, struct outbox *outbox, const char *machine_id,
                   struct moment now);

/*
 * The greatest message id known of a remote thread at the adoption that put a
 * message in doubt, at `doubted_at`: what the other one sent since has no smaller
 * one. 0: nobody knows.
 */
int64_t adoption_known_id(struct outbox *outbox, int64_t place, msec_t doubted_at);

#endif
