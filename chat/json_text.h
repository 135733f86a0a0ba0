/*
 * json_text.h - strings out of the chat's JSON, fit to be shown. Pure.
 */
#ifndef CHATRELAY_CHAT_JSON_TEXT_H
#define CHATRELAY_CHAT_JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>

/*
 * Copy as much of a string as fits into `size` bytes without cutting a character: one line,
 * harmless for a terminal, see base/harmless.h. What is no string becomes "".
 */
void json_text_copy(char *to, size_t size, const json_t *string);

#endif
