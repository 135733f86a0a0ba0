/*
 * lenient_json.h - JSON with what people's programs may have put into it. Pure.
 *
 * A string of JavaScript may hold half a character or a NUL, and a chat passes on
 * what it was given: RFC 8259 (section 8.2) leaves open what becomes of it, and
 * jansson refuses the whole text. One message must not make a thread unreadable.
 */
#ifndef CHATRELAY_CHAT_LENIENT_JSON_H
#define CHATRELAY_CHAT_LENIENT_JSON_H

#include <jansson.h>
#include <stddef.h>

/*
 * As json_loadb(), with U+FFFD for every escaped NUL and every escaped surrogate that has no
 * other half. NULL when it is no JSON all the same. The caller drops the reference.
 */
json_t *lenient_json_parse(const char *bytes, size_t length);

#endif
