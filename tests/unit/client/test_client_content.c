#include "client/content.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

static struct text content;

static void finish(void)
{
    text_clear(&content);
}

TestSuite(client_content, .fini = finish);

static void set(const char *string)
{
    text_clear(&content);
    text_add(&content, string);
}

Test(client_content, repairs_bytes_and_counts_them)
{
    cr_expect_eq(content_repair(&content, "a\xff\0b\xc3", 5), 3);
    cr_expect_str_eq(content.bytes,
                     "a\xef\xbf\xbd\xef\xbf\xbd"
                     "b\xef\xbf\xbd");
    text_clear(&content);
    cr_expect_eq(content_repair(&content, "caf\xc3\xa9", 5), 0);
    cr_expect_str_eq(content.bytes, "caf\xc3\xa9");
    text_clear(&content);
    cr_expect_eq(content_repair(&content, "\0\0", 2), 2);
    cr_expect_eq(content_repair(&content, "", 0), 0);
}

Test(client_content, trims_the_end_only)
{
    set("\n a \r\n\n");
    content_trim(&content);
    cr_expect_str_eq(content.bytes, "\n a ");
    set("\n\n");
    content_trim(&content);
    cr_expect_str_eq(content.bytes, "");
    text_clear(&content);
    content_trim(&content);
    cr_expect_eq(content.length, 0);
}

/* It is no end of a line, but a byte that content_repair() has to tell of. */
Test(client_content, a_nul_at_the_end_is_not_trimmed)
{
    text_append(&content, "abc\0\n", 5);
    content_trim(&content);
    cr_expect_eq(content.length, 4);
}

Test(client_content, white_space_is_nothing)
{
    cr_expect(content_is_empty(&content));
    set(" \t\r\n");
    cr_expect(content_is_empty(&content));
    set(" .\n");
    cr_expect_not(content_is_empty(&content));
}

static void expect_cut(const char *before, size_t lines, const char *after)
{
    set(before);
    cr_expect_eq(content_cut(&content, lines, 1000), strcmp(before, after) != 0);
    cr_expect_str_eq(content.bytes, after);
}

Test(client_content, cuts_lines_only_if_there_are_too_many)
{
    expect_cut("1\n2\n3\n4", 2, "1\n2\n3\n4");
    expect_cut("1\n2\n3\n4\n5", 2, "1\n2\n[... 1 lines left out ...]\n4\n5");
    expect_cut("1\n2\n3", 1, "1\n[... 1 lines left out ...]\n3");
    expect_cut("1", 1, "1");
    expect_cut("1\n2", SIZE_MAX, "1\n2");
    expect_cut("\n\n\n", 1, "\n[... 2 lines left out ...]\n");
}

Test(client_content, cutting_nothing_is_nothing)
{
    cr_expect_not(content_cut(&content, 1, 100));
    cr_expect_eq(content.length, 0);
}

Test(client_content, cuts_bytes_between_characters)
{
    for (size_t limit = 100; limit < 120; limit++) {
        text_clear(&content);
        for (int i = 0; i < 200; i++)
            text_add(&content, "\xe2\x82\xac");
        cr_expect(content_cut(&content, 5, limit));
        cr_expect_leq(content.length, limit);
        struct text repaired CLEANUP(text_clear) = { 0 };
        cr_expect_eq(content_repair(&repaired, content.bytes, content.length), 0);
        cr_expect(strstr(content.bytes, "bytes left out ...]\n\xe2\x82\xac"));
    }
}

Test(client_content, a_title_is_a_line)
{
    set("text");
    content_put_title(&content, "a < b", false);
    cr_expect_str_eq(content.bytes, "a < b\ntext");
    set("text");
    content_put_title(&content, "a < b & c > d", true);
    cr_expect_str_eq(content.bytes, "a &lt; b &amp; c &gt; d<br>text");
    text_clear(&content);
    content_put_title(&content, "alone", false);
    cr_expect_str_eq(content.bytes, "alone");
}
