#include "setup/unique.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { BYTES = 16 };

/* As much as is asked for comes at once, or the kernel has none at all. */
static void draw(unsigned char bytes[BYTES])
{
    if (getrandom(bytes, BYTES, 0) != BYTES)
        abort();
}

void unique_request(char id[UNIQUE_REQUEST_SIZE])
{
    unsigned char b[BYTES];
    draw(b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(id, UNIQUE_REQUEST_SIZE,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
}

void unique_stamp(char stamp[STAMP_LENGTH + 1])
{
    unsigned char bytes[BYTES];
    draw(bytes);
    for (size_t i = 0; i < BYTES; i++)
        snprintf(stamp + 2 * i, 3, "%02x", bytes[i]);
}
