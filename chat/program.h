/*
 * program.h - a program of the operator's, run beside the event loop
 *
 *     started --> prints --> ends ----------------> done
 *                   |                                 ^
 *                   +--too long, too much--> killed --+  (also when it does not die)
 */
#ifndef CHATRELAY_CHAT_PROGRAM_H
#define CHATRELAY_CHAT_PROGRAM_H

#include "base/clock.h"
#include "base/error.h"

#include <stddef.h>

struct event_base;
struct program;

/*
 * What it printed, valid during the call and wiped after it; or NULL and why there
 * is nothing: it could not be started, ended with another status than 0, took too
 * long or printed too much. The program is no longer there, unless it cannot be killed.
 */
typedef void program_done(void *context, const char *output, size_t length,
                          const struct error *err);

/*
 * Start `command`: an absolute path and arguments with blanks between them; no
 * shell reads it. It is in a process group of its own, reads `input` (NULL: nothing;
 * at most PROGRAM_LONGEST_INPUT bytes), and has our environment and standard error,
 * but no other file of ours. `done` is called exactly once, from the loop. Give it
 * back to program_free() to give it up earlier.
 */
enum { PROGRAM_LONGEST_INPUT = 32 * 1024 }; /* which a pipe holds, so that nobody waits */
struct program *program_start(struct event_base *loop, const char *command, const char *input,
                              msec_t timeout_ms, size_t longest_output, program_done *done,
                              void *context);

/*
 * Kill it and whatever it has started in its group; `done` is not called. Returns
 * without waiting for its end: the loop reaps it. NULL is fine.
 */
void program_free(struct program *program);

#endif
