/*
 * quote.h - a string as JSON writes it
 */
#ifndef CHATRELAY_WIRE_QUOTE_H
#define CHATRELAY_WIRE_QUOTE_H

#include "base/text.h"

/*
 * Append `string` in quotes, escaped as RFC 8259 section 7 demands and no
 * further. What is not UTF-8 becomes U+FFFD.
 */
void quote_json(struct text *out, const char *string);

#endif
