/*
 * text.h - a piece of text that grows
 */
#ifndef CHATRELAY_BASE_TEXT_H
#define CHATRELAY_BASE_TEXT_H

#include "base/attributes.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed, it is empty. `bytes` ends in NUL whenever it is not NULL. */
struct text {
    char *bytes;
    size_t length; /* without the NUL */
    size_t capacity;
};

void text_append(struct text *text, const char *bytes, size_t length);
void text_add(struct text *text, const char *string);
void text_add_number(struct text *text, int64_t number); /* in decimal; faster than printf */
void text_printf(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
void text_vprintf(struct text *text, const char *format, va_list args) PRINTF_LIKE(2, 0);

/*
 * Write the number in decimal, without a NUL behind it; faster than printf. The end of it comes
 * back.
 */
enum { TEXT_LONGEST_NUMBER = 20 }; /* the lowest of all, with its sign */
char *text_write_number(char *at, int64_t number);

/* The number at `*at`, behind spaces perhaps, and go behind it. False: none is there. */
bool text_read_number(const char **at, int64_t *number);

/* Copy `from` into `to`, of `size` bytes, or what of it fits; faster than printf. */
void text_copy(char *to, size_t size, const char *from);

/* Forget the contents, keep the memory. */
void text_empty(struct text *text);

/* Remove the first `count` bytes. */
void text_drop(struct text *text, size_t count);

/* Hand the bytes to the caller, who frees them; "" rather than NULL. The text is empty after. */
char *text_take(struct text *text);

/* Free the contents; the text is as if zeroed. Also for CLEANUP(). */
void text_clear(struct text *text);

#endif
