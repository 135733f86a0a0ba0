/*
 * supervisor.h - our side of the talk with systemd (sd_notify(3), sd_listen_fds(3))
 *
 * Without systemd all of it does nothing, and the socket is made by us.
 */
#ifndef CHATRELAY_DAEMON_SUPERVISOR_H
#define CHATRELAY_DAEMON_SUPERVISOR_H

#include "base/clock.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A listening, non-blocking Unix stream socket: the one that systemd passed to
 * us, else one that we make at `path`, open to everybody. `*is_ours` tells
 * which. Negative on failure.
 */
MUST_CHECK int supervisor_listen(const char *path, bool *is_ours, struct error *err);

/*
 * The listening socket that systemd passed, now non-blocking; a second call finds it no more.
 * -1 when there is none, -2 when what was passed is something else.
 */
MUST_CHECK int supervisor_passed(struct error *err);

/* How many files we may have open, after raising that to `wanted` as far as we are allowed to. */
size_t supervisor_open_files(size_t wanted);

/* Is there anybody to tell? */
bool supervisor_is_there(void);

void supervisor_ready(void);
void supervisor_reloading(void);
void supervisor_stopping(void);
void supervisor_status(const char *format, ...) PRINTF_LIKE(1, 2);

/*
 * How often supervisor_alive() is to be called: twice in the time after which we would be taken for
 * hung (WatchdogSec=), as sd_watchdog_enabled(3) advises. MSEC_NEVER when nobody watches.
 */
msec_t supervisor_watch_ms(void);
void supervisor_alive(void);

#endif
