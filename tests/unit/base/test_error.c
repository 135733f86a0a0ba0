#include "base/error.h"

#include <criterion/criterion.h>

Test(error, says_what_and_where)
{
    struct error err;
    cr_expect(!error_set(&err, "no such file: %s", "x"));
    cr_expect(!error_prefix(&err, "line %d", 7));
    cr_expect_str_eq(err.text, "line 7: no such file: x");
}

Test(error, cuts_what_does_not_fit)
{
    struct error err;
    char longer[2 * sizeof err.text];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    error_set(&err, "%s", longer);
    cr_expect_eq(strlen(err.text), sizeof err.text - 1);
    error_prefix(&err, "prefix");
    cr_expect_eq(strlen(err.text), sizeof err.text - 1);
    cr_expect_eq(strncmp(err.text, "prefix: aaa", 11), 0);
    error_prefix(&err, "%s", longer);
    cr_expect_eq(strlen(err.text), sizeof err.text - 1);
}

Test(error, cuts_between_characters)
{
    struct error err;
    char longer[2 * sizeof err.text];
    for (size_t before = 0; before < 4; before++) {
        size_t length = before;
        memset(longer, 'a', before);
        for (; length + 4 < sizeof longer; length += 4)
            memcpy(longer + length, "\xf0\x9f\x94\xa5", 4);
        longer[length] = '\0';
        error_set(&err, "%s", longer);
        cr_expect_eq(strlen(err.text), (sizeof err.text - 1 - before) / 4 * 4 + before);
        error_prefix(&err, "abc");
        cr_expect_eq(strlen(err.text), (sizeof err.text - 6 - before) / 4 * 4 + 5 + before);
    }
}

Test(error, keeps_the_end_of_what_fits)
{
    struct error err;
    error_set(&err, "caf\xc3\xa9");
    cr_expect_str_eq(err.text, "caf\xc3\xa9");
    error_set(&err, "caf\xe9"); /* a path may be in any encoding */
    cr_expect_str_eq(err.text, "caf\xe9");
}

Test(error, may_be_of_no_interest)
{
    cr_expect(!error_set(NULL, "unheard"));
    cr_expect(!error_prefix(NULL, "unheard"));
}
