/*
 * exact.h - lines in memory of exactly their size, so that a sanitizer sees a byte too much being
 * read
 */
#ifndef CHATRELAY_TESTS_UNIT_WIRE_EXACT_H
#define CHATRELAY_TESTS_UNIT_WIRE_EXACT_H

#include "base/memory.h"

#include <string.h>

/* Without its NUL. To be freed. */
static inline char *exact_copy(const char *line)
{
    size_t length = strlen(line);
    char *copy = xcalloc(length ? length : 1, 1);
    for (size_t i = 0; i < length; i++)
        copy[i] = line[i];
    return copy;
}

#endif
