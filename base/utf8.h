/*
 * utf8.h - is it UTF-8, how long is it, and what to do if it is not
 */
#ifndef CHATRELAY_BASE_UTF8_H
#define CHATRELAY_BASE_UTF8_H

#include "base/text.h"

#include <stddef.h>

/*
 * The length in bytes of the longest prefix that is well-formed UTF-8 (RFC 3629:
 * no overlong forms, no surrogates, nothing above U+10FFFF). Equal to `length`
 * when all of it is.
 */
size_t utf8_valid_prefix(const char *bytes, size_t length);

/* The number of UTF-16 code units that well-formed UTF-8 turns into. */
size_t utf8_utf16_units(const char *bytes, size_t length);

/* The largest size <= `limit` at which well-formed UTF-8 may be cut: not inside a character. */
size_t utf8_cut(const char *bytes, size_t length, size_t limit);

/* The length without what a cut inside its last character has left of it. */
size_t utf8_whole(const char *bytes, size_t length);

/* Copy `from` into `to`, of `size` bytes, or what of it fits in whole characters. */
void utf8_copy(char *to, size_t size, const char *from);

/*
 * Append `bytes` to `text` with U+FFFD in place of every byte that is not part of
 * a well-formed character. Returns how many those were.
 */
size_t utf8_repair(struct text *text, const char *bytes, size_t length);

#endif
