/*
 * say.h - to people, on standard error
 */
#ifndef CHATRELAY_CLIENT_SAY_H
#define CHATRELAY_CLIENT_SAY_H

#include "base/attributes.h"
#include "client/exit_code.h"
#include "wire/answer.h"

/* "chatrelay: ..." and a newline. */
void say(const char *format, ...) PRINTF_LIKE(1, 2);

/* The same, and the exit code of a wrong command line. */
enum exit_code say_usage(const char *verb, const char *format, ...) PRINTF_LIKE(2, 3);

/* Why the relay refused; answers the exit code that goes with it. With `json` the
 * refusal itself goes to standard output. */
enum exit_code say_refusal(const struct answer *answer, bool json);

/* That so many bytes of a message, one or more, had to be replaced. */
void say_repaired(size_t count);

/* A JSON object as one line on standard output. */
void say_json(const json_t *object);

#endif
