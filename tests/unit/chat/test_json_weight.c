/*
 * test_json_weight.c - how much JSON becomes once it is read
 */
#include "chat/json_weight.h"

#include <criterion/criterion.h>
#include <string.h>

static size_t weight(const char *text)
{
    return json_weight(text, strlen(text));
}

Test(json_weight, values_and_names_weigh)
{
    cr_expect_eq(weight(""), 0);
    cr_expect_eq(weight("17"), 0);
    cr_expect_eq(weight("[{},{}]"), 4);
    cr_expect_eq(weight("{\"a\":[1,2],\"b\":{}}"), 7);
}

Test(json_weight, what_strings_say_does_not)
{
    cr_expect_eq(weight("[\"{[,:\"]"), 1);
    cr_expect_eq(weight("[\"\\\"{,\", 1]"), 2, "an escaped quote ends no string");
    cr_expect_eq(weight("[\"\\\\\",{}]"), 3, "an escaped backslash escapes nothing");
}

Test(json_weight, what_breaks_off_is_not_read_beyond)
{
    cr_expect_eq(json_weight("[\"\\\",,,", 3), 1);
    cr_expect_eq(json_weight("[,,,", 2), 2);
}
