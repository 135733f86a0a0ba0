#include "base/quote.h"

#include <criterion/criterion.h>
#include <jansson.h>

static void expect(const char *string, const char *quoted)
{
    struct text out CLEANUP(text_clear) = { 0 };
    quote_json(&out, string);
    cr_expect_str_eq(out.bytes, quoted);
}

Test(quote, plain_text_is_left_alone)
{
    expect("", "\"\"");
    expect("disk full / caf\xc3\xa9 \xf0\x9f\x94\xa5",
           "\"disk full / caf\xc3\xa9 \xf0\x9f\x94\xa5\"");
}

Test(quote, escapes_what_must_be)
{
    expect("a\"b\\c\nd\re\tf\x01g\x1f", "\"a\\\"b\\\\c\\nd\\re\\tf\\u0001g\\u001f\"");
    expect("\x7f", "\"\x7f\"");
}

Test(quote, repairs_what_is_not_utf8)
{
    expect("a\xff\"", "\"a\xef\xbf\xbd\\\"\"");
    expect("\xc3", "\"\xef\xbf\xbd\"");
}

Test(quote, a_nul_among_bytes_ends_nothing)
{
    struct text out CLEANUP(text_clear) = { 0 };
    quote_json_bytes(&out, "a\0\0b", 4);
    cr_expect_str_eq(out.bytes, "\"a\\u0000\\u0000b\"");
}

Test(quote, jansson_reads_back_every_byte)
{
    char string[] = "x?y";
    for (int byte = 1; byte < 0x80; byte++) {
        struct text out CLEANUP(text_clear) = { 0 };
        string[1] = (char)byte;
        quote_json(&out, string);
        json_t *back = json_loads(out.bytes, JSON_DECODE_ANY, NULL);
        cr_assert(back, "byte %d: %s", byte, out.bytes);
        cr_expect_str_eq(json_string_value(back), string);
        json_decref(back);
    }
}
