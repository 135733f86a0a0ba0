/*
 * json_weight.h - how much JSON becomes once it is read. Pure.
 *
 * An empty object is two characters of an answer, and hundreds of bytes of memory.
 */
#ifndef CHATRELAY_CHAT_JSON_WEIGHT_H
#define CHATRELAY_CHAT_JSON_WEIGHT_H

#include <stddef.h>

/*
 * About as many values as are in it, and names of values: its brackets, commas and colons,
 * but for those in strings. It need not be JSON.
 */
size_t json_weight(const char *bytes, size_t length);

#endif
