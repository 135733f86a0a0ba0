/*
 * token_watch.h - who minds the access tokens that nobody renews
 *
 * A token out of a file dies, and then messages wait. The log says so before:
 * once when somebody should look, once when somebody must act, and again only
 * when another token has been there meanwhile that was well.
 */
#ifndef CHATRELAY_DAEMON_TOKEN_WATCH_H
#define CHATRELAY_DAEMON_TOKEN_WATCH_H

#include "base/clock.h"
#include "queue/diagnosis.h"

#include <stdbool.h>

struct desk;
struct told_sender;

/* Zeroed: nothing was told. */
struct token_watch {
    struct told_sender *told; /* a list */
    msec_t looked_steady_at;
};

/* Whether that is worse than what was told of this sender; it is taken for told then. Pure. */
bool token_watch_notes(struct token_watch *watch, const char *sender, enum level level);

/* Look, no more than once a second. Returns how long until that is to be done again. */
msec_t token_watch_tend(struct desk *desk);

void token_watch_clear(struct token_watch *watch);

#endif
