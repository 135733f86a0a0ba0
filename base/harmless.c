#include "base/harmless.h"

#include <stdbool.h>
#include <string.h>

static bool is_control(char byte)
{
    return (unsigned char)byte < 0x20 || byte == 0x7f;
}

/* U+0080 to U+009F, which some terminals obey as well. */
static bool is_c1_control(const char *at)
{
    return (unsigned char)at[0] == 0xc2 && (unsigned char)at[1] >= 0x80 &&
           (unsigned char)at[1] < 0xa0;
}

/* U+2028 to U+202E, which end lines or turn their direction, and U+2066 to U+2069 likewise. */
static bool turns_text(const char *at)
{
    if ((unsigned char)at[0] != 0xe2)
        return false;
    unsigned char last = (unsigned char)at[1] ? (unsigned char)at[2] : 0;
    return ((unsigned char)at[1] == 0x80 && last >= 0xa8 && last <= 0xae) ||
           ((unsigned char)at[1] == 0x81 && last >= 0xa6 && last <= 0xa9);
}

static void add(struct text *out, const char *string, size_t length, const char *kept,
                const char *blanks)
{
    for (const char *at = string; at < string + length; at++) {
        if (is_c1_control(at)) {
            text_add(out, "\xef\xbf\xbd");
            at++;
        } else if (turns_text(at)) {
            text_add(out, "\xef\xbf\xbd");
            at += 2;
        } else if (is_control(*at) && strchr(blanks, *at)) {
            text_add(out, " ");
        } else if (is_control(*at) && !strchr(kept, *at)) {
            text_add(out, "\xef\xbf\xbd");
        } else {
            text_append(out, at, 1);
        }
    }
}

void harmless_add(struct text *out, const char *string)
{
    add(out, string, strlen(string), "\n\t", "");
}

void harmless_add_line(struct text *out, const char *string, size_t length)
{
    add(out, string, length, "", "\t\r\n");
}

static void replace(struct text *out, size_t from, char former, char replacement)
{
    for (size_t i = from; i < out->length; i++)
        if (out->bytes[i] == former)
            out->bytes[i] = replacement;
}

void harmless_keep_quoted(struct text *out, size_t from)
{
    replace(out, from, '"', '\'');
}

void harmless_keep_word(struct text *out, size_t from)
{
    replace(out, from, '"', '\'');
    replace(out, from, ' ', '_');
}
