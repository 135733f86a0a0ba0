/*
 * reader.c - a settings file, line by line
 *
 *    text ──> next_line ──> inih ──> take_setting ──> document
 *                 │                                      ^
 *                 └── headers ───────────────────────────┘
 *
 * inih splits "name = value" and knows comments. What it would do behind our
 * back, we do before it sees the line: it cuts a section's name at 49 bytes and
 * a line at its buffer's end, takes what follows "]" for nothing and an indented
 * line for a continuation or a setting, splits at a colon, tells neither a section without settings
 * nor the number of a line. To inih such lines are blank.
 */
#include "config/reader.h"

#include "base/utf8.h"
#include "config/reading.h"

#include <ini.h>
#include <string.h>

struct reader {
    const char *rest, *end;
    struct reading reading;
};

static bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

static const char *find_control(const char *line, size_t length)
{
    for (const char *at = line; at < line + length; at++)
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f)
            return at;
    return NULL;
}

/* Whether the line's bytes are such as a settings file has. */
static bool check_bytes(struct reading *reading, const char *line, size_t length)
{
    const char *control = find_control(line, length);
    size_t valid = utf8_valid_prefix(line, length);
    if (length > READER_LONGEST_LINE)
        reading_problem(reading, "the line is longer than %d bytes", READER_LONGEST_LINE);
    else if (control)
        reading_problem(reading, "there is a control character (0x%02x) at byte %zu of the line",
                        (unsigned char)*control, (size_t)(control - line) + 1);
    else if (valid < length)
        reading_problem(reading, "not UTF-8 from byte %zu of the line on", valid + 1);
    else
        return true;
    return false;
}

/* inih takes a colon for an equals sign. */
static bool has_colon_for_equals(const char *line, size_t length)
{
    size_t name = 0;
    while (name < length && line[name] != '=' && line[name] != ':')
        name++;
    return name < length && line[name] == ':';
}

/* Whether inih is to see the line. */
static bool take_line(struct reading *reading, const char *line, size_t length)
{
    size_t indent = 0;
    while (indent < length && is_blank(line[indent]))
        indent++;
    if (indent == length || line[indent] == '#' || line[indent] == ';')
        return false;
    if (!check_bytes(reading, line, length))
        return false;
    if (indent > 0)
        reading_problem(reading,
                        "the line begins with a blank; it continues nothing, so it must not");
    else if (*line == '[')
        reading_take_header(reading, line, length);
    else if (has_colon_for_equals(line, length))
        reading_problem(reading, "there is a \":\" behind the name; a setting is \"name = value\"");
    else
        return true;
    return false;
}

/* Step over the next line and return it without its end, which may be CRLF. */
static const char *step(struct reader *reader, size_t *length)
{
    const char *line = reader->rest;
    const char *newline = memchr(line, '\n', (size_t)(reader->end - line));
    *length = (size_t)((newline ? newline : reader->end) - line);
    if (*length > 0 && line[*length - 1] == '\r')
        --*length;
    reader->rest = newline ? newline + 1 : reader->end;
    reader->reading.place.line++;
    return line;
}

/* inih's reader: one line each time, blank if it is not for inih. */
static char *next_line(char *buffer, int size, void *stream)
{
    struct reader *reader = stream;
    size_t length = 0;
    if (reader->rest == reader->end)
        return NULL;
    const char *line = step(reader, &length);
    if (!take_line(&reader->reading, line, length))
        length = 0;
    if (length + 2 > (size_t)size) {
        reading_problem(&reader->reading, "inih takes no line this long");
        length = 0;
    }
    memcpy(buffer, line, length);
    memcpy(buffer + length, "\n", 2);
    return buffer;
}

/* inih's handler. The section it tells is cut, see above. */
static int take_setting(void *user, const char *section, const char *name, const char *value)
{
    struct reader *reader = user;
    (void)section;
    reading_take_setting(&reader->reading, name, value);
    return 1;
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
    ini_allow_bom = false;
    ini_allow_multiline = false;
    ini_allow_inline_comments = false;
    ini_allow_no_value = true; /* such lines are told by us, all of them */
    ini_stop_on_first_error = false;
}

void reader_read(const struct config_text *text, struct config_document *document,
                 struct config_problems *problems)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    const char *file = document_add_file(document, text->name);
    if (text->length == 0)
        return;

    struct reader reader = {
        .rest = text->bytes,
        .end = text->bytes + text->length,
        .reading = { .place.file = file, .document = document, .problems = problems },
    };
    if (text->length >= 3 && memcmp(text->bytes, byte_order_mark, 3) == 0)
        reader.rest += 3;
    set_up_inih();
    if (ini_parse_stream(next_line, &reader, take_setting, &reader) != 0)
        config_problems_add(problems, CONFIG_ERROR, file, 0, "inih could not read it");
}
