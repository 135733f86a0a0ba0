#include "chat/lenient_json.h"

#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ESCAPE = 6, NO_ESCAPE = -1 }; /* bytes of "\u0000" */

static bool is_high(long unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(long unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* The UTF-16 code unit that is escaped here, or NO_ESCAPE. */
static long unit_at(const char *bytes, const char *end)
{
    char digits[5] = "";
    if (end - bytes < ESCAPE || bytes[0] != '\\' || bytes[1] != 'u')
        return NO_ESCAPE;
    memcpy(digits, bytes + 2, 4);
    return strspn(digits, "0123456789abcdefABCDEF") == 4 ? strtol(digits, NULL, 16) : NO_ESCAPE;
}

/* Mends the escape that begins here, if it needs that, and returns what is behind it. */
static char *mend_escape(char *bytes, const char *end)
{
    long unit = unit_at(bytes, end);
    if (unit == NO_ESCAPE)
        return bytes + 2; /* such as \n; or \\, whose second one begins nothing */
    if (is_high(unit) && is_low(unit_at(bytes + ESCAPE, end)))
        return bytes + 2 * (ptrdiff_t)ESCAPE;
    if (unit == 0 || is_high(unit) || is_low(unit))
        memcpy(bytes, "\\uFFFD", ESCAPE);
    return bytes + ESCAPE;
}

static json_t *parse_mended(char *bytes, size_t length)
{
    const char *end = bytes + length;
    for (char *next = bytes; next < end && (next = memchr(next, '\\', (size_t)(end - next)));)
        next = mend_escape(next, end);
    return json_loadb(bytes, length, 0, NULL);
}

json_t *lenient_json_parse(const char *bytes, size_t length)
{
    json_t *json = json_loadb(bytes, length, 0, NULL);
    if (json || length == 0)
        return json;
    CLEANUP(free_memory) char *copy = xmemdup0(bytes, length);
    return parse_mended(copy, length);
}
