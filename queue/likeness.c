#include "queue/likeness.h"

#include <stdbool.h>
#include <stddef.h>

/* FNV-1a, 64 bits. */
static const uint64_t hash_start = 14695981039346656037U, hash_prime = 1099511628211U;

static uint64_t hash_byte(uint64_t hash, char byte)
{
    return (hash ^ (unsigned char)byte) * hash_prime;
}

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
    uint64_t hash = hash_start;
    while (*text) {
        bool is_number = false;
        size_t length = measure_word(text, &is_number);
        if (is_number) {
            hash = hash_byte(hash, '0');
            text += length;
            continue;
        }
        for (const char *end = text + (length ? length : 1); text < end; text++)
            hash = hash_byte(hash, *text);
    }
    return hash;
}
