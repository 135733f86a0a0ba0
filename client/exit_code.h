/*
 * exit_code.h - what the command's exit status promises
 *
 * A contract with scripts (chatrelay(1)); the numbers never change. Of `send`:
 * 64 to 78 mean that nothing was stored, 0, 10 and 11 that the message is on disk.
 */
#ifndef CHATRELAY_CLIENT_EXIT_CODE_H
#define CHATRELAY_CLIENT_EXIT_CODE_H

#include "wire/refusal.h"

enum exit_code {
    EXIT_CODE_DONE = 0,
    EXIT_CODE_LOOK = 1,            /* status: something is worth a look */
    EXIT_CODE_ACT = 2,             /* status: somebody has to do something */
    EXIT_CODE_WAIT_RAN_OUT = 10,   /* stored, and not yet sent: do not send it again */
    EXIT_CODE_NOT_SENT = 11,       /* stored, and ended dead, expired or cancelled */
    EXIT_CODE_UNKNOWN = 12,        /* no answer: send: repeat with the `once` that is printed */
    EXIT_CODE_SOME_STORED = 13,    /* of several messages; standard output says which */
    EXIT_CODE_USAGE = 64,          /* the command line is wrong */
    EXIT_CODE_BAD_DATA = 65,       /* the message is wrong */
    EXIT_CODE_NOT_FOUND = 66,      /* no such message */
    EXIT_CODE_UNKNOWN_THREAD = 67, /* no such thread */
    EXIT_CODE_UNREACHABLE = 69,    /* the relay is not there, or the chat does not answer us */
    EXIT_CODE_TRY_LATER = 75,      /* full, busy, or the disk failed */
    EXIT_CODE_PROTOCOL = 76,       /* the relay does not understand, or is none */
    EXIT_CODE_DENIED = 77,         /* not allowed */
    EXIT_CODE_BAD_SETTINGS = 78,   /* the environment is wrong */
};

/* Whatever may be tried again is EXIT_CODE_TRY_LATER, also words that we do not know yet. */
enum exit_code exit_code_of_refusal(const struct refusal *refusal);

/*
 * Of a message in this state when the wait for it is over: done if it is sent,
 * alone or folded into one that is; ran out while it is not final.
 */
enum exit_code exit_code_of_state(const char *state);

/* Of `status` and `check`, whose answers have a level: well, look or act. */
enum exit_code exit_code_of_level(const char *level);

/* The same without such an answer: a relay that is not there, or cannot use its disk, is no smaller
 * matter than what it would say. */
enum exit_code exit_code_of_no_level(enum exit_code code);

#endif
