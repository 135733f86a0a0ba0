#include "client/html_text.h"

#include "base/memory.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LONGEST_NAME = 16 };

/* What was written so far, and what is open. */
struct writer {
    struct text *out;
    size_t start;   /* of ours in `out` */
    int newlines;   /* owed before the next character */
    bool blank;     /* likewise: white space is one blank */
    char *link;     /* of the <a> that is open; NULL: none */
    size_t link_at; /* where its text begins in `out` */
};

/* One tag: <name attributes> or </name>. */
struct tag {
    char name[LONGEST_NAME]; /* in lower case */
    bool closes;
    const char *attributes;
    size_t attributes_length;
};

/* ---- characters ------------------------------------------------------------------------------ */

static void put(struct writer *writer, const char *bytes, size_t length)
{
    bool begun = writer->out->length > writer->start;
    for (; begun && writer->newlines > 0; writer->newlines--)
        text_add(writer->out, "\n");
    if (begun && writer->blank && writer->out->bytes[writer->out->length - 1] != '\n')
        text_add(writer->out, " ");
    writer->newlines = 0;
    writer->blank = false;
    text_append(writer->out, bytes, length);
}

static void break_line(struct writer *writer, int newlines)
{
    if (writer->newlines < newlines)
        writer->newlines = newlines;
    writer->blank = false;
}

/* RFC 3629 */
static void put_code(struct writer *writer, unsigned long code)
{
    char bytes[4] = { 0 };
    size_t length = 0;
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        code = 0xfffd;
    if (code < 0x80) {
        bytes[length++] = (char)code;
    } else if (code < 0x800) {
        bytes[length++] = (char)(0xc0 | (code >> 6));
        bytes[length++] = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        bytes[length++] = (char)(0xe0 | (code >> 12));
        bytes[length++] = (char)(0x80 | ((code >> 6) & 0x3f));
        bytes[length++] = (char)(0x80 | (code & 0x3f));
    } else {
        bytes[length++] = (char)(0xf0 | (code >> 18));
        bytes[length++] = (char)(0x80 | ((code >> 12) & 0x3f));
        bytes[length++] = (char)(0x80 | ((code >> 6) & 0x3f));
        bytes[length++] = (char)(0x80 | (code & 0x3f));
    }
    put(writer, bytes, length);
}

static const struct {
    const char *name;
    unsigned long code;
} entities[] = {
    { "amp", '&' },       { "lt", '<' },       { "gt", '>' },       { "quot", '"' },
    { "apos", '\'' },     { "nbsp", ' ' },     { "ndash", 0x2013 }, { "mdash", 0x2014 },
    { "hellip", 0x2026 }, { "lsquo", 0x2018 }, { "rsquo", 0x2019 }, { "ldquo", 0x201c },
    { "rdquo", 0x201d },  { "euro", 0x20ac },  { "copy", 0xa9 },    { "middot", 0xb7 },
    { "bull", 0x2022 },
};

/* "#10" or "#xa" of `length` bytes; 0 when it is none. */
static unsigned long read_number(const char *at, size_t length)
{
    bool hex = at[1] == 'x' || at[1] == 'X';
    const char *digits = at + (hex ? 2 : 1);
    char *end = NULL;
    if (!isxdigit((unsigned char)*digits))
        return 0;
    unsigned long code = strtoul(digits, &end, hex ? 16 : 10);
    return end == at + length ? code : 0;
}

/* The code of "&name;", "&#10;" or "&#xa;", and how many bytes that are; 0 when it is none. */
static unsigned long read_entity(const char *at, size_t *length)
{
    enum { LONGEST = 10 };
    const char *name = at + 1;
    size_t size = strcspn(name, ";");
    *length = size + 2;
    if (size == 0 || size > LONGEST || name[size] != ';')
        return 0;
    if (*name == '#')
        return read_number(name, size);
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
        if (strlen(entities[i].name) == size && memcmp(entities[i].name, name, size) == 0)
            return entities[i].code;
    return 0;
}

/* One character of the text between tags; returns how many bytes it took. */
static size_t put_character(struct writer *writer, const char *at)
{
    size_t length = 0;
    unsigned long code = *at == '&' ? read_entity(at, &length) : 0;
    if (code) {
        put_code(writer, code);
        return length;
    }
    if (strchr(" \t\r\n", *at))
        writer->blank = true;
    else
        put(writer, at, 1);
    return 1;
}

/* ---- tags ------------------------------------------------------------------------------------ */

/* The value that begins at `value`, and ends at `end` at the latest. The caller frees it. */
static char *copy_value(const char *value, const char *end)
{
    const char *stop = " \t\r\n>";
    if (*value == '"')
        stop = "\"";
    else if (*value == '\'')
        stop = "'";
    value += stop[0] != ' ';
    size_t size = strcspn(value, stop);
    size_t most = value < end ? (size_t)(end - value) : 0;
    return xmemdup0(value, size < most ? size : most);
}

