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

Test(error, may_be_of_no_interest)
{
    cr_expect(!error_set(NULL, "unheard"));
    cr_expect(!error_prefix(NULL, "unheard"));
}
