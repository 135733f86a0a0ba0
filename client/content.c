#include "client/content.h"

#include "base/utf8.h"

#include <string.h>

size_t content_repair(struct text *content, const char *bytes, size_t length)
{
    size_t repaired = 0;
    const char *end = bytes + length;

    for (const char *at = bytes; at < end;) {
        const char *nul = memchr(at, '\0', (size_t)(end - at));
        const char *stop = nul ? nul : end;
        repaired += utf8_repair(content, at, (size_t)(stop - at));
        if (nul) {
            text_add(content, "\xef\xbf\xbd");
            repaired++;
            stop++;
        }
        at = stop;
    }
    return repaired;
}

static bool is_end_of_line(char byte)
{
    return byte == '\r' || byte == '\n';
}

void content_trim(struct text *content)
{
    while (content->length > 0 && is_end_of_line(content->bytes[content->length - 1]))
        content->bytes[--content->length] = '\0';
}

bool content_is_empty(const struct text *content)
{
    return content->length == 0 || strspn(content->bytes, " \t\r\n") == content->length;
}

static size_t count_lines(const struct text *content)
{
    size_t lines = 1;
    for (size_t i = 0; i < content->length; i++)
        lines += content->bytes[i] == '\n';
    return lines;
}

/* Where line number `line` begins, counted from 0. */
static size_t start_of_line(const struct text *content, size_t line)
{
    const char *at = content->bytes;
    for (; line > 0; line--)
        at = strchr(at, '\n') + 1;
    return (size_t)(at - content->bytes);
}

/* Put `note` on a line of its own in place of the bytes from `from` to `to`. */
static void replace(struct text *content, size_t from, size_t to, const char *note)
{
    struct text whole = *content;
    *content = (struct text){ 0 };
    text_append(content, whole.bytes, from);
    if (from > 0 && whole.bytes[from - 1] != '\n')
        text_add(content, "\n");
    text_printf(content, "%s\n", note);
    text_append(content, whole.bytes + to, whole.length - to);
    text_clear(&whole);
}

static bool cut_lines(struct text *content, size_t lines)
{
    size_t all = count_lines(content);
    if (lines >= all || all - lines <= lines)
        return false;

    struct text note CLEANUP(text_clear) = { 0 };
    text_printf(&note, "[... %zu lines left out ...]", all - 2 * lines);
    replace(content, start_of_line(content, lines), start_of_line(content, all - lines),
            note.bytes);
    return true;
}

static bool cut_bytes(struct text *content, size_t limit_bytes)
{
    enum { ROOM_FOR_NOTE = 64 };
    if (content->length <= limit_bytes)
        return false;

    size_t part = limit_bytes > ROOM_FOR_NOTE ? (limit_bytes - ROOM_FOR_NOTE) / 2 : 0;
    size_t from = utf8_cut(content->bytes, content->length, part);
    size_t to = content->length - part;
    while (to < content->length && ((unsigned char)content->bytes[to] & 0xc0) == 0x80)
        to++;
    struct text note CLEANUP(text_clear) = { 0 };
    text_printf(&note, "[... %zu bytes left out ...]", to - from);
    replace(content, from, to, note.bytes);
    return true;
}

bool content_cut(struct text *content, size_t lines, size_t limit_bytes)
{
    bool lines_were_cut = content->length > 0 && cut_lines(content, lines);
    return cut_bytes(content, limit_bytes) || lines_were_cut;
}

static void add_escaped(struct text *out, const char *string)
{
    for (; *string; string++) {
        if (*string == '<')
            text_add(out, "&lt;");
        else if (*string == '>')
            text_add(out, "&gt;");
        else if (*string == '&')
            text_add(out, "&amp;");
        else
            text_append(out, string, 1);
    }
}

size_t content_title_bytes(const char *title, bool html)
{
    static const char rest[] = "x";
    struct text content CLEANUP(text_clear) = { 0 };
    text_add(&content, rest);
    content_put_title(&content, title, html);
    return content.length - strlen(rest);
}

void content_put_title(struct text *content, const char *title, bool html)
{
    struct text rest = *content;
    *content = (struct text){ 0 };
    if (html)
        add_escaped(content, title);
    else
        text_add(content, title);
    if (rest.length > 0)
        text_add(content, html ? "<br>" : "\n");
    text_append(content, rest.bytes, rest.length);
    text_clear(&rest);
}
