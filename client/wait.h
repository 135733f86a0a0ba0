/*
 * wait.h - wait for a stored message to end, and say how
 */
#ifndef CHATRELAY_CLIENT_WAIT_H
#define CHATRELAY_CLIENT_WAIT_H

#include "client/relay.h"

#include <stdint.h>

struct wait {
    int64_t id;
    const char *goal; /* "end", "sent" or "visible"; NULL: the relay's default */
    msec_t within_ms; /* MSEC_NEVER: for ever */
};

/* The request as a line. */
void wait_line(const struct wait *wait, struct text *line);

/*
 * RELAY_ANSWERED: `answer` is ok and carries id, state and perhaps reason and
 * timeout, or it is a refusal; the caller clears it.
 */
MUST_CHECK enum relay_result wait_ask(struct relay *relay, const struct wait *wait,
                                      struct answer *answer, struct error *err);

/* What a state says about a message: its exit code, and if it is not sent a sentence on
 * standard error. */
enum exit_code wait_say(const struct answer *answer);

#endif
