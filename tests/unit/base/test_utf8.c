#include "base/utf8.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect_valid(const char *text)
{
    size_t length = strlen(text);
    cr_expect_eq(utf8_valid_prefix(text, length), length);
}

/* `text` breaks after `prefix` bytes. */
static void expect_broken(const char *text, size_t prefix)
{
    cr_expect_eq(utf8_valid_prefix(text, strlen(text)), prefix);
}

Test(utf8, knows_well_formed_text)
{
    expect_valid("");
    expect_valid("plain");
    expect_valid("\xc3\xa9");         /* U+00E9 */
    expect_valid("\xe4\xbd\xa0");     /* U+4F60 */
    expect_valid("\xf0\x9f\x8e\x89"); /* U+1F389 */
    expect_valid("\xed\x9f\xbf");     /* U+D7FF */
    expect_valid("\xee\x80\x80");     /* U+E000 */
    expect_valid("\xf4\x8f\xbf\xbf"); /* U+10FFFF */
}

Test(utf8, stops_where_it_breaks)
{
    expect_broken("ab\x80", 2);
    expect_broken("\xc0\xaf", 0);         /* overlong */
    expect_broken("\xe0\x9f\xbf", 0);     /* overlong */
    expect_broken("\xf0\x8f\xbf\xbf", 0); /* overlong */
    expect_broken("\xed\xa0\x80", 0);     /* a surrogate */
    expect_broken("\xf4\x90\x80\x80", 0); /* above U+10FFFF */
    expect_broken("\xff", 0);
    expect_broken("a\xe4\xbd", 1); /* cut off */
    expect_broken("\xc3(", 0);
}

Test(utf8, counts_utf16_units)
{
    static const char text[] = "a\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x8e\x89";
    cr_expect_eq(utf8_utf16_units(text, sizeof text - 1), 5);
}

Test(utf8, cuts_between_characters)
{
    static const char text[] = "a\xf0\x9f\x8e\x89z";
    cr_expect_eq(utf8_cut(text, 6, 10), 6);
    cr_expect_eq(utf8_cut(text, 6, 5), 5);
    cr_expect_eq(utf8_cut(text, 6, 4), 1);
    cr_expect_eq(utf8_cut(text, 6, 2), 1);
    cr_expect_eq(utf8_cut(text, 6, 1), 1);
    cr_expect_eq(utf8_cut(text, 6, 0), 0);
}

Test(utf8, what_a_cut_has_left_of_a_character_is_not_whole)
{
    static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\xa5";
    static const size_t whole[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10 };
    for (size_t length = 0; length < sizeof text; length++)
        cr_expect_eq(utf8_whole(text, length), whole[length], "%zu", length);
    cr_expect_eq(utf8_whole("\xa9\xa9", 2), 2, "of no character");
}

Test(utf8, copies_what_fits_in_whole_characters)
{
    char to[4];
    utf8_copy(to, sizeof to, "a\xc3\xa9");
    cr_expect_str_eq(to, "a\xc3\xa9");
    utf8_copy(to, sizeof to, "ab\xc3\xa9");
    cr_expect_str_eq(to, "ab");
    utf8_copy(to, sizeof to, "");
    cr_expect_str_eq(to, "");
}
