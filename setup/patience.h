/*
 * patience.h - how long somebody at a terminal is made to wait for a busy service. Pure.
 */
#ifndef CHATRELAY_SETUP_PATIENCE_H
#define CHATRELAY_SETUP_PATIENCE_H

#include "base/clock.h"

#include <stdbool.h>

enum { PATIENCE_MS = 20 * 1000 };

/* Of one request. Zeroed, nothing was waited for. */
struct patience {
    int times;
    msec_t waited_ms;
};

/*
 * Whether to ask again after `*wait_ms`, which then counts as waited. A 429 was not
 * carried out, so anything may be asked again; of a 503 that is not known, so only
 * what is `repeatable`. `asked_ms` is what the answer's Retry-After says; where it says
 * nothing (DELIVERY_NO_WAIT) it is 2 s, doubling. Not when it would be more than
 * PATIENCE_MS in all.
 */
bool patience_wait(struct patience *patience, int status, msec_t asked_ms, bool repeatable,
                   msec_t *wait_ms);

#endif
