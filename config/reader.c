/*
 * reader.c - a settings file, line by line
 *
 *    text ──> next_line ──> inih ──> take_setting ──> document
 *                  │ headers, blank and wrong lines
 *                  └──> take_header, problems
 *
 * inih splits "name = value" and knows comments. What it would do behind our
 * back, we do before it sees the line: it cuts a section's name at 49 bytes and
 * a line at its buffer's end, takes what follows "]" for nothing and an indented
 * line for a continuation or a setting, tells neither a section without settings
 * nor the number of a line. To inih such lines are blank.
 */
#include "config/reader.h"

#include "base/memory.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "config/secret.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>

enum where { BEFORE_SECTIONS, IN_SECTION, IN_UNKNOWN_SECTION };

struct reader {
    const char *rest, *end;
    struct place place;
    enum where where;
    size_t section; /* an index into document->sections, IN_SECTION */
    struct config_document *document;
    struct config_problems *problems;
};

static bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

/* Cut blanks off both ends, in place. */
static char *trim(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && is_blank(text[length - 1]))
        text[--length] = '\0';
    return text + strspn(text, " \t");
}

/* Tell what is wrong with the line at hand. */
static void PRINTF_LIKE(2, 3) problem(struct reader *reader, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    config_problems_vadd(reader->problems, CONFIG_ERROR, reader->place.file, reader->place.line,
                         format, args);
    va_end(args);
}

/* -- headers ------------------------------------------------------------------ */

static bool find_kind(struct reader *reader, const char *word, enum section_kind *kind)
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
        problem(reader, "[%.40s]: no such section; did you mean \"%s\"?", word, near);
    else
        problem(reader,
                "[%.40s]: no such section (known: relay, access, defaults, sender NAME, "
                "thread NAME, quota WHO)",
                word);
    return false;
}

static bool check_name(struct reader *reader, enum section_kind kind, const char *name)
{
    const char *word = section_word(kind), *argument = section_argument(kind);
    if (!argument && *name)
        problem(reader, "[%s %.80s]: this section takes no name", word, name);
    else if (argument && !*name)
        problem(reader, "[%s]: it must say which: [%s %s]", word, word, argument);
    else if (kind == SECTION_QUOTA && !value_is_user_or_group(name))
        problem(reader, "[%s %.80s]: neither a user nor a @group", word, name);
    else if (argument && kind != SECTION_QUOTA && !value_is_name(name))
        problem(reader, "[%s %.80s]: not a name (allowed: 1 to %d of A-Z a-z 0-9 . _ -)", word,
                name, CONFIG_LONGEST_NAME);
    else
        return true;
    return false;
}

/* What stands between the brackets, cut in two at its first blank. */
static bool take_section(struct reader *reader, char *inside)
{
    enum section_kind kind = SECTION_RELAY;
    char *word = trim(inside);
    char *name = word + strcspn(word, " \t");
    if (*name)
        *name++ = '\0';
    name = trim(name);
    if (!find_kind(reader, word, &kind) || !check_name(reader, kind, name))
        return false;
    reader->section = document_section(reader->document, kind, name, reader->place);
    return true;
}

static void take_header(struct reader *reader, const char *line, size_t length)
{
    CLEANUP(free_memory) char *header = xmemdup0(line, length);
    char *bracket = strchr(header, ']');
    reader->where = IN_UNKNOWN_SECTION;
    if (!bracket)
        problem(reader, "a section's line must end in \"]\"");
    else if (*trim(bracket + 1))
        problem(reader, "nothing may follow the \"]\" of a section");
    else {
        *bracket = '\0';
        if (take_section(reader, header + 1))
            reader->where = IN_SECTION;
    }
}

/* -- settings ----------------------------------------------------------------- */

static const struct document_section *current(const struct reader *reader)
{
    return &reader->document->sections[reader->section];
}

/* Some other section that knows the name, for whoever put it into the wrong one. */
static const struct setting *find_elsewhere(const char *name)
{
    static const enum section_kind kinds[] = { SECTION_RELAY, SECTION_ACCESS, SECTION_SENDER,
                                               SECTION_THREAD, SECTION_QUOTA };
    const struct setting *found = NULL;
    for (size_t i = 0; !found && i < sizeof kinds / sizeof kinds[0]; i++)
        found = setting_find(settings, settings_count, kinds[i], name);
    return found;
}

