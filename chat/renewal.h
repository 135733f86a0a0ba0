/*
 * renewal.h - when to fetch a sender's next token. Pure.
 *
 * A token is renewed 10 minutes before it expires; where less than 20 are left of
 * its life, half-way. Both come a little early, spread by dice, so that senders
 * that got theirs together do not come back together. A fetch that failed is
 * repeated with back-off whether or not a token is still alive: when the service
 * is back, the token shall be there before somebody asks for it.
 */
#ifndef CHATRELAY_CHAT_RENEWAL_H
#define CHATRELAY_CHAT_RENEWAL_H

#include "base/clock.h"
#include "queue/retry.h"

#include <stdbool.h>

enum { RENEWAL_MARGIN_MS = 10 * 60 * 1000 };

/* Instants are on the wall clock, as a token's expiry is. Zeroed: nothing was fetched yet. */
struct renewal {
    bool has_token;
    msec_t obtained_at;
    msec_t expires_at;          /* MSEC_NEVER when the token does not tell */
    int64_t failures;           /* to fetch the next one, in a row */
    msec_t failed_at;           /* the latest of them */
    struct retry_policy policy; /* the waits between them */
};

/*
 * When to fetch the next token: `now_at` or before it means at once, MSEC_NEVER
 * means that this one lasts. `dice`, 32 random bits, stays the same for as long
 * as the state does.
 */
msec_t renewal_due_at(const struct renewal *state, msec_t now_at, uint32_t dice);

/* Whether there is a token that may still be sent. */
bool renewal_is_alive(const struct renewal *state, msec_t now_at);

/* What happened, as changes of the state. */
void renewal_obtained(struct renewal *state, msec_t expires_at, msec_t now_at);
void renewal_failed(struct renewal *state, msec_t now_at);

/* The chat refused the token: it is gone, and the next one is fetched at once. */
void renewal_discarded(struct renewal *state);

#endif
