/*
 * header_text.h - a header's value, fit for a line of a log. Pure.
 */
#ifndef CHATRELAY_CHAT_HEADER_TEXT_H
#define CHATRELAY_CHAT_HEADER_TEXT_H

#include <stddef.h>

/* Copy what fits into `size` bytes; what is not visible ASCII becomes "_". NULL is "". */
void header_text_copy(char *to, size_t size, const char *value);

#endif
