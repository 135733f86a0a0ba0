#include "queue/likeness.h"

#include "base/fnv.h"

#include <stdbool.h>
#include <stddef.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whatever is not ASCII is part of a word. */
static bool is_of_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* Its length; `is_number` when there is a digit in it. */
static size_t measure_word(const char *text, bool *is_number)
{
    size_t length = 0;
    for (*is_number = false; is_of_word(text[length]); length++)
        *is_number = *is_number || is_digit(text[length]);
    return length;
}

uint64_t likeness_of(const char *text)
{
    uint64_t hash = FNV_START;
    while (*text) {
        bool is_number = false;
        size_t word = measure_word(text, &is_number), length = word ? word : 1;
        hash = is_number ? fnv_add(hash, "0", 1) : fnv_add(hash, text, length);
        text += length;
    }
    return hash;
}