static void tell_unknown(struct reader *reader, const char *name)
{
    CLEANUP(free_memory) char *section = document_label(current(reader));
    enum section_kind kind = current(reader)->kind;
    const struct setting *elsewhere = find_elsewhere(name);
    const char *near = setting_nearest(kind, name);
    if (secret_is_likely(name))
        problem(reader, "%s no such setting; it is not repeated here, as it looks like a secret",
                section);
    else if (elsewhere && section_argument(elsewhere->section))
        problem(reader, "%s %s: belongs into [%s %s]", section, name,
                section_word(elsewhere->section), section_argument(elsewhere->section));
    else if (elsewhere)
        problem(reader, "%s %s: belongs into [%s]", section, name,
                section_word(elsewhere->section));
    else if (near)
        problem(reader, "%s %.40s: no such setting; did you mean \"%s\"?", section, name, near);
    else
        problem(reader, "%s %.40s: no such setting", section, name);
}

/* A comment behind a value, which inih would know but we do not take. */
static bool has_comment(const char *value)
{
    if (*value == '#' || *value == ';')
        return true;
    for (const char *at = strpbrk(value, "#;"); at; at = strpbrk(at + 1, "#;"))
        if (is_blank(at[-1]))
            return true;
    return false;
}

static bool is_quoted(const char *value)
{
    size_t length = strlen(value);
    return length >= 2 && (*value == '"' || *value == '\'') && value[length - 1] == *value;
}

/* Whether the reasons for which its type refuses a value leave the value out. */
static bool never_quotes(const struct setting *setting)
{
    return setting->type == &value_endpoint || setting->type == &value_secret;
}

/* Tell what is wrong with the value, if something is. */
static bool check_value(struct reader *reader, const struct setting *setting, const char *value)
{
    CLEANUP(free_memory) char *section = document_label(current(reader));
    struct error err = { 0 };
    if (!*value)
        problem(reader, "%s %s: empty; leave the line out for the default", section, setting->name);
    else if (has_comment(value))
        problem(reader,
                "%s %s: a comment needs a line of its own, \"#\" and \";\" behind a value "
                "would belong to it",
                section, setting->name);
    else if (is_quoted(value))
        problem(reader, "%s %s: values are written without quotes", section, setting->name);
    else if (value_check(setting, value, &err))
        return true;
    else if (secret_is_likely(value))
        problem(reader, "%s %s: %s (the value is not repeated here, as it looks like a secret)",
                section, setting->name, never_quotes(setting) ? err.text : "not allowed");
    else
        problem(reader, "%s %s = %.100s: %s", section, setting->name, value, err.text);
    return false;
}

/* True when this file has set it already. */
static bool tell_twice(struct reader *reader, const struct setting *setting)
{
    const struct entry *before = document_entry(current(reader), setting);
    if (!before || before->place.file != reader->place.file)
        return false;
    CLEANUP(free_memory) char *section = document_label(current(reader));
    problem(reader, "%s %s: set twice in this file, first in line %d", section, setting->name,
            before->place.line);
    return true;
}

static void take_known(struct reader *reader, const struct setting *setting, const char *name,
                       const char *value)
{
    CLEANUP(free_memory) char *section = document_label(current(reader));
    if (setting->is_single && current(reader)->kind == SECTION_DEFAULTS) {
        problem(reader, "%s %s: means one thread, so it belongs into [thread NAME]", section, name);
        return;
    }
    if (strcmp(setting->name, name) != 0)
        config_problems_add(reader->problems, CONFIG_WARNING, reader->place.file,
                            reader->place.line, "%s %s: is now called \"%s\"", section, name,
                            setting->name);
    if (tell_twice(reader, setting))
        return;
    bool is_valid = check_value(reader, setting, value);
    document_add(&reader->document->sections[reader->section], setting, value, is_valid,
                 reader->place);
}

