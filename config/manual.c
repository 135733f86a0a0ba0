/*
 * manual.c - the settings part of chatrelay.conf(5)
 */
#include "base/memory.h"
#include "config/config.h"
#include "config/setting.h"

#include <string.h>

enum { LINE_WIDTH = 72 }; /* escapes not counted; the lint of mandoc wants less than 80 */

/* A character as mdoc would print it. */
static void print_character(char character, FILE *out)
{
    if (character == '\\')
        fputs("\\e", out);
    else if (character == '"')
        fputs("\\(dq", out);
    else
        fputc(character, out);
}

/* A word at the start of a line is not to be taken for a request. */
static void print_word(const char *word, size_t length, bool starts_line, FILE *out)
{
    if (starts_line && (*word == '.' || *word == '\''))
        fputs("\\&", out);
    for (size_t i = 0; i < length; i++)
        print_character(word[i], out);
}

static bool ends_sentence(const char *word, size_t length)
{
    return word[length - 1] == '.' && !(length > 2 && word[length - 2] == '.');
}

/* Words in lines of bounded width; mdoc wants each sentence to begin a new one. */
static void print_text(const char *text, FILE *out)
{
    size_t column = 0;
    while (*text) {
        size_t length = strcspn(text, " ");
        if (column > 0 && column + 1 + length > LINE_WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        if (column > 0)
            fputs(*text == '%' ? "\\~" : " ", out);
        print_word(text, length, column == 0, out);
        column += (column > 0) + length;
        if (length > 0 && ends_sentence(text, length))
            column = LINE_WIDTH;
        text += length + strspn(text + length, " ");
    }
    fputc('\n', out);
}

static void print_sentence(const char *before, const char *text, FILE *out)
{
    CLEANUP(free_memory) char *sentence = xasprintf("%s %s.", before, text);
    print_text(sentence, out);
}

static void print_choices(const struct setting *setting, FILE *out)
{
    for (size_t i = 0; setting->choices[i]; i++)
        fprintf(out, "%s%s", i > 0 ? " | " : "", setting->choices[i]);
}

static void print_default(const struct setting *setting, FILE *out)
{
    if (setting->standard)
        print_sentence("Default:", setting->standard, out);
    else if (setting->standard_said)
        print_sentence("Default:", setting->standard_said, out);
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
    print_text(setting->help, out);
    print_default(setting, out);
    if (value_say_bounds(setting, bounds, sizeof bounds))
        print_sentence("Allowed:", bounds, out);
    if (setting->renamed_from)
        print_sentence("Formerly called", setting->renamed_from, out);
}

static void print_section(enum section_kind kind, FILE *out)
{
    const char *argument = section_argument(kind);
    fprintf(out, ".Ss [%s%s%s]\\&\n", section_word(kind), argument ? " " : "",
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
