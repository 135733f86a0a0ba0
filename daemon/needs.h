/*
 * needs.h - what a person is needed for, in words
 */
#ifndef CHATRELAY_DAEMON_NEEDS_H
#define CHATRELAY_DAEMON_NEEDS_H

#include "base/text.h"
#include "daemon/desk.h"

/*
 * Append a line for each thing that a person is needed for: nothing when for none. No content of
 * a message is in it. `*lost`: with these lines so many losses are told, as loss_note.h counts
 * them; it stays as it is when they cannot be read.
 */
void needs_say(struct desk *desk, struct text *text, int64_t *lost);

#endif
