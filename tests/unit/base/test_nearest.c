#include "base/nearest.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const names[] = { "content", "priority", "to", "ttl", "metadata" };

static const char *near(const char *word)
{
    return nearest(word, names, sizeof names / sizeof names[0]);
}

Test(nearest, finds_what_was_meant)
{
    cr_expect_str_eq(near("contnt"), "content");
    cr_expect_str_eq(near("conetnt"), "content", "two letters swapped are one slip");
    cr_expect_str_eq(near("prioritty"), "priority");
    cr_expect_str_eq(near("metadate"), "metadata");
    cr_expect_str_eq(near("tp"), "to");
    cr_expect_str_eq(near("TTL"), "ttl", "capitals are no slip");
}

Test(nearest, does_not_guess)
{
    cr_expect_null(near("subject"));
    cr_expect_null(near("x"));
    cr_expect_null(nearest("to", names, 0));
}

Test(nearest, is_not_impressed_by_length)
{
    char word[300];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    cr_expect_null(near(word));
}
