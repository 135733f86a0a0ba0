/*
 * harmless.h - what others wrote, fit to be shown at a terminal. Pure
 *
 * What commands a terminal (control characters, U+0080 to U+009F among them) or turns the
 * direction of text becomes U+FFFD.
 */
#ifndef CHATRELAY_BASE_HARMLESS_H
#define CHATRELAY_BASE_HARMLESS_H

#include "base/text.h"

#include <stddef.h>

/* Append UTF-8 of several lines: newlines and tabs stay. */
void harmless_add(struct text *out, const char *string);

/*
 * Append the first `length` bytes, of a string that may go on, as part of a line: newlines,
 * carriage returns and tabs become blanks.
 */
void harmless_add_line(struct text *out, const char *string, size_t length);

/*
 * What stands at the end of `out`, from byte `from` on, is a value in a line of NAME=VALUE: so that
 * it can neither end itself nor begin another, each double quote becomes a single one, and in a
 * word, which stands without quotes, each blank "_".
 */
void harmless_keep_quoted(struct text *out, size_t from);
void harmless_keep_word(struct text *out, size_t from);

#endif
