/*
 * check.h - what is known of a request without the relay, and of its refusals
 */
#ifndef CHATRELAY_CLIENT_CHECK_H
#define CHATRELAY_CLIENT_CHECK_H

#include "base/text.h"
#include "client/exit_code.h"
#include "wire/refusal.h"

#include <stddef.h>

/*
 * What the relay would refuse whatever its settings is refused here, even while it
 * is away: false, and `refused` is the answer as a line.
 */
MUST_CHECK bool check_bytes(const char *line, size_t length, struct text *refused);

/* The same for a line with its newline; false after saying why, with the exit code. */
MUST_CHECK bool check_line(const struct text *line, bool json, enum exit_code *code);

/* Say a refusal of our own as one of the relay would be said. */
enum exit_code check_say(const struct refusal *refusal, bool json);

/*
 * Of a request that was handed over before without an answer: true if that earlier
 * try may have been stored nevertheless, because the relay's settings or its load
 * changed in between.
 */
bool check_leaves_doubt(const struct refusal *refusal);

#endif
