/*
 * value_list.c - settings of several parts: pace, back-off, users and groups
 */
#include "base/duration.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "config/config.h"
#include "config/setting.h"
#include "config/value.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_SENDS = 100000 };
static const msec_t longest_window_ms = 24LL * 60 * 60 * 1000;

/* Cut `*rest` at its next comma and return what was before, without blanks around it. */
static char *next_item(char **rest)
{
    char *item = *rest + strspn(*rest, " \t");
    size_t length = strcspn(item, ",");
    *rest = item[length] ? item + length + 1 : NULL;
    while (length > 0 && (item[length - 1] == ' ' || item[length - 1] == '\t'))
        length--;
    item[length] = '\0';
    return item;
}

static bool parse_window(char *item, struct config_window *window, struct error *err)
{
    char *slash = strchr(item, '/');
    if (!slash)
        return error_set(err, "\"%.40s\" is not sends per time, such as 10/10s", item);
    *slash = '\0';
    if (!value_parse_number(item, &window->count) || window->count < 1 ||
        window->count > MOST_SENDS)
        return error_set(err, "\"%.40s\" is not a number of sends (allowed: 1 to %d)", item,
                         MOST_SENDS);
    if (!duration_parse(slash + 1, &window->window_ms, err))
        return false;
    if (window->window_ms < 1 || window->window_ms > longest_window_ms)
        return error_set(err, "a window of %.40s is not possible (allowed: 1ms to 1d)", slash + 1);
    return true;
}

static bool parse_windows(char *rest, struct config_pace *pace, struct error *err)
{
    while (rest) {
        char *item = next_item(&rest);
        if (pace->count == CONFIG_MOST_WINDOWS)
            return error_set(err, "more than %d windows", CONFIG_MOST_WINDOWS);
        if (!parse_window(item, &pace->windows[pace->count], err))
            return false;
        pace->count++;
    }
    return true;
}

static bool parse_pace(const struct setting *setting, const char *text, void *value,
                       struct error *err)
{
    (void)setting;
    struct config_pace pace = { 0 };
    if (strcmp(text, "off") != 0) {
        CLEANUP(free_memory) char *copy = xstrdup(text);
        if (!parse_windows(copy, &pace, err))
            return false;
    }
    memcpy(value, &pace, sizeof pace);
    return true;
}

const struct value_type value_pace = { "pace", sizeof(struct config_pace), parse_pace, NULL, NULL };

static bool parse_backoff_parts(char *text, struct config_backoff *backoff, struct error *err)
{
    char *dots = strstr(text, "..");
    if (!dots)
        return error_set(err,
                         "not a back-off such as 1s..5min: the first wait, two dots, the "
                         "longest wait");
    *dots = '\0';
    return duration_parse(text, &backoff->first_ms, err) &&
           duration_parse(dots + 2, &backoff->longest_ms, err);
}

static bool parse_backoff(const struct setting *setting, const char *text, void *value,
                          struct error *err)
{
    CLEANUP(free_memory) char *copy = xstrdup(text);
    struct config_backoff backoff = { 0 };
    if (!parse_backoff_parts(copy, &backoff, err))
        return false;
    if (backoff.first_ms < setting->least)
        return error_set(err, "the first wait is too short");
    if (backoff.longest_ms > setting->most)
        return error_set(err, "the longest wait is too long");
    if (backoff.first_ms > backoff.longest_ms)
        return error_set(err, "the first wait is longer than the longest");
    memcpy(value, &backoff, sizeof backoff);
    return true;
}

static void say_wait(int64_t bound, char text[VALUE_LONGEST_TEXT])
{
    duration_format(bound, text);
}

const struct value_type value_backoff = { "backoff", sizeof(struct config_backoff), parse_backoff,
                                          NULL, say_wait };

static void clear_names(void *value)
{
    struct config_names *names = value;
    for (size_t i = 0; i < names->count; i++)
        free(names->names[i]);
    free(names->names);
    *names = (struct config_names){ 0 };
}

bool value_is_user_or_group(const char *text)
{
    const char *name = *text == '@' ? text + 1 : text;
    size_t length = strlen(name);
    return length > 0 && length <= CONFIG_LONGEST_NAME && strcspn(name, " \t,:") == length;
}

static bool parse_names(const struct setting *setting, const char *text, void *value,
                        struct error *err)
{
    (void)setting;
    CLEANUP(free_memory) char *copy = xstrdup(text);
    CLEANUP(clear_names) struct config_names names = { 0 };
    for (char *rest = copy; rest;) {
        const char *item = next_item(&rest);
        if (!value_is_user_or_group(item))
            return error_set(err,
                             "\"%.80s\" is neither a user nor a @group; names are separated "
                             "by commas",
                             item);
        names.names = xreallocarray(names.names, names.count + 1, sizeof *names.names);
        names.names[names.count++] = xstrdup(item);
    }
    memcpy(value, &names, sizeof names);
    names = (struct config_names){ 0 };
    return true;
}

const struct value_type value_names = { "names", sizeof(struct config_names), parse_names,
                                        clear_names, NULL };
