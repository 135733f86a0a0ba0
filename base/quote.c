#include "base/quote.h"

#include "base/utf8.h"

#include <string.h>

/* What must be escaped. So must a NUL, which ends this. */
static const char escaped[] =
    "\"\\\1\2\3\4\5\6\a\b\t\n\v\f\r\16\17"
    "\20\21\22\23\24\25\26\27\30\31\32\33\34\35\36\37";

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

/* Most text needs no escapes: whole runs are copied. */
void quote_json_bytes(struct text *out, const char *bytes, size_t length)
{
    const char *end = bytes + length;
    text_append(out, "\"", 1);
    for (;;) {
        size_t run = strcspn(bytes, escaped);
        text_append(out, bytes, run);
        bytes += run;
        if (bytes == end)
            break;
        add_escape(out, *bytes++);
    }
    text_append(out, "\"", 1);
}

void quote_json(struct text *out, const char *string)
{
    struct text repaired CLEANUP(text_clear) = { 0 };
    size_t length = strlen(string);
    if (utf8_valid_prefix(string, length) == length) {
        quote_json_bytes(out, string, length);
        return;
    }
    utf8_repair(&repaired, string, length);
    quote_json_bytes(out, repaired.bytes, repaired.length);
}
