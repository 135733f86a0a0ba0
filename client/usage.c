#include "client/usage.h"

enum { COLUMN = 24 }; /* where explanations begin */

/* `text` belongs to the first column and begins at byte `start` of `out`. */
static void add_explanation(struct text *out, size_t start, const char *explanation)
{
    size_t width = out->length - start;
    if (width >= COLUMN) {
        text_add(out, "\n");
        width = 0;
    }
    text_printf(out, "%*s%s\n", (int)(COLUMN - width), "", explanation);
}

void usage_of_command(struct text *out)
{
    text_add(out, "usage: chatrelay VERB [OPTIONS] [ARGUMENTS]\n\n");
    for (size_t i = 0; i < verb_count; i++) {
        size_t verb_start = out->length;
        text_printf(out, "  %s", verbs[i]->name);
        add_explanation(out, verb_start, verbs[i]->summary);
    }
    size_t start = out->length;
    text_add(out, "  setup");
    add_explanation(out, start, "Go from Azure's connection string to a first message");
    text_add(out,
             "\n"
             "  chatrelay help VERB   the options of one verb\n"
             "  chatrelay --version   the version of this command\n"
             "\n"
             "example: chatrelay send --to ops \"backup done\"\n");
}

static void add_option(struct text *out, const struct option *option)
{
    size_t start = out->length;
    text_add(out, "  ");
    if (option->letter)
        text_printf(out, "-%c, ", option->letter);
    text_printf(out, "--%s", option->name);
    if (option->kind == OPTION_DURATION_OR_EVER)
        text_printf(out, "[=%s]", option->argument);
    else if (option->argument)
        text_printf(out, " %s", option->argument);
    add_explanation(out, start, option->help);
}

void usage_of_verb(struct text *out, const struct verb *verb)
{
    text_printf(out, "usage: chatrelay %s [OPTIONS]%s%s\n%s.\n\n", verb->name,
                verb->arguments[0] ? " " : "", verb->arguments, verb->summary);
    for (size_t i = 0; i < verb->option_count; i++)
        add_option(out, &verb->options[i]);
    for (size_t i = 0; i < common_option_count; i++)
        add_option(out, &common_options[i]);
    text_printf(out, "\nexample: %s\n", verb->example);
}
