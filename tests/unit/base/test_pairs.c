#include "base/pairs.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect(const char *text, const char *name, const char *expected)
{
    const char *value = NULL;
    size_t length = 0;
    bool found = pairs_find(text, name, &value, &length);
    cr_assert_eq(found, expected != NULL, "%s in %s", name, text);
    if (expected) {
        cr_expect_eq(length, strlen(expected), "%s in %s", name, text);
        cr_expect_eq(strncmp(value, expected, length), 0, "%s in %s", name, text);
    }
}

Test(pairs, a_value_reaches_to_the_semicolon)
{
    expect("endpoint=https://a/;accesskey=c2VjcmV0Cg==", "endpoint", "https://a/");
    expect("endpoint=https://a/;accesskey=c2VjcmV0Cg==", "accesskey", "c2VjcmV0Cg==");
    expect(";;ACCESSKEY=one;accesskey=two;", "AccessKey", "one");
    expect("a=", "a", "");
}

Test(pairs, a_name_is_a_whole_name)
{
    expect("", "a", NULL);
    expect("a", "a", NULL);
    expect("ab=1", "a", NULL);
    expect("ba=1", "a", NULL);
    expect("b=a=1", "a", NULL);
    expect("a;=1", "a", NULL);
}
