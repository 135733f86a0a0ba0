#include "base/text.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(text, grows)
{
    struct text text = { 0 };
    for (int i = 0; i < 1000; i++)
        text_printf(&text, "%d,", i % 10);
    text_append(&text, "a\0b", 3);
    cr_expect_eq(text.length, 2003);
    cr_expect_eq(memcmp(text.bytes, "0,1,2,", 6), 0);
    cr_expect_eq(memcmp(text.bytes + 2000, "a\0b", 4), 0, "a NUL follows");
    text_clear(&text);
    cr_expect_null(text.bytes);
}

Test(text, copies_what_fits)
{
    char copy[4] = "xxx";
    text_copy(copy, sizeof copy, "");
    cr_expect_str_eq(copy, "");
    text_copy(copy, sizeof copy, "abc");
    cr_expect_str_eq(copy, "abc");
    text_copy(copy, sizeof copy, "defg");
    cr_expect_str_eq(copy, "def");
}

Test(text, numbers_in_decimal)
{
    struct text text = { 0 };
    const int64_t numbers[] = { 0, 7, -7, 1000, INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        text_add_number(&text, numbers[i]);
        text_add(&text, " ");
    }
    cr_expect_str_eq(text.bytes, "0 7 -7 1000 9223372036854775807 -9223372036854775808 ");
    text_clear(&text);
}

Test(text, numbers_are_read_one_after_the_other)
{
    const char *at = "42 -7\nx";
    int64_t number = 0;
    cr_expect(text_read_number(&at, &number) && number == 42);
    cr_expect(text_read_number(&at, &number) && number == -7);
    cr_expect(!text_read_number(&at, &number));
    cr_expect_str_eq(at, "\nx");
}

Test(text, longer_than_there_was_room_for)
{
    struct text text = { 0 };
    text_printf(&text, "%063d", 1);
    text_printf(&text, "%0500d|", 2);
    cr_expect_eq(text.length, 63 + 501);
    cr_expect_eq(text.bytes[62], '1');
    cr_expect_str_eq(text.bytes + 63 + 499, "2|");
    text_clear(&text);
}

Test(text, keeps_its_memory_when_emptied)
{
    struct text text = { 0 };
    text_add(&text, "hello");
    size_t capacity = text.capacity;
    text_empty(&text);
    cr_expect_eq(text.length, 0);
    cr_expect_eq(text.capacity, capacity);
    cr_expect_str_eq(text.bytes, "");
    text_clear(&text);
}

Test(text, loses_its_front)
{
    struct text text = { 0 };
    text_drop(&text, 0);
    cr_expect_null(text.bytes);
    text_add(&text, "hello");
    text_drop(&text, 2);
    cr_expect_str_eq(text.bytes, "llo");
    cr_expect_eq(text.length, 3);
    text_drop(&text, 3);
    cr_expect_str_eq(text.bytes, "");
    text_clear(&text);
}

Test(text, gives_its_bytes_away)
{
    struct text text = { 0 };
    char *nothing = text_take(&text);
    cr_expect_str_eq(nothing, "");
    free(nothing);
    text_add(&text, "hello");
    char *bytes = text_take(&text);
    cr_expect_str_eq(bytes, "hello");
    cr_expect_null(text.bytes);
    free(bytes);
}
