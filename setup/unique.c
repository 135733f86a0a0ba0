#include "setup/unique.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { BYTES = UUID_RANDOM_BYTES };

/* As much as is asked for comes at once, or the kernel has none at all. */
static void draw(uint8_t bytes[BYTES])
{
    if (getrandom(bytes, BYTES, 0) != BYTES)
        abort();
}

void unique_request(char id[UUID_TEXT_SIZE])
{
    uint8_t bytes[BYTES];
    draw(bytes);
    uuid_write(bytes, id);
}

void unique_stamp(char stamp[STAMP_LENGTH + 1])
{
    uint8_t bytes[BYTES];
    draw(bytes);
    for (size_t i = 0; i < BYTES; i++)
        snprintf(stamp + 2 * i, 3, "%02x", bytes[i]);
}
