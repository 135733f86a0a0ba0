/*
 * run.h - run a command as a shell would, and listen in
 *
 *     its standard output --+--> ours          its standard error --+--> ours
 *                           '--> tail <-----------------------------'
 *
 * It has our standard input, environment and terminal. A signal that asks us to
 * end is handed on to it; it decides. It is over when the command itself has
 * ended, and all that was written until then is passed on: what it left in the
 * background is not waited for, and can write to us no more.
 */
#ifndef CHATRELAY_CLIENT_RUN_H
#define CHATRELAY_CLIENT_RUN_H

#include "base/clock.h"
#include "client/tail.h"

#include <stdbool.h>

enum {
    RUN_CANNOT_RUN = 126, /* as a shell's exit status has it */
    RUN_NOT_FOUND = 127,
    RUN_SIGNALLED = 128, /* and the signal's number */
};

struct run {
    int status; /* the exit status, as a shell's $? has it */
    int signal; /* that ended it, 0 for none */
    int error;  /* errno if it could not be run at all, else 0 */
    msec_t lasted_ms;
    struct tail tail; /* of both outputs, as they came */
};

/* `words` is the command line, NULL at its end. Clear `run` after. */
void run_command(const char *const *words, struct run *run);

void run_clear(struct run *run);

#endif
