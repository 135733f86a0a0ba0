/*
 * excuse.h - one sentence for a client that cannot be served
 *
 * Its request is not read: the sentence is the answer to whatever it asks. Everybody
 * may connect, so it is for everybody.
 */
#ifndef CHATRELAY_DAEMON_EXCUSE_H
#define CHATRELAY_DAEMON_EXCUSE_H

#include "wire/refusal.h"

/* To one client, before its connection is closed. It need not arrive: nobody waits for that. */
void excuse_say(int fd, const struct refusal *refusal);

/*
 * To all who wait at a listening socket for a relay that cannot serve them, and close them: else
 * they would wait for nothing, and have it started again and again.
 */
void excuse_waiting(int listen_fd, const struct refusal *refusal);

/* Why the relay does not start: to systemd, and to all who wait at the socket that it passed. */
void excuse_from_start(const char *why);

#endif
