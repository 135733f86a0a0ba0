/*
 * excuse.h - one sentence for a client that cannot be served, and a closed connection
 *
 * Its request is not read: the sentence is the answer to whatever it asks.
 */
#ifndef CHATRELAY_DAEMON_EXCUSE_H
#define CHATRELAY_DAEMON_EXCUSE_H

#include "wire/refusal.h"

/* To one client; `fd` is closed. The sentence need not arrive: nobody waits for that. */
void excuse_one(int fd, const struct refusal *refusal);

/*
 * Of a relay that cannot start, to systemd and to all who wait at the socket that it
 * passed: else they would wait for nothing, and have it started again and again.
 * Everybody may connect, so `why` is for everybody.
 */
void excuse_all(const char *why);

#endif
