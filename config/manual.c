/*
 * manual.c - the settings part of chatrelay.conf(5)
 */
#include "config/config.h"
#include "config/setting.h"

#include <string.h>

/* Text for mdoc: nothing in it is taken for a request or an escape. */
static void print_text(const char *text, size_t length, FILE *out)
{
    if (length > 0 && (*text == '.' || *text == '\''))
        fputs("\\&", out);
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\\')
            fputs("\\e", out);
        else if (text[i] == '"')
            fputs("\\(dq", out);
        else
            fputc(text[i], out);
}

/* mdoc wants each sentence on a line of its own. */
static void print_sentences(const char *text, FILE *out)
{
    while (*text) {
        const char *end = strstr(text, ". ");
        size_t length = end ? (size_t)(end - text) + 1 : strlen(text);
        print_text(text, length, out);
        fputc('\n', out);
        text += length + (end ? 1 : 0);
    }
}

static void print_line(const char *before, const char *text, const char *after, FILE *out)
{
    fputs(before, out);
    print_text(text, strlen(text), out);
    fprintf(out, "%s\n", after);
}

static void print_choices(const struct setting *setting, FILE *out)
{
    for (size_t i = 0; setting->choices[i]; i++)
        fprintf(out, "%s%s", i > 0 ? " | " : "", setting->choices[i]);
}

static void print_default(const struct setting *setting, FILE *out)
{
    if (setting->standard)
        print_line("Default: ", setting->standard, ".", out);
    else if (setting->standard_said)
        print_line("Default: ", setting->standard_said, ".", out);
    else if (setting->is_required)
        fputs("It must be set.\n", out);
}

static void print_setting(const struct setting *setting, FILE *out)
{
    char bounds[3 * VALUE_LONGEST_TEXT];
    fprintf(out, ".It Ic %s No = ", setting->name);
    if (setting->choices)
        print_choices(setting, out);
    else
        fprintf(out, "Ar %s", setting->type->name);
    fputc('\n', out);
    print_sentences(setting->help, out);
    print_default(setting, out);
    if (value_say_bounds(setting, bounds, sizeof bounds))
        print_line("Allowed: ", bounds, ".", out);
    if (setting->renamed_from)
        print_line("Formerly called ", setting->renamed_from, ".", out);
}

static void print_section(enum section_kind kind, FILE *out)
{
    const char *argument = section_argument(kind);
    fprintf(out, ".Ss [%s%s%s]\n", section_word(kind), argument ? " " : "",
            argument ? argument : "");
    fputs(".Bl -tag -width Ds\n", out);
    for (const struct setting *setting = settings; setting < settings + settings_count; setting++)
        if (setting->section == kind)
            print_setting(setting, out);
    fputs(".El\n", out);
}

void config_print_manual(FILE *out)
{
    for (size_t kind = 0; kind < SECTION_KINDS; kind++)
        if (section_rows((enum section_kind)kind) == kind)
            print_section((enum section_kind)kind, out);
}
