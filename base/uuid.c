#include "base/uuid.h"

#include <stddef.h>

static uint8_t byte_at(const uint8_t random[UUID_RANDOM_BYTES], size_t i)
{
    enum { VERSION_BYTE = 6, VARIANT_BYTE = 8 };
    if (i == VERSION_BYTE)
        return (uint8_t)((random[i] & 0x0f) | 0x40);
    return i == VARIANT_BYTE ? (uint8_t)((random[i] & 0x3f) | 0x80) : random[i];
}

void uuid_write(const uint8_t random[UUID_RANDOM_BYTES], char text[UUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < UUID_RANDOM_BYTES; i++) {
        uint8_t byte = byte_at(random, i);
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = digits[byte >> 4];
        *text++ = digits[byte & 0xf];
    }
    *text = '\0';
}
