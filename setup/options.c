#include "setup/options.h"

#include "base/nearest.h"
#include "base/utf8.h"
#include "config/setting.h"
#include "setup/verb.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct row {
    const char *name;
    int letter;           /* the short form, or a number that is no letter */
    const char *argument; /* NULL: takes none */
    const char *help;
    unsigned bit; /* 0: all verbs take it */
    size_t offset;
    const char *setting; /* of a sender, which it becomes; NULL: none */
};

enum { NO_LETTER = 256 };

/* clang-format off */
static const struct row rows[] = {
    { "config", 'c', "PATH", "the settings file or its folder (/etc/chatrelay)", 0, offsetof(struct options, config), NULL },
    { "connection-string-file", NO_LETTER, "FILE", "do not ask for the connection string; \"-\" is standard input", OPTION_SECRET, offsetof(struct options, connection_string_file), NULL },
    { "group", NO_LETTER + 1, "GROUP", "the relay's account, which alone may read the key (chatrelay)", OPTION_SECRET, offsetof(struct options, account), NULL },
    { "sender", NO_LETTER + 2, "NAME", "the sender's name in the settings", OPTION_SENDER, offsetof(struct options, sender), NULL },
    { "thread", NO_LETTER + 3, "NAME", "the thread's name in the settings (ops)", OPTION_THREAD, offsetof(struct options, thread), NULL },
    { "topic", NO_LETTER + 4, "TEXT", "what the thread is called in the chat (its name)", OPTION_TOPIC, offsetof(struct options, topic), NULL },
    { "display-name", NO_LETTER + 5, "TEXT", "the name beside messages (this machine's)", OPTION_NAME, offsetof(struct options, display_name), "display_name" },
    { "ca-file", NO_LETTER + 6, "FILE", "certificates to trust instead of the system's", OPTION_CA, offsetof(struct options, ca_file), "ca_file" },
    { "proxy", NO_LETTER + 10, "URL", "go through http://HOST:PORT, or that of the \"environment\"", OPTION_CA, offsetof(struct options, proxy), "proxy" },
    { "delete-identity", NO_LETTER + 7, NULL, "end the person's identity; Azure then deletes all they said", OPTION_DELETE, offsetof(struct options, delete_identity), NULL },
    { "yes", 'y', NULL, "ask nothing", 0, offsetof(struct options, yes), NULL },
    { "json", NO_LETTER + 8, NULL, "print JSON, one object a line", 0, offsetof(struct options, json), NULL },
    { "version", NO_LETTER + 9, NULL, "print the version", 0, offsetof(struct options, version), NULL },
    { "help", 'h', NULL, "print this", 0, offsetof(struct options, help), NULL },
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof rows[0], COLUMN = 34 };

static enum status complain(const struct verb *verb, const char *what, const char *about,
                            const char *meant)
{
    fprintf(stderr, "chatrelay-setup: %s \"%s\"", what, about);
    if (meant)
        fprintf(stderr, "; did you mean \"%s\"?", meant);
    fprintf(stderr, "\nTry: chatrelay-setup %s%s--help\n", verb && verb->name ? verb->name : "",
            verb && verb->name ? " " : "");
    return STATUS_USAGE;
}

static enum status find_verb(const char *word, const struct verb **verb)
{
    const char *names[16];
    size_t count = 0;
    *verb = &verbs[0];
    for (size_t i = 1; word && i < verb_count && count < sizeof names / sizeof names[0]; i++) {
        names[count++] = verbs[i].name;
        if (strcmp(verbs[i].name, word) == 0)
            *verb = &verbs[i];
    }
    if (!word || *verb != &verbs[0])
        return STATUS_DONE;
    return complain(NULL, "there is no verb", word, nearest(word, names, count));
}

static void take(struct options *options, const struct row *row, const char *value)
{
    void *member = (char *)options + row->offset;
    if (row->argument)
        *(const char **)member = value;
    else
        *(bool *)member = true;
}

/* What stands in `argv` in the form that getopt_long(3) wants. */
static void fill_tables(struct option table[ROWS + 1], char letters[2 * ROWS + 2])
{
    char *letter = stpcpy(letters, "");
    for (size_t i = 0; i < ROWS; i++) {
        table[i] =
            (struct option){ rows[i].name, rows[i].argument ? required_argument : no_argument, NULL,
                             rows[i].letter };
        if (rows[i].letter < NO_LETTER)
            *letter++ = (char)rows[i].letter;
        if (rows[i].letter < NO_LETTER && rows[i].argument)
            *letter++ = ':';
    }
    *letter = '\0';
    table[ROWS] = (struct option){ 0 };
}

/* Which of the rows were used, as bits of their numbers. */
static enum status read_rows(struct options *options, unsigned *used, int argc, char **argv)
{
    struct option table[ROWS + 1];
    char letters[2 * ROWS + 2];
    int letter = 0;
    fill_tables(table, letters);
    while ((letter = getopt_long(argc, argv, letters, table, NULL)) != -1) {
        size_t i = 0;
        while (i < ROWS && rows[i].letter != letter)
            i++;
        if (i == ROWS)
            return STATUS_USAGE;
        take(options, &rows[i], optarg);
        *used |= 1U << i;
    }
    return STATUS_DONE;
}

