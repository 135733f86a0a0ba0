/*
 * line.h - a request, as the line that goes to the relay
 */
#ifndef CHATRELAY_CLIENT_LINE_H
#define CHATRELAY_CLIENT_LINE_H

#include "base/text.h"
#include "wire/request.h"

#include <stdint.h>

/* Append the start of a request. */
void line_begin(struct text *line, enum request_op op);

/* A member; none if `value` is NULL. Bytes that are not UTF-8 become U+FFFD. */
void line_add_string(struct text *line, const char *name, const char *value);

/* A member; none if `value` is 0. */
void line_add_integer(struct text *line, const char *name, int64_t value);

/* A duration; none if it is negative or for ever. */
void line_add_duration(struct text *line, const char *name, msec_t value_ms);

void line_end(struct text *line);

#endif
