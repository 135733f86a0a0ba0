/*
 * once.h - a name for one hand-over, so that repeating it stores nothing twice
 */
#ifndef CHATRELAY_CLIENT_ONCE_H
#define CHATRELAY_CLIENT_ONCE_H

#include "base/clock.h"

enum {
    ONCE_RANDOM_BYTES = 10,
    ONCE_LENGTH = 26,
};

/*
 * 26 letters and digits that order by time: 10 for the milliseconds since the
 * epoch, 16 for the random bytes (base32 of Crockford, as ULIDs have it). Ordered
 * keys are the ones that a database's index takes in fastest.
 */
void once_make(msec_t now_at, const unsigned char random[ONCE_RANDOM_BYTES],
               char once[ONCE_LENGTH + 1]);

/* With the system's clock and randomness. */
void once_make_now(char once[ONCE_LENGTH + 1]);

#endif
