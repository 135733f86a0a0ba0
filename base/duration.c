#include "base/duration.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name, *other_name, *said;
    msec_t length_ms;
};

static const struct unit units[] = {
    { "d", NULL, "d", 24LL * 60 * 60 * 1000 },
    { "h", NULL, "h", 60LL * 60 * 1000 },
    { "m", "min", "min", 60LL * 1000 },
    { "s", NULL, "s", 1000LL },
    { "ms", NULL, "ms", 1LL },
};

enum { UNITS = sizeof units / sizeof units[0] };

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool is_letter(char character)
{
    return character >= 'a' && character <= 'z';
}

/* Read a number at `*at` and step over it. False when it is none, or too large. */
static bool read_number(const char **at, msec_t *number)
{
    if (!is_digit(**at))
        return false;
    for (*number = 0; is_digit(**at); (*at)++) {
        if (*number > MSEC_NEVER / 100)
            return false;
        *number = *number * 10 + (**at - '0');
    }
    return true;
}

/* Read a unit at `*at` and step over it. NULL when it is none of ours. */
static const struct unit *read_unit(const char **at)
{
    size_t length = 0;
    while (is_letter((*at)[length]))
        length++;
    for (const struct unit *unit = units; unit < units + UNITS; unit++) {
        bool named = strlen(unit->name) == length && memcmp(unit->name, *at, length) == 0;
        bool other = unit->other_name && strlen(unit->other_name) == length &&
                     memcmp(unit->other_name, *at, length) == 0;
        if (named || other) {
            *at += length;
            return unit;
        }
    }
    return NULL;
}

bool duration_parse(const char *text, msec_t *duration_ms, struct error *err)
{
    const struct unit *previous = NULL;
    msec_t sum_ms = 0;

    if (strcmp(text, "0") == 0) {
        *duration_ms = 0;
        return true;
    }
    for (const char *at = text; at == text || *at;) {
        msec_t number = 0;
        if (!read_number(&at, &number))
            return error_set(err, "\"%s\" is not a duration such as 90s, 1h30m or 3d", text);
        if (*at == '\0')
            return error_set(
                err, "\"%s\" is not a duration: a number needs its unit, such as 10s or 1h30m",
                text);
        const struct unit *unit = read_unit(&at);
        if (!unit || (previous && unit <= previous))
            return error_set(
                err, "\"%s\" is not a duration: units are d, h, m (or min), s, ms, in this order",
                text);
        if (number > (MSEC_NEVER - sum_ms) / unit->length_ms)
            return error_set(err, "the duration %s is too long", text);
        sum_ms += number * unit->length_ms;
        previous = unit;
    }
    *duration_ms = sum_ms;
    return true;
}

/* Not by snprintf: every message accepted has a duration in its line of the log. */
void duration_format(msec_t duration_ms, char text[DURATION_LONGEST_TEXT])
{
    char *end = text;
    for (const struct unit *unit = units; unit < units + UNITS; unit++) {
        msec_t count = duration_ms / unit->length_ms;
        if (count > 0)
            end = stpcpy(text_write_number(end, count), unit->name);
        duration_ms -= count * unit->length_ms;
    }
    if (end == text)
        stpcpy(text, "0s");
}

void duration_say(msec_t duration_ms, char text[DURATION_LONGEST_TEXT])
{
    const struct unit *unit = units;
    while (unit < units + UNITS - 1 && duration_ms < unit->length_ms)
        unit++;

    msec_t count = duration_ms / unit->length_ms;
    msec_t rest_ms = duration_ms - count * unit->length_ms;
    bool seconds = unit->length_ms <= 1000;
    msec_t smaller = seconds ? 0 : rest_ms / unit[1].length_ms;
    if (smaller > 0)
        snprintf(text, DURATION_LONGEST_TEXT, "%" PRId64 " %s %" PRId64 " %s", count, unit->said,
                 smaller, unit[1].said);
    else
        snprintf(text, DURATION_LONGEST_TEXT, "%" PRId64 " %s", count, unit->said);
}
