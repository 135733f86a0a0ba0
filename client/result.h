/*
 * result.h - what became of messages that were handed over
 *
 * On standard output a line for each; and the exit code of them all.
 */
#ifndef CHATRELAY_CLIENT_RESULT_H
#define CHATRELAY_CLIENT_RESULT_H

#include "client/exit_code.h"
#include "wire/answer.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A result that is not the relay's, in the form of an answer: "unknown" if the message
 * may have been stored, "unreachable" if it was not, with the `once` to repeat it with.
 */
void result_print_own(bool may_be_stored, const char *why, const char *once);

/* How many messages ended how. Zeroed, none. */
struct results {
    size_t stored, refused, unknown;
    enum exit_code first_code; /* of the first that was refused */
};

/* The relay answered. `line` is what it said, without newline; `doubted` if an earlier
 * hand-over of the message was not answered. */
void results_take_answer(struct results *results, const struct answer *answer, const char *line,
                         size_t length, bool doubted, const char *once);

/* Refused without asking the relay; `line` is the answer, with its newline. */
void results_take_refusal(struct results *results, const char *line);

/* There was no answer. `code` says why, if the message was not even handed over. */
void results_take_silence(struct results *results, bool doubted, const char *why, const char *once,
                          enum exit_code code);

/* The input could not be read to its end: it counts as a message that was refused. */
void results_note_lost_input(struct results *results);

enum exit_code results_exit_code(const struct results *results);

#endif
