#include "client/tail.h"

#include "client/content.h"

#include <inttypes.h>
#include <string.h>

/* What may be asked for, and as much again for newlines at its end. */
static void keep_end(struct text *end)
{
    size_t kept = (size_t)2 * TAIL_MOST_BYTES;
    memmove(end->bytes, end->bytes + end->length - kept, kept + 1);
    end->length = kept;
}

void tail_add(struct tail *tail, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        tail->newlines += bytes[i] == '\n';
    text_append(&tail->end, bytes, length);
    if (tail->end.length > (size_t)4 * TAIL_MOST_BYTES)
        keep_end(&tail->end);
}

static bool continues_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Where the last lines begin: at a character, if one line alone is too long. */
static const char *find_start(const char *begin, const char *end, size_t lines)
{
    const char *start = end;
    while (start > begin && (size_t)(end - start) < TAIL_MOST_BYTES) {
        if (start[-1] == '\n' && --lines == 0)
            return start;
        start--;
    }
    if (start == begin)
        return start;
    const char *newline = memchr(start, '\n', (size_t)(end - start));
    if (newline)
        return newline + 1;
    while (start < end && continues_character(*start))
        start++;
    return start;
}

static int64_t count_newlines(const char *from, const char *to)
{
    int64_t count = 0;
    for (; from < to; from++)
        count += *from == '\n';
    return count;
}

void tail_say(const struct tail *tail, size_t lines, struct text *out)
{
    CLEANUP(text_clear) struct text sound = { 0 };
    if (tail->end.length == 0)
        return;
    content_repair(&sound, tail->end.bytes, tail->end.length);
    int64_t newlines = count_newlines(sound.bytes, sound.bytes + sound.length);
    content_trim(&sound);
    const char *end = sound.bytes + sound.length;
    const char *start = find_start(sound.bytes, end, lines);
    int64_t trimmed = newlines - count_newlines(sound.bytes, end);
    int64_t before = tail->newlines - trimmed - count_newlines(start, end);
    if (before > 0)
        text_printf(out, "[... %" PRId64 " line%s before]\n", before, before == 1 ? "" : "s");
    text_append(out, start, (size_t)(end - start));
}

void tail_clear(struct tail *tail)
{
    text_clear(&tail->end);
    *tail = (struct tail){ 0 };
}
