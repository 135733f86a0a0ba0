/*
 * reading_header.c - lines of the form [thread NAME]
 */
#include "base/memory.h"
#include "base/nearest.h"
#include "config/config.h"
#include "config/reading.h"

#include <string.h>

/* Cut blanks off both ends, in place. */
static char *trim(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t", text[length - 1]))
        text[--length] = '\0';
    return text + strspn(text, " \t");
}

static bool find_kind(struct reading *reading, const char *word, enum section_kind *kind)
{
    const char *words[SECTION_KINDS];
    for (size_t i = 0; i < SECTION_KINDS; i++) {
        words[i] = section_word((enum section_kind)i);
        *kind = (enum section_kind)i;
        if (strcmp(words[i], word) == 0)
            return true;
    }
    const char *near = nearest(word, words, SECTION_KINDS);
    if (near)
        reading_problem(reading, "[%.40s]: no such section; did you mean \"%s\"?", word, near);
    else
        reading_problem(reading,
                        "[%.40s]: no such section (known: relay, access, defaults, sender NAME, "
                        "thread NAME, quota WHO)",
                        word);
    return false;
}

static bool check_name(struct reading *reading, enum section_kind kind, const char *name)
{
    const char *word = section_word(kind), *argument = section_argument(kind);
    if (!argument && *name)
        reading_problem(reading, "[%s %.80s]: this section takes no name", word, name);
    else if (argument && !*name)
        reading_problem(reading, "[%s]: it must say which: [%s %s]", word, word, argument);
    else if (kind == SECTION_QUOTA && !value_is_user_or_group(name))
        reading_problem(reading, "[%s %.80s]: neither a user nor a @group", word, name);
    else if (argument && kind != SECTION_QUOTA && !value_is_name(name))
        reading_problem(reading, "[%s %.80s]: not a name (allowed: 1 to %d of A-Z a-z 0-9 . _ -)",
                        word, name, CONFIG_LONGEST_NAME);
    else
        return true;
    return false;
}

/* What stands between the brackets, cut in two at its first blank. */
static bool take_section(struct reading *reading, char *inside)
{
    enum section_kind kind = SECTION_RELAY;
    char *word = trim(inside);
    char *name = word + strcspn(word, " \t");
    if (*name)
        *name++ = '\0';
    name = trim(name);
    if (!find_kind(reading, word, &kind) || !check_name(reading, kind, name))
        return false;
    reading->section = document_section(reading->document, kind, name, reading->place);
    return true;
}

void reading_take_header(struct reading *reading, const char *line, size_t length)
{
    CLEANUP(free_memory) char *header = xmemdup0(line, length);
    char *bracket = strchr(header, ']');
    reading->where = IN_UNKNOWN_SECTION;
    if (!bracket)
        reading_problem(reading, "a section's line must end in \"]\"");
    else if (*trim(bracket + 1))
        reading_problem(reading, "nothing may follow the \"]\" of a section");
    else {
        *bracket = '\0';
        if (take_section(reading, header + 1))
            reading->where = IN_SECTION;
    }
}
