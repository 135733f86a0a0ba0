/*
 * check_desk.h - the desk for checks of the service: those who asked how tokens and threads are
 *
 * Each is answered when every thread that he asked for has been looked at since.
 */
#ifndef CHATRELAY_DAEMON_CHECK_DESK_H
#define CHATRELAY_DAEMON_CHECK_DESK_H

#include "daemon/desk.h"

/* The operation check. */
void check_desk_answer(struct desk *desk, struct peer *peer, const struct request *request);

/* Whether somebody waits for a look at this thread that begins after that number `look`. */
bool check_desk_awaits(const struct desk *desk, int64_t thread, int64_t look);

/* A look has ended, or the settings have changed: answer those who need wait no longer. */
void check_desk_review(struct desk *desk);

/* The end; nobody asks any more. */
void check_desk_clear(struct desk *desk);

#endif
