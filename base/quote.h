/*
 * quote.h - a string as JSON writes it: in quotes, escaped as RFC 8259 section 7 demands and no
 * further
 */
#ifndef CHATRELAY_BASE_QUOTE_H
#define CHATRELAY_BASE_QUOTE_H

#include "base/text.h"

/* Append `string`. What is not UTF-8 becomes U+FFFD. */
void quote_json(struct text *out, const char *string);

/* Append `length` bytes of UTF-8, NULs among them perhaps and one behind them. */
void quote_json_bytes(struct text *out, const char *bytes, size_t length);

#endif
