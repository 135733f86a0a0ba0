/*
 * shelf.h - rows that were read together, until each is asked for
 *
 * To find a row and to read it costs about as much as the rest of a delivery's
 * beginning. Who asks where a lane begins will soon ask for its messages, one
 * after another: so they are read in one go and lie here meanwhile. What changes
 * the row of a pending message takes it away first; then it is read anew.
 *
 * Nothing depends on what lies here: it has few places, the newest wins one, and
 * long messages get none.
 */
#ifndef CHATRELAY_QUEUE_SHELF_H
#define CHATRELAY_QUEUE_SHELF_H

#include "queue/message.h"

/*
 * Places are had by id, so that neighbours do not push each other out. Two thousand of the longest
 * that get one are 2 MiB.
 */
enum { SHELF_PLACES = 2048, SHELF_LONGEST_BYTES = 512 };

struct shelf;

struct shelf *shelf_new(void);
void shelf_free(struct shelf *shelf); /* NULL is fine */

/* Takes the strings of `message` over, or frees them, and zeroes it. */
void shelf_put(struct shelf *shelf, struct message *message);

/* Hand the row over: it is the caller's to clear. False, and untouched, if it is not here. */
bool shelf_take(struct shelf *shelf, int64_t id, struct message *message);

/* The row is about to change. */
void shelf_drop(struct shelf *shelf, int64_t id);

#endif
