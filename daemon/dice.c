#include "daemon/dice.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* getrandom(2): of the urandom pool it fails only when a signal comes in between. */
static void refill(struct dice *dice)
{
    size_t filled = 0;
    while (filled < sizeof dice->bytes) {
        ssize_t got = getrandom(dice->bytes + filled, sizeof dice->bytes - filled, 0);
        if (got > 0)
            filled += (size_t)got;
    }
    dice->left = sizeof dice->bytes;
}

static void take(struct dice *dice, void *bytes, size_t count)
{
    if (dice->left < count)
        refill(dice);
    dice->left -= count;
    memcpy(bytes, dice->bytes + dice->left, count);
}

uint32_t dice_roll(struct dice *dice)
{
    uint32_t roll;
    take(dice, &roll, sizeof roll);
    return roll;
}

void dice_stamp(struct dice *dice, char stamp[STAMP_LENGTH + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[STAMP_LENGTH / 2];
    take(dice, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        stamp[2 * i] = digits[bytes[i] >> 4];
        stamp[2 * i + 1] = digits[bytes[i] & 0xf];
    }
    stamp[STAMP_LENGTH] = '\0';
}
