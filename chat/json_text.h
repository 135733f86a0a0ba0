/*
 * json_text.h - the chat's JSON: strings out of it, and bytes to it. Pure.
 */
#ifndef CHATRELAY_CHAT_JSON_TEXT_H
#define CHATRELAY_CHAT_JSON_TEXT_H

#include "base/clock.h"
#include "base/text.h"

#include <jansson.h>
#include <stddef.h>

/*
 * Copy as much of a string as fits into `size` bytes without cutting a character: one line,
 * harmless for a terminal, see base/harmless.h. What is no string becomes "".
 */
void json_text_copy(char *to, size_t size, const json_t *string);

/* The instant that a string says, as RFC 3339 has it; 0 for what is none. */
msec_t json_text_instant(const json_t *string);

/* Append it, compact. Takes it over. */
void json_text_dump(struct text *out, json_t *json);

#endif