/* inih's handler: a line that is neither blank nor a comment nor a header. */
static int take_setting(void *user, const char *inih_section, const char *name, const char *value)
{
    struct reader *reader = user;
    (void)inih_section; /* cut at 49 bytes, see above */
    if (!value)
        problem(reader, "not a line of the form \"name = value\"");
    else if (!*name)
        problem(reader, "there is no name before the \"=\"");
    else if (reader->where == BEFORE_SECTIONS)
        problem(reader, "a setting before the first [section]");
    else if (reader->where == IN_SECTION) {
        const struct setting *setting =
            setting_find(settings, settings_count, current(reader)->kind, name);
        if (setting)
            take_known(reader, setting, name, value);
        else
            tell_unknown(reader, name);
    }
    return 1;
}

/* -- lines -------------------------------------------------------------------- */

static const char *find_control(const char *line, size_t length)
{
    for (const char *at = line; at < line + length; at++)
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f)
            return at;
    return NULL;
}

/* Whether the line's bytes are such as a settings file has. */
static bool check_bytes(struct reader *reader, const char *line, size_t length)
{
    const char *control = find_control(line, length);
    size_t valid = utf8_valid_prefix(line, length);
    if (length > READER_LONGEST_LINE)
        problem(reader, "the line is longer than %d bytes", READER_LONGEST_LINE);
    else if (control)
        problem(reader, "there is a control character (0x%02x) at byte %zu of the line",
                (unsigned char)*control, (size_t)(control - line) + 1);
    else if (valid < length)
        problem(reader, "not UTF-8 from byte %zu of the line on", valid + 1);
    else
        return true;
    return false;
}

/* Whether inih is to see the line. */
static bool take_line(struct reader *reader, const char *line, size_t length)
{
    size_t indent = 0;
    while (indent < length && is_blank(line[indent]))
        indent++;
    if (indent == length)
        return false;
    if (line[indent] == '#' || line[indent] == ';')
        return false;
    if (!check_bytes(reader, line, length))
        return false;
    if (indent > 0)
        problem(reader, "the line begins with a blank; it continues nothing, so it must not");
    else if (*line == '[')
        take_header(reader, line, length);
    else
        return true;
    return false;
}

/* inih's reader: one line each time, blank if it is not for inih. */
static char *next_line(char *buffer, int size, void *stream)
{
    struct reader *reader = stream;
    if (reader->rest == reader->end)
        return NULL;
    const char *line = reader->rest;
    const char *newline = memchr(line, '\n', (size_t)(reader->end - line));
    size_t length = (size_t)((newline ? newline : reader->end) - line);
    reader->rest = newline ? newline + 1 : reader->end;
    reader->place.line++;
    if (length > 0 && line[length - 1] == '\r')
        length--;

    if (!take_line(reader, line, length))
        length = 0;
    if (length + 2 > (size_t)size) {
        problem(reader, "inih takes no line this long");
        length = 0;
    }
    memcpy(buffer, line, length);
    memcpy(buffer + length, "\n", 2);
    return buffer;
}

/*
 * inih's settings are variables of the library. Its line buffer is made as long
 * as our longest line at once, so that it neither cuts a line nor asks twice.
 */
static void set_up_inih(void)
{
    ini_use_stack = false;
    ini_initial_alloc = READER_LONGEST_LINE + 3;
    ini_max_line = READER_LONGEST_LINE + 3;
    ini_allow_realloc = false;
    ini_allow_multiline = false;
    ini_allow_inline_comments = false;
    ini_allow_no_value = true; /* such lines are told by us, all of them */
    ini_stop_on_first_error = false;
}

void reader_read(const struct config_text *text, struct config_document *document,
                 struct config_problems *problems)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    struct reader reader = {
        .rest = text->bytes,
        .end = text->bytes + text->length,
        .place = { .file = document_add_file(document, text->name) },
        .document = document,
        .problems = problems,
    };
    if (text->length == 0)
        return;
    if (text->length >= 3 && memcmp(text->bytes, byte_order_mark, 3) == 0)
        reader.rest += 3;
    set_up_inih();
    if (ini_parse_stream(next_line, &reader, take_setting, &reader) != 0)
        config_problems_add(problems, CONFIG_ERROR, text->name, 0, "inih could not read it");
}
