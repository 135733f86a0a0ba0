/*
 * value_number.c - settings that are one number: counts, sizes, percentages, durations
 */
#include "base/clock.h"
#include "base/duration.h"
#include "config/setting.h"
#include "config/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Reads a number with its unit. The reason of a failure does not repeat the bounds. */
typedef bool (*number_reader)(const char *text, int64_t *number, struct error *err);

static bool parse_bounded(const struct setting *setting, number_reader read, const char *text,
                          int64_t *number, struct error *err)
{
    int64_t found = 0;
    if (setting->unlimited && strcmp(text, setting->unlimited) == 0) {
        *number = INT64_MAX;
        return true;
    }
    if (!read(text, &found, err))
        return false;
    if (found < setting->least)
        return error_set(err, "too small");
    if (found > setting->most)
        return error_set(err, "too large");
    *number = found;
    return true;
}

static const char *skip_digits(const char *text, int64_t *number)
{
    for (*number = 0; *text >= '0' && *text <= '9' && *number < INT64_MAX / 100; text++)
        *number = *number * 10 + (*text - '0');
    return text;
}

bool value_parse_number(const char *text, int64_t *number)
{
    const char *end = skip_digits(text, number);
    return end != text && *end == '\0';
}

static bool read_count(const char *text, int64_t *number, struct error *err)
{
    return value_parse_number(text, number) || error_set(err, "not a whole number");
}

static void say_count(int64_t bound, char text[VALUE_LONGEST_TEXT])
{
    snprintf(text, VALUE_LONGEST_TEXT, "%" PRId64, bound);
}

static bool parse_count(const struct setting *setting, const char *text, void *value,
                        struct error *err)
{
    return parse_bounded(setting, read_count, text, value, err);
}

const struct value_type value_count = { "number", sizeof(int64_t), parse_count, NULL, say_count };

/* Skip blanks between a number and its unit. */
static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

static bool read_percent(const char *text, int64_t *number, struct error *err)
{
    const char *end = skip_digits(text, number);
    if (end == text || (*end && strcmp(skip_blanks(end), "%") != 0))
        return error_set(err, "not a percentage such as 10 %%");
    return true;
}

static void say_percent(int64_t bound, char text[VALUE_LONGEST_TEXT])
{
    snprintf(text, VALUE_LONGEST_TEXT, "%" PRId64 " %%", bound);
}

static bool parse_percent(const struct setting *setting, const char *text, void *value,
                          struct error *err)
{
    return parse_bounded(setting, read_percent, text, value, err);
}

const struct value_type value_percent = { "percentage", sizeof(int64_t), parse_percent, NULL,
                                          say_percent };

static const struct size_unit {
    const char *name;
    int64_t bytes;
} size_units[] = {
    { "TiB", 1LL << 40 }, { "GiB", 1LL << 30 }, { "MiB", 1LL << 20 },
    { "KiB", 1LL << 10 }, { "B", 1 },           { "", 1 },
};

enum { SIZE_UNITS = sizeof size_units / sizeof size_units[0] };

static bool read_size(const char *text, int64_t *number, struct error *err)
{
    const char *end = skip_digits(text, number);
    const char *name = skip_blanks(end);
    for (const struct size_unit *unit = size_units; end != text && unit < size_units + SIZE_UNITS;
         unit++)
        if (strcmp(name, unit->name) == 0) {
            if (*number > INT64_MAX / unit->bytes)
                return error_set(err, "too large");
            *number *= unit->bytes;
            return true;
        }
    return error_set(err, "not a size such as 4096, 512 KiB, 64 MiB or 2 GiB");
}

static void say_size(int64_t bound, char text[VALUE_LONGEST_TEXT])
{
    const struct size_unit *unit = size_units;
    while (unit->bytes > 1 && (bound == 0 || bound % unit->bytes != 0))
        unit++;
    snprintf(text, VALUE_LONGEST_TEXT, "%" PRId64 " %s", bound / unit->bytes, unit->name);
}

static bool parse_size(const struct setting *setting, const char *text, void *value,
                       struct error *err)
{
    return parse_bounded(setting, read_size, text, value, err);
}

const struct value_type value_size = { "size", sizeof(int64_t), parse_size, NULL, say_size };

static void say_duration(int64_t bound, char text[VALUE_LONGEST_TEXT])
{
    duration_format(bound, text);
}

static bool parse_duration(const struct setting *setting, const char *text, void *value,
                           struct error *err)
{
    return parse_bounded(setting, duration_parse, text, value, err);
}

const struct value_type value_duration = { "duration", sizeof(msec_t), parse_duration, NULL,
                                           say_duration };
