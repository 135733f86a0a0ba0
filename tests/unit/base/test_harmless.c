#include "base/harmless.h"

#include <criterion/criterion.h>
#include <string.h>

#define REPLACED "\xef\xbf\xbd"

static void expect_lines(const char *string, const char *expected)
{
    CLEANUP(text_clear) struct text out = { 0 };
    harmless_add(&out, string);
    cr_expect_str_eq(out.bytes ? out.bytes : "", expected);
}

static void expect_line(const char *string, size_t length, const char *expected)
{
    CLEANUP(text_clear) struct text out = { 0 };
    harmless_add_line(&out, string, length);
    cr_expect_str_eq(out.bytes ? out.bytes : "", expected);
}

Test(harmless, text_cannot_command_a_terminal)
{
    expect_lines(
        "a\x1b[31m\tb\nc\x7f\r\xc2\x9b"
        "d\xc3\xa9",
        "a" REPLACED "[31m\tb\nc" REPLACED REPLACED REPLACED "d\xc3\xa9");
    expect_lines("", "");
}

Test(harmless, text_cannot_turn_its_direction)
{
    static const char *const turning[] = { "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa6",
                                           "\xe2\x81\xa9" };
    for (size_t i = 0; i < sizeof turning / sizeof turning[0]; i++)
        expect_lines(turning[i], REPLACED);
    expect_lines("\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa",
                 "\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa");
}

Test(harmless, a_line_is_one_line)
{
    expect_line("a\tb\nc\rd\x1b", 8, "a b c d" REPLACED);
    expect_line("abc\n", 2, "ab");
    expect_line("abc", 0, "");
}

Test(harmless, a_field_ends_where_it_is_meant_to)
{
    CLEANUP(text_clear) struct text out = { 0 };
    text_add(&out, "a=\"");
    harmless_keep_quoted(&out, out.length);
    text_add(&out, "b \"c\"");
    harmless_keep_quoted(&out, 3);
    cr_expect_str_eq(out.bytes, "a=\"b 'c'");
    harmless_keep_word(&out, 3);
    cr_expect_str_eq(out.bytes, "a=\"b_'c'");
}
