#include "client/once.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

enum { TIME_LENGTH = 10, RANDOM_LENGTH = 16, BITS = 5 };

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void once_make(msec_t now_at, const unsigned char random[ONCE_RANDOM_BYTES],
               char once[ONCE_LENGTH + 1])
{
    uint64_t time = (uint64_t)now_at;
    for (int i = TIME_LENGTH - 1; i >= 0; i--, time >>= BITS)
        once[i] = digits[time & 31];

    /* Eight digits for every five bytes. */
    for (int i = 0; i < RANDOM_LENGTH; i++) {
        int bit = i * BITS;
        unsigned pair = (unsigned)random[bit / 8] << 8;
        if (bit / 8 + 1 < ONCE_RANDOM_BYTES)
            pair |= random[bit / 8 + 1];
        once[TIME_LENGTH + i] = digits[pair >> (16 - BITS - bit % 8) & 31];
    }
    once[ONCE_LENGTH] = '\0';
}

void once_make_now(char once[ONCE_LENGTH + 1])
{
    unsigned char random[ONCE_RANDOM_BYTES];

    /* Requests of up to 256 bytes are never cut short (getrandom(2)); without randomness
     * two messages could pass for one, so there is no going on. */
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        abort();
    once_make(clock_now(&clock_system).at, random, once);
}
