#include "base/instant.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const month_names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char *const day_names[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

/* Read exactly `digits` digits at `*at` and step over them. */
static bool read_digits(const char **at, int digits, int *number)
{
    *number = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *number = *number * 10 + (**at - '0');
    }
    return true;
}

static bool read_literal(const char **at, const char *literal)
{
    size_t length = strlen(literal);
    if (strncmp(*at, literal, length) != 0)
        return false;
    *at += length;
    return true;
}

/* A calendar date and time that exists, as milliseconds; seconds may be 60 (a leap second). */
static bool to_instant(const struct tm *date, msec_t *instant_at)
{
    struct tm copy = *date;
    if (date->tm_year < 70 || date->tm_hour > 23 || date->tm_min > 59 || date->tm_sec > 60)
        return false;
    bool leaps = date->tm_sec == 60;
    copy.tm_sec -= leaps;
    time_t seconds = timegm(&copy);
    *instant_at = ((msec_t)seconds + leaps) * 1000;
    return copy.tm_mday == date->tm_mday && copy.tm_mon == date->tm_mon;
}

static bool read_time_of_day(const char **at, struct tm *date)
{
    return read_digits(at, 2, &date->tm_hour) && read_literal(at, ":") &&
           read_digits(at, 2, &date->tm_min) && read_literal(at, ":") &&
           read_digits(at, 2, &date->tm_sec);
}

/* The decimals of a second, with their point, if there are any. */
static bool read_fraction(const char **at, msec_t *fraction_ms)
{
    *fraction_ms = 0;
    if (**at != '.')
        return true;
    (*at)++;
    msec_t worth_ms = 100;
    const char *first = *at;
    for (; **at >= '0' && **at <= '9'; (*at)++, worth_ms /= 10)
        *fraction_ms += (**at - '0') * worth_ms;
    return *at > first;
}

/* "Z", "+01:00" or "-05:30": what to take off to get UTC. */
static bool read_zone(const char **at, msec_t *offset_ms)
{
    *offset_ms = 0;
    if (**at == 'Z' || **at == 'z') {
        (*at)++;
        return true;
    }
    int sign = **at == '+' ? 1 : -1, hours = 0, minutes = 0;
    if (**at != '+' && **at != '-')
        return false;
    (*at)++;
    if (!read_digits(at, 2, &hours) || !read_literal(at, ":") || !read_digits(at, 2, &minutes) ||
        hours > 23 || minutes > 59)
        return false;
    *offset_ms = (msec_t)sign * (hours * 60 + minutes) * 60 * 1000;
    return true;
}

bool instant_parse_rfc3339(const char *text, msec_t *instant_at)
{
    struct tm date = { 0 };
    msec_t fraction_ms = 0, offset_ms = 0;
    const char *at = text;

    if (!read_digits(&at, 4, &date.tm_year) || !read_literal(&at, "-") ||
        !read_digits(&at, 2, &date.tm_mon) || !read_literal(&at, "-") ||
        !read_digits(&at, 2, &date.tm_mday) || (*at != 'T' && *at != 't' && *at != ' '))
        return false;
    at++;
    if (!read_time_of_day(&at, &date) || !read_fraction(&at, &fraction_ms) ||
        !read_zone(&at, &offset_ms) || *at)
        return false;

    date.tm_year -= 1900;
    date.tm_mon -= 1;
    if (!to_instant(&date, instant_at))
        return false;
    *instant_at += fraction_ms - offset_ms;
    return *instant_at >= 0;
}

static struct tm utc(msec_t instant_at)
{
    time_t seconds = (time_t)(instant_at / 1000);
    struct tm date = { 0 };
    gmtime_r(&seconds, &date);
    return date;
}

void instant_format_rfc3339(msec_t instant_at, char text[INSTANT_LONGEST_TEXT])
{
    struct tm date = utc(instant_at);
    size_t used = strftime(text, INSTANT_LONGEST_TEXT, "%Y-%m-%dT%H:%M:%S", &date);
    snprintf(text + used, INSTANT_LONGEST_TEXT - used, ".%03dZ", (int)(instant_at % 1000));
}

static struct tm local(msec_t instant_at)
{
    time_t seconds = (time_t)(instant_at / 1000);
    struct tm date = { 0 };
    localtime_r(&seconds, &date);
    return date;
}

void instant_say_time(msec_t instant_at, char text[INSTANT_LONGEST_TEXT])
{
    struct tm date = local(instant_at);
    if (strftime(text, INSTANT_LONGEST_TEXT, "%H:%M %Z", &date) == 0)
        text[0] = '\0';
}

void instant_say(msec_t instant_at, char text[INSTANT_LONGEST_TEXT])
{
    struct tm date = local(instant_at);
    if (strftime(text, INSTANT_LONGEST_TEXT, "%Y-%m-%d %H:%M:%S %Z", &date) == 0)
        text[0] = '\0';
}

void instant_say_clock(msec_t instant_at, char text[INSTANT_LONGEST_TEXT])
{
    struct tm date = local(instant_at);
    snprintf(text, INSTANT_LONGEST_TEXT, "%02d:%02d", date.tm_hour, date.tm_min);
}

void instant_say_day(msec_t instant_at, char text[INSTANT_LONGEST_TEXT])
{
    struct tm date = local(instant_at);
    snprintf(text, INSTANT_LONGEST_TEXT, "%s %d %s", day_names[date.tm_wday], date.tm_mday,
             month_names[date.tm_mon]);
}

void instant_say_zone(msec_t instant_at, char text[INSTANT_LONGEST_TEXT])
{
    struct tm date = local(instant_at);
    if (strftime(text, INSTANT_LONGEST_TEXT, "%Z", &date) == 0)
        text[0] = '\0';
}

bool instant_is_same_day(msec_t one_at, msec_t other_at)
{
    struct tm one = local(one_at), other = local(other_at);
    return one.tm_year == other.tm_year && one.tm_yday == other.tm_yday;
}

/* One of three-letter `names` at `*at`, as its index. */
static bool read_name(const char **at, const char *const *names, int count, int *index)
{
    for (*index = 0; *index < count; (*index)++)
        if (read_literal(at, names[*index]))
            return true;
    return false;
}

bool instant_parse_http(const char *text, msec_t *instant_at)
{
    struct tm date = { 0 };
    int weekday = 0;
    const char *at = text;

    if (!read_name(&at, day_names, 7, &weekday) || !read_literal(&at, ", ") ||
        !read_digits(&at, 2, &date.tm_mday) || !read_literal(&at, " ") ||
        !read_name(&at, month_names, 12, &date.tm_mon) || !read_literal(&at, " ") ||
        !read_digits(&at, 4, &date.tm_year) || !read_literal(&at, " ") ||
        !read_time_of_day(&at, &date) || !read_literal(&at, " GMT") || *at)
        return false;
    date.tm_year -= 1900;
    return to_instant(&date, instant_at);
}

void instant_format_http(msec_t instant_at, char text[INSTANT_LONGEST_TEXT])
{
    struct tm date = utc(instant_at);
    snprintf(text, INSTANT_LONGEST_TEXT, "%s, %02d %s %04d %02d:%02d:%02d GMT",
             day_names[date.tm_wday], date.tm_mday, month_names[date.tm_mon], date.tm_year + 1900,
             date.tm_hour, date.tm_min, date.tm_sec);
}
