/*
 * chatrelay - the command for people and scripts
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "client/say.h"
#include "client/setup.h"
#include "client/usage.h"
#include "client/verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who asked for words and does not get them has got nothing, whatever was done. */
static enum exit_code end_output(enum exit_code code, bool is_said_by_code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    say("cannot write to standard output");
    return is_said_by_code ? code : EXIT_CODE_TRY_LATER;
}

static enum exit_code print_usage(FILE *file, const struct verb *verb)
{
    struct text usage CLEANUP(text_clear) = { 0 };
    if (verb)
        usage_of_verb(&usage, verb);
    else
        usage_of_command(&usage);
    fputs(usage.bytes, file);
    return file == stdout ? EXIT_CODE_DONE : EXIT_CODE_USAGE;
}

static enum exit_code unknown_verb(const char *name)
{
    const char *names[32];
    size_t count = 0;
    for (; count < verb_count && count < sizeof names / sizeof names[0]; count++)
        names[count] = verbs[count]->name;

    const char *meant = nearest(name, names, count);
    if (meant)
        return say_usage(NULL, "there is no verb \"%s\"; did you mean \"%s\"?", name, meant);
    return say_usage(NULL, "there is no verb \"%s\"", name);
}

static enum exit_code help(const char *name)
{
    char ask[] = "--help";
    char *const setup_words[] = { ask, NULL };
    if (name && strcmp(name, "setup") == 0)
        return setup_become(setup_words);
    const struct verb *verb = name ? verb_find(name) : NULL;
    if (name && !verb)
        return unknown_verb(name);
    return print_usage(stdout, verb);
}

/* Its own options, and then those that all verbs have. */
static struct option *options_of(const struct verb *verb, size_t *count)
{
    *count = verb->option_count + common_option_count;
    struct option *all = xcalloc(*count, sizeof *all);
    for (size_t i = 0; i < *count; i++)
        all[i] = i < verb->option_count ? verb->options[i] : common_options[i - verb->option_count];
    return all;
}

static enum exit_code run(const struct verb *verb, char *const *argv)
{
    size_t count;
    const struct option *table CLEANUP(free_memory) = options_of(verb, &count);
    struct strings arguments CLEANUP(strings_clear) = { 0 };
    void *options CLEANUP(free_memory) = xcalloc(1, verb->options_size);
    const struct common_options *common = options;
    struct error err;
    enum exit_code code;

    memcpy(options, verb->defaults, verb->options_size);
    bool sound = verb->takes_command
                     ? option_parse_leading(table, count, argv, options, &arguments, &err)
                     : option_parse(table, count, argv, options, &arguments, &err);
    if (!sound)
        code = say_usage(verb->name, "%s", err.text);
    else if (common->socket && !common->socket[0])
        code = say_usage(verb->name, "--socket: the path is empty");
    else if (common->help)
        code = print_usage(stdout, verb);
    else
        code = verb->run(options, &arguments);
    option_clear(table, count, options);
    return end_output(code, verb->is_said_by_code);
}

/* How many words there are before the first that is no option of all verbs, nor its value. */
static size_t count_common_words(char *const *argv)
{
    struct common_options options = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS };
    struct strings rest CLEANUP(strings_clear) = { 0 };
    size_t words = 0;
    while (argv[words])
        words++;
    bool sound = option_parse_leading(common_options, common_option_count, argv, &options, &rest,
                                      &(struct error){ 0 });
    return sound ? words - rest.count : words;
}

/* Options before the verb are as good as behind it. */
static enum exit_code do_with_options_first(char *const *argv)
{
    size_t before = count_common_words(argv), words = before;
    if (!argv[before])
        return run(&verb_status, argv);
    const struct verb *verb = verb_find(argv[before]);
    if (!verb)
        return unknown_verb(argv[before]);
    while (argv[words])
        words++;
    char **moved CLEANUP(free_memory) = xcalloc(words, sizeof *moved);
    memcpy(moved, argv, before * sizeof *moved);
    memcpy(moved + before, argv + before + 1, (words - before) * sizeof *moved);
    return run(verb, moved);
}

static enum exit_code print_version(void)
{
    puts("chatrelay " CHATRELAY_VERSION);
    return end_output(EXIT_CODE_DONE, false);
}

static enum exit_code do_as_told(char *const *argv)
{
    const char *word = argv[0];
    if (!word)
        return run(&verb_status, argv);
    if (strcmp(word, "--version") == 0)
        return print_version();
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return end_output(help(NULL), false);
    if (strcmp(word, "setup") == 0)
        return setup_become(argv + 1);
    if (strcmp(word, "help") == 0)
        return end_output(help(argv[1]), false);

    if (word[0] == '-')
        return do_with_options_first(argv);
    const struct verb *verb = verb_find(word);
    return verb ? run(verb, argv + 1) : unknown_verb(word);
}

int main(int argc, char **argv)
{
    file_open_standard();
    return (int)do_as_told(argc > 0 ? argv + 1 : argv);
}
