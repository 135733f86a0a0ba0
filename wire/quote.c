#include "wire/quote.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

static bool must_be_escaped(char byte)
{
    return byte == '"' || byte == '\\' || (unsigned char)byte < 0x20;
}

static void add_escape(struct text *out, char byte)
{
    switch (byte) {
    case '"':
    case '\\':
        text_append(out, (char[]){ '\\', byte }, 2);
        break;
    case '\n':
        text_add(out, "\\n");
        break;
    case '\r':
        text_add(out, "\\r");
        break;
    case '\t':
        text_add(out, "\\t");
        break;
    default:
        text_printf(out, "\\u%04x", (unsigned)byte);
    }
}

/* `bytes` are UTF-8. Runs of what needs no escape are copied as they are. */
static void add_escaped(struct text *out, const char *bytes, size_t length)
{
    size_t from = 0;
    for (size_t at = 0; at < length; at++) {
        if (!must_be_escaped(bytes[at]))
            continue;
        text_append(out, bytes + from, at - from);
        add_escape(out, bytes[at]);
        from = at + 1;
    }
    text_append(out, bytes + from, length - from);
}

void quote_json(struct text *out, const char *string)
{
    size_t length = strlen(string);
    struct text repaired CLEANUP(text_clear) = { 0 };

    text_add(out, "\"");
    if (utf8_valid_prefix(string, length) == length) {
        add_escaped(out, string, length);
    } else {
        utf8_repair(&repaired, string, length);
        add_escaped(out, repaired.bytes, repaired.length);
    }
    text_add(out, "\"");
}