/* The value of an attribute, "" when there is none. The caller frees it. */
static char *attribute(const struct tag *tag, const char *name)
{
    const char *end = tag->attributes + tag->attributes_length;
    size_t length = strlen(name);
    for (const char *at = tag->attributes + 1; at + length < end; at++)
        if (isspace((unsigned char)at[-1]) && strncasecmp(at, name, length) == 0 &&
            at[length] == '=')
            return copy_value(at + length + 1, end);
    return xstrdup("");
}

/* The '>' that is not in quotes; of quotes that never end, the first one. */
static const char *end_of_tag(const char *attributes)
{
    const char *at = attributes;
    char quote = '\0';
    for (; *at && (quote || *at != '>'); at++) {
        if (*at == quote)
            quote = '\0';
        else if (!quote && (*at == '"' || *at == '\''))
            quote = *at;
    }
    return *at ? at : attributes + strcspn(attributes, ">");
}

/* Read a tag at `at`, which is a '<'; returns its length, 0 when it is none. */
static size_t read_tag(const char *at, struct tag *tag)
{
    const char *name = at + 1;
    size_t length = 0;
    *tag = (struct tag){ .closes = *name == '/' };
    name += tag->closes;
    if (!isalpha((unsigned char)*name))
        return 0;
    for (; isalnum((unsigned char)name[length]) && length < LONGEST_NAME - 1; length++)
        tag->name[length] = (char)tolower((unsigned char)name[length]);
    tag->attributes = name + length;
    const char *end = end_of_tag(tag->attributes);
    tag->attributes_length = (size_t)(end - tag->attributes);
    return (size_t)(end - at) + (*end ? 1 : 0);
}

static void put_string(struct writer *writer, const char *string)
{
    if (string[0])
        put(writer, string, strlen(string));
}

static void open_link(struct writer *writer, const struct tag *tag)
{
    free(writer->link);
    writer->link = attribute(tag, "href");
    writer->link_at = writer->out->length;
}

/* Where it leads, unless that is what it says. */
static void close_link(struct writer *writer)
{
    const char *shown = writer->out->bytes ? writer->out->bytes + writer->link_at : "";
    while (*shown == ' ' || *shown == '\n')
        shown++;
    if (writer->link && writer->link[0] && strcmp(shown, writer->link) != 0) {
        writer->blank = *shown != '\0';
        CLEANUP(free_memory) char *where = xasprintf("(%s)", writer->link);
        put_string(writer, where);
    }
    free(writer->link);
    writer->link = NULL;
}

static void put_picture(struct writer *writer, const struct tag *tag)
{
    CLEANUP(free_memory) char *name = attribute(tag, "alt");
    CLEANUP(free_memory) char *shown = xasprintf("[picture%s%s]", name[0] ? ": " : "", name);
    put_string(writer, shown);
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool is_block(const char *name)
{
    static const char *const blocks[] = { "p",          "div", "ul", "ol", "table", "tr",
                                          "blockquote", "h1",  "h2", "h3", "h4",    "h5",
                                          "h6",         "pre", "li", "hr" };
    return is_one_of(name, blocks, sizeof blocks / sizeof blocks[0]);
}

static void put_tag(struct writer *writer, const struct tag *tag)
{
    if (is_block(tag->name))
        break_line(writer, 1);
    if (strcmp(tag->name, "br") == 0)
        writer->newlines++;
    else if (strcmp(tag->name, "li") == 0 && !tag->closes)
        put_string(writer, "- ");
    else if (strcmp(tag->name, "td") == 0 || strcmp(tag->name, "th") == 0)
        writer->blank = true;
    else if (strcmp(tag->name, "img") == 0)
        put_picture(writer, tag);
    else if (strcmp(tag->name, "a") == 0 && tag->closes)
        close_link(writer);
    else if (strcmp(tag->name, "a") == 0)
        open_link(writer, tag);
}

/* What stands between <script> or <style> and its end is not for people. */
static const char *skip_hidden(const struct tag *tag, const char *at)
{
    static const char *const hidden[] = { "script", "style", "head", "title" };
    if (tag->closes || !is_one_of(tag->name, hidden, sizeof hidden / sizeof hidden[0]))
        return at;
    size_t length = strlen(tag->name);
    for (; *at; at++)
        if (at[0] == '<' && at[1] == '/' && strncasecmp(at + 2, tag->name, length) == 0)
            return at;
    return at;
}

void html_text(struct text *out, const char *html)
{
    struct writer writer = { .out = out, .start = out->length };
    struct tag tag;
    for (const char *at = html; *at;) {
        size_t length = *at == '<' ? read_tag(at, &tag) : 0;
        if (strncmp(at, "<!--", 4) == 0) {
            const char *end = strstr(at + 4, "-->");
            at = end ? end + 3 : at + strlen(at);
        } else if (length > 0) {
            put_tag(&writer, &tag);
            at = skip_hidden(&tag, at + length);
        } else {
            at += put_character(&writer, at);
        }
    }
    free(writer.link);
}
