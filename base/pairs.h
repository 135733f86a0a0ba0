/*
 * pairs.h - values out of NAME=VALUE;NAME=VALUE
 */
#ifndef CHATRELAY_BASE_PAIRS_H
#define CHATRELAY_BASE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The value of the first `name`, in letters of any case, inside `text`: up to the
 * next ";" or the end, and it may have "=" in it. Nothing is cut off around it.
 */
bool pairs_find(const char *text, const char *name, const char **value, size_t *length);

#endif
