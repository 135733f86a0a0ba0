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

#endif
