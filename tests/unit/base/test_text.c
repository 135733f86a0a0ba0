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
