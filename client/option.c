#include "client/option.h"

#include "base/duration.h"
#include "base/memory.h"
#include "base/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OPTIONS = 64 };

/* The way through a command line. */
struct walk {
    const struct option *options;
    size_t count;
    char *const *argv; /* what is still to be read */
    void *target;
    struct strings *arguments;
    struct error *err;
};

static void strings_add(struct strings *strings, const char *string)
{
    strings->items = xreallocarray(strings->items, strings->count + 1, sizeof *strings->items);
    strings->items[strings->count++] = string;
}

void strings_clear(struct strings *strings)
{
    free(strings->items);
    *strings = (struct strings){ 0 };
}

static bool read_duration(const struct option *option, const char *value, msec_t *duration_ms,
                          struct error *err)
{
    if (!value) {
        *duration_ms = MSEC_NEVER;
        return true;
    }
    return duration_parse(value, duration_ms, err) || error_prefix(err, "--%s", option->name);
}

static bool read_count(const struct option *option, const char *value, int64_t *number,
                       struct error *err)
{
    char *end;
    errno = 0;
    *number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end || *number < 1)
        return error_set(err, "--%s: \"%s\" is not a number from 1", option->name, value);
    return true;
}

static bool store(struct walk *walk, const struct option *option, const char *value)
{
    void *member = (char *)walk->target + option->offset;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)member = true;
        return true;
    case OPTION_STRING:
        *(const char **)member = value;
        return true;
    case OPTION_STRINGS:
        strings_add(member, value);
        return true;
    case OPTION_DURATION:
    case OPTION_DURATION_OR_EVER:
        return read_duration(option, value, member, walk->err);
    case OPTION_COUNT:
        return read_count(option, value, member, walk->err);
    }
    return false;
}

static bool unknown_option(const struct walk *walk, const char *name, size_t length)
{
    char *word CLEANUP(free_memory) = xmemdup0(name, length);
    const char *names[MOST_OPTIONS];
    size_t count = walk->count < MOST_OPTIONS ? walk->count : MOST_OPTIONS;
    for (size_t i = 0; i < count; i++)
        names[i] = walk->options[i].name;

    const char *meant = nearest(word, names, count);
    if (meant)
        return error_set(walk->err, "there is no option --%s; did you mean --%s?", word, meant);
    return error_set(walk->err, "there is no option --%s", word);
}

/* A message of "30s" was hardly meant; "--" before it says that it was. */
static bool stands_alone(const struct walk *walk, const struct option *option)
{
    msec_t duration_ms;
    struct error ignored;
    const char *word = *walk->argv;
    if (!word || !duration_parse(word, &duration_ms, &ignored))
        return true;
    return error_set(walk->err, "--%s takes its time with \"=\": --%s=%s", option->name,
                     option->name, word);
}

/* `value` is what came with the option itself, NULL for nothing. */
static bool take(struct walk *walk, const struct option *option, const char *value)
{
    if (!option->argument && value)
        return error_set(walk->err, "--%s takes no value", option->name);
    if (option->argument && !value && option->kind != OPTION_DURATION_OR_EVER) {
        value = *walk->argv;
        if (!value)
            return error_set(walk->err, "--%s wants a value: %s", option->name, option->argument);
        walk->argv++;
    }
    if (option->kind == OPTION_DURATION_OR_EVER && !value && !stands_alone(walk, option))
        return false;
    return store(walk, option, value);
}

static bool take_long(struct walk *walk, const char *word)
{
    size_t length = strcspn(word, "=");
    const char *value = word[length] ? word + length + 1 : NULL;

    for (size_t i = 0; i < walk->count; i++) {
        const struct option *option = &walk->options[i];
        if (strlen(option->name) == length && memcmp(option->name, word, length) == 0)
            return take(walk, option, value);
    }
    return unknown_option(walk, word, length);
}

static bool take_short(struct walk *walk, const char *word)
{
    for (size_t i = 0; i < walk->count; i++) {
        const struct option *option = &walk->options[i];
        if (option->letter && option->letter == word[0])
            return take(walk, option, word[1] ? word + 1 : NULL);
    }
    return error_set(walk->err, "there is no option -%c; put -- before text that begins so",
                     word[0]);
}

static bool take_word(struct walk *walk, const char *word)
{
    if (word[0] == '-' && word[1] == '-')
        return take_long(walk, word + 2);
    if (word[0] == '-' && word[1])
        return take_short(walk, word + 1);
    strings_add(walk->arguments, word);
    return true;
}

static bool is_over(const struct walk *walk, bool leading)
{
    return !*walk->argv || (leading && walk->arguments->count > 0);
}

static bool parse(struct walk *walk, bool leading)
{
    while (!is_over(walk, leading)) {
        const char *word = *walk->argv++;
        if (strcmp(word, "--") == 0)
            break;
        if (!take_word(walk, word))
            return false;
    }
    while (*walk->argv)
        strings_add(walk->arguments, *walk->argv++);
    return true;
}

bool option_parse(const struct option *options, size_t count, char *const *argv, void *target,
                  struct strings *arguments, struct error *err)
{
    struct walk walk = { options, count, argv, target, arguments, err };
    return parse(&walk, false);
}

bool option_parse_leading(const struct option *options, size_t count, char *const *argv,
                          void *target, struct strings *arguments, struct error *err)
{
    struct walk walk = { options, count, argv, target, arguments, err };
    return parse(&walk, true);
}

void option_clear(const struct option *options, size_t count, void *target)
{
    for (size_t i = 0; i < count; i++) {
        void *member = (char *)target + options[i].offset;
        if (options[i].kind == OPTION_STRINGS)
            strings_clear(member);
    }
}
