/*
 * test_token_watch.c - each warning about a token is given once
 */
#include "daemon/token_watch.h"

#include <criterion/criterion.h>

static struct token_watch watch;

static void clear(void)
{
    token_watch_clear(&watch);
}

TestSuite(token_watch, .fini = clear);

Test(token_watch, each_level_is_told_once)
{
    cr_expect_not(token_watch_notes(&watch, "main", LEVEL_WELL));
    cr_expect(token_watch_notes(&watch, "main", LEVEL_LOOK));
    cr_expect_not(token_watch_notes(&watch, "main", LEVEL_LOOK));
    cr_expect(token_watch_notes(&watch, "main", LEVEL_ACT));
    cr_expect_not(token_watch_notes(&watch, "main", LEVEL_ACT));
}

Test(token_watch, what_got_better_only_somewhat_is_not_told_again)
{
    cr_expect(token_watch_notes(&watch, "main", LEVEL_ACT));
    cr_expect_not(token_watch_notes(&watch, "main", LEVEL_LOOK));
    cr_expect_not(token_watch_notes(&watch, "main", LEVEL_ACT));
}

Test(token_watch, after_a_token_that_was_well_all_is_told_anew)
{
    cr_expect(token_watch_notes(&watch, "main", LEVEL_LOOK));
    cr_expect_not(token_watch_notes(&watch, "main", LEVEL_WELL));
    cr_expect(token_watch_notes(&watch, "main", LEVEL_LOOK));
}

Test(token_watch, of_each_sender_by_itself)
{
    cr_expect(token_watch_notes(&watch, "main", LEVEL_LOOK));
    cr_expect(token_watch_notes(&watch, "other", LEVEL_LOOK));
    cr_expect_not(token_watch_notes(&watch, "main", LEVEL_LOOK));
}