static bool is_good(const struct row *row, const char *value, struct error *err)
{
    if (row->setting) {
        const struct setting *setting =
            setting_find(settings, settings_count, SECTION_SENDER, row->setting);
        return value_fits_line(value, err) && value_check(setting, value, err);
    }
    size_t length = strlen(value);
    return row->bit != OPTION_TOPIC || utf8_valid_prefix(value, length) == length ||
           error_set(err, "it is not UTF-8");
}

/* What the settings or the chat would refuse later, when the first things are made already. */
static enum status check_values(const struct options *options, unsigned used)
{
    struct error err;
    for (size_t i = 0; i < ROWS; i++) {
        const char *const *value = (const void *)((const char *)options + rows[i].offset);
        if ((used & 1U << i) && rows[i].argument && !is_good(&rows[i], *value, &err)) {
            fprintf(stderr, "chatrelay-setup: --%s: %s\n", rows[i].name, err.text);
            return STATUS_USAGE;
        }
    }
    return STATUS_DONE;
}

static enum status say_not_taken(const struct verb *verb, const char *option)
{
    if (verb->name)
        fprintf(stderr, "chatrelay-setup: %s takes no --%s\n", verb->name, option);
    else
        fprintf(stderr, "chatrelay-setup: --%s is for a verb, and there is none\n", option);
    fprintf(stderr, "Try: chatrelay-setup %s%s--help\n", verb->name ? verb->name : "",
            verb->name ? " " : "");
    return STATUS_USAGE;
}

static enum status check(const struct options *options, const struct verb *verb, unsigned used)
{
    size_t given = options->word_count - (verb->name ? 1 : 0);
    for (size_t i = 0; i < ROWS; i++)
        if ((used & 1U << i) && rows[i].bit && !(verb->takes & rows[i].bit))
            return say_not_taken(verb, rows[i].name);
    if (options->help || options->version)
        return STATUS_DONE;
    if (given < verb->least)
        return complain(verb, "this wants more words:", verb->arguments, NULL);
    if (given > verb->most)
        return complain(
            verb, "one word too many:", options->words[verb->most + (verb->name ? 1 : 0)], NULL);
    return check_values(options, used);
}

/* "help" and "help VERB", which chatrelay(1) knows too. */
static void take_help(struct options *options)
{
    if (options->word_count == 0 || strcmp(options->words[0], "help") != 0)
        return;
    options->help = true;
    options->word_count--;
    memmove(options->words, options->words + 1, options->word_count * sizeof *options->words);
    options->words[options->word_count] = NULL;
}

enum status options_read(struct options *options, const struct verb **verb, int argc, char **argv)
{
    unsigned used = 0;
    *options = (struct options){ .config = "/etc/chatrelay", .account = "chatrelay" };
    enum status status = read_rows(options, &used, argc, argv);
    if (status != STATUS_DONE) {
        fputs("Try: chatrelay-setup --help\n", stderr);
        return status;
    }
    for (int i = optind; i < argc; i++) {
        if (options->word_count == OPTIONS_MOST_WORDS)
            return complain(NULL, "one word too many:", argv[i], NULL);
        options->words[options->word_count++] = argv[i];
    }
    take_help(options);
    status = find_verb(options->words[0], verb);
    return status == STATUS_DONE ? check(options, *verb, used) : status;
}

/* ---- help ----------------------------------------------------------------------------------- */

static void print_row(const struct row *row)
{
    char head[64];
    char letter[8] = "";
    if (row->letter < NO_LETTER)
        snprintf(letter, sizeof letter, "-%c, ", (char)row->letter);
    snprintf(head, sizeof head, "  %s--%s%s%s", letter, row->name, row->argument ? " " : "",
             row->argument ? row->argument : "");
    printf("%-*s %s\n", COLUMN, head, row->help);
}

static void print_verbs(void)
{
    for (size_t i = 1; i < verb_count; i++) {
        char head[64];
        snprintf(head, sizeof head, "  %s %s", verbs[i].name, verbs[i].arguments);
        printf("%-*s %s\n", COLUMN - 12, head, verbs[i].summary);
    }
    putchar('\n');
}

void options_print_help(const struct verb *verb)
{
    const char *name = verb && verb->name ? verb->name : NULL;
    unsigned takes = verb ? verb->takes : verbs[0].takes;
    if (name)
        printf("usage: chatrelay setup %s [OPTIONS]%s%s\n%s.\n\n", name,
               verb->arguments[0] ? " " : "", verb->arguments, verb->summary);
    else
        printf(
            "usage: chatrelay setup [OPTIONS] [VERB ...]\n"
            "Without a verb: %s.\n\n",
            verbs[0].summary);
    if (!name)
        print_verbs();
    for (size_t i = 0; i < ROWS; i++)
        if (!rows[i].bit || (takes & rows[i].bit))
            print_row(&rows[i]);
    printf("\nIt may be repeated: what an earlier run has made is not made again.\n");
}
