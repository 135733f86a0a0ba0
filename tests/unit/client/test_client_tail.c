#include "client/tail.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct tail tail;
static struct text out;

static void finish(void)
{
    tail_clear(&tail);
    text_clear(&out);
}

TestSuite(client_tail, .fini = finish);

static void add(const char *string)
{
    tail_add(&tail, string, strlen(string));
}

static void expect(size_t lines, const char *expected)
{
    text_empty(&out);
    tail_say(&tail, lines, &out);
    cr_expect_str_eq(out.bytes ? out.bytes : "", expected);
}

Test(client_tail, nothing_is_nothing)
{
    expect(20, "");
    add("");
    expect(20, "");
}

Test(client_tail, a_short_output_is_there_as_a_whole)
{
    add("one\ntw");
    add("o\nthree\n");
    expect(3, "one\ntwo\nthree");
    expect(20, "one\ntwo\nthree");
}

Test(client_tail, of_a_longer_one_the_last_lines_are)
{
    add("one\ntwo\nthree\nfour");
    expect(2, "[... 2 lines before]\nthree\nfour");
    expect(3, "[... 1 line before]\ntwo\nthree\nfour");
    expect(4, "one\ntwo\nthree\nfour");
}

Test(client_tail, newlines_at_the_end_are_no_lines)
{
    add("one\ntwo\n\n\n");
    expect(1, "[... 1 line before]\ntwo");
}

Test(client_tail, it_stays_small_however_much_there_is)
{
    char line[40];
    for (int i = 1; i <= 100000; i++) {
        snprintf(line, sizeof line, "line %d\n", i);
        add(line);
    }
    cr_expect_leq(tail.end.length, (size_t)4 * TAIL_MOST_BYTES + sizeof line);
    expect(2, "[... 99998 lines before]\nline 99999\nline 100000");
}

Test(client_tail, it_is_cut_between_lines_or_else_between_characters)
{
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 1500; j++)
            add("\xe2\x82\xac"); /* 3 bytes */
        add("\n");
    }
    tail_say(&tail, 20, &out);
    cr_expect_eq(strncmp(out.bytes, "[... 2 lines before]\n\xe2\x82\xac", 24), 0);
    cr_expect_eq(out.length, 21 + 1500 * 3);

    tail_clear(&tail);
    text_empty(&out);
    for (int j = 0; j < 5000; j++)
        add("\xe2\x82\xac");
    tail_say(&tail, 20, &out);
    cr_expect_eq(strncmp(out.bytes, "\xe2\x82\xac\xe2", 4), 0);
    cr_expect(out.length <= TAIL_MOST_BYTES && out.length > TAIL_MOST_BYTES - 3);
}

Test(client_tail, what_is_no_text_becomes_one)
{
    add("ok \xff\xfe\n");
    tail_add(&tail, "\0x", 2);
    expect(20, "ok \xef\xbf\xbd\xef\xbf\xbd\n\xef\xbf\xbdx");
}
