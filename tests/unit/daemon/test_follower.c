#include "daemon/follower.h"
#include "daemon/peer.h"

#include <criterion/criterion.h>

static struct peer one, other;
static struct peer *followers;

Test(follower, stays_from_a_commit_on)
{
    follower_await(&one, true);
    cr_expect_eq(one.follower.state, FOLLOWER_AWAITED);
    follower_join(&one, &followers, 7, "ref");
    follower_settle(&one, true);
    cr_expect_eq(one.follower.state, FOLLOWER_LASTING);
    follower_settle(&one, false);
    cr_expect(followers == &one && one.follower.thread == 7);
    follower_leave(&one);
    cr_expect(!followers && one.follower.state == FOLLOWER_NONE);
    follower_leave(&one);
}

Test(follower, never_was_one_when_its_turn_is_undone)
{
    follower_join(&one, &followers, -1, NULL);
    follower_settle(&one, true);
    follower_join(&other, &followers, -1, "ref");
    follower_settle(&other, false);
    cr_expect(followers == &one && !one.follower.next);
    cr_expect_eq(other.follower.state, FOLLOWER_NONE);
    follower_leave(&one);
}

Test(follower, has_missed_what_it_was_told_in_a_turn_that_is_undone)
{
    follower_join(&one, &followers, -1, NULL);
    follower_settle(&one, true);
    one.follower.told = 3;
    follower_settle(&one, false);
    cr_expect(one.follower.missed == 3 && one.follower.told == 0);
    one.follower.told = 1;
    follower_settle(&one, true);
    cr_expect(one.follower.missed == 3 && one.follower.told == 0);
    follower_leave(&one);
}
