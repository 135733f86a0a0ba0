/*
 * test_users.c - users take turns, hold memory, and are asked for their names seldom
 */
#include "base/memory.h"
#include "daemon/peer.h"
#include "daemon/users.h"

#include <criterion/criterion.h>

enum { GREEDY = 1000, MODEST = 1001, MOST_PEERS = 8 };

static struct users users;
static struct peer peers[MOST_PEERS];
static size_t joined, looked_up;

static char *count_look_up(uid_t uid)
{
    looked_up++;
    return xasprintf("user%lu", (unsigned long)uid);
}

static void begin(void)
{
    users_init(&users, count_look_up);
    joined = looked_up = 0;
}

static void end(void)
{
    users_clear(&users);
}

TestSuite(users, .init = begin, .fini = end);

static struct peer *join(uid_t uid)
{
    struct peer *peer = &peers[joined++];
    *peer = (struct peer){ 0 };
    users_join(&users, users_find(&users, uid, 0), peer);
    return peer;
}

/* ---- how many -------------------------------------------------------------------------------- */

static size_t holds_all_it_may(size_t open, size_t most)
{
    struct user user = { 0 };
    while (user.connections < users_share(&user, open + user.connections, most))
        user.connections++;
    return user.connections;
}

Test(users, whatever_others_hold_there_is_room_for_the_next)
{
    static const size_t held[] = { 500, 250, 125, 62, 31, 16, 8, 4, 2, 1 };
    size_t open = 0;
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++) {
        cr_expect_eq(holds_all_it_may(open, 1000), held[i], "user %zu", i);
        open += held[i];
    }
    cr_expect_eq(open, 999, "the last is for root");
}

Test(users, who_came_first_opens_no_more_when_others_come)
{
    struct user user = { .connections = 500 };
    cr_expect_eq(users_share(&user, 750, 1000), 375);
}

/* ---- turns ----------------------------------------------------------------------------------- */

Test(users, who_has_one_connection_waits_for_one_of_somebody_elses_and_not_for_all)
{
    for (int i = 0; i < 5; i++)
        users_add_ready(&users, join(GREEDY));
    struct peer *modest = join(MODEST);
    users_add_ready(&users, modest);
    cr_expect_eq(users_take_ready(&users), &peers[0]);
    cr_expect_eq(users_take_ready(&users), modest);
    cr_expect_eq(users_take_ready(&users), &peers[1]);
}

Test(users, who_comes_again_and_again_is_not_before_the_others)
{
    struct peer *greedy = join(GREEDY), *modest = join(MODEST);
    users_add_ready(&users, greedy);
    users_add_ready(&users, modest);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(users_take_ready(&users), greedy);
        users_add_ready(&users, greedy);
        cr_expect_eq(users_take_ready(&users), modest);
        users_add_ready(&users, modest);
    }
}

Test(users, connections_of_one_user_take_turns_too)
{
    struct peer *one = join(GREEDY), *other = join(GREEDY);
    users_add_ready(&users, one);
    users_add_ready(&users, other);
    cr_expect_eq(users_take_ready(&users), one);
    users_add_ready(&users, one);
    cr_expect_eq(users_take_ready(&users), other);
    cr_expect_eq(users_take_ready(&users), one);
}

Test(users, saying_it_twice_is_saying_it_once)
{
    struct peer *peer = join(MODEST);
    users_add_ready(&users, peer);
    users_add_ready(&users, peer);
    cr_expect_eq(users.ready_count, 1);
    cr_expect_eq(users_take_ready(&users), peer);
    cr_expect_null(users_take_ready(&users));
    cr_expect_eq(users.ready_count, 0);
}

/* ---- memory ---------------------------------------------------------------------------------- */

Test(users, what_connections_hold_is_summed_up_by_user)
{
    struct peer *large = join(MODEST), *one = join(GREEDY), *other = join(GREEDY);
    cr_expect_eq(users.connections, 3);
    cr_expect_null(users_greediest(&users));
    users_count(&users, large, 100);
    users_count(&users, one, 60);
    users_count(&users, other, 60);
    cr_expect_eq(users.bytes, 220);
    cr_expect_eq(users_greediest(&users)->uid, GREEDY);
    users_count(&users, other, 10);
    cr_expect_eq(users.bytes, 170);
    cr_expect_eq(users_greediest(&users)->uid, MODEST);
    users_leave(&users, large);
    cr_expect_eq(users.connections, 2);
    cr_expect_eq(users.bytes, 70);
    cr_expect_eq(users_greediest(&users)->uid, GREEDY);
}

/* ---- names ----------------------------------------------------------------------------------- */

Test(users, a_name_is_looked_up_once_however_many_connections_come_and_go)
{
    for (int i = 0; i < 100; i++) {
        struct peer peer = { 0 };
        struct user *user = users_find(&users, MODEST, i);
        cr_assert_str_eq(user->name, "user1001");
        users_join(&users, user, &peer);
        users_leave(&users, &peer);
    }
    cr_expect_eq(looked_up, 1);
    users_find(&users, GREEDY, 0);
    cr_expect_eq(looked_up, 2);
}

Test(users, a_name_is_looked_up_again_after_a_while)
{
    struct peer *peer = join(MODEST);
    users_find(&users, MODEST, USERS_NAME_HOLDS_MS - 1);
    cr_expect_eq(looked_up, 1);
    cr_expect_eq(users_find(&users, MODEST, USERS_NAME_HOLDS_MS), peer->owner);
    cr_expect_eq(looked_up, 2);
}

static size_t count_known(void)
{
    size_t count = 0;
    struct user *user = NULL;
    LIST_FOREACH(user, &users.all, links)
    count++;
    return count;
}

Test(users, those_who_have_gone_are_forgotten)
{
    join(MODEST);
    for (uid_t uid = 2000; uid < 2000 + 3 * USERS_MOST_IDLE; uid++)
        users_find(&users, uid, 1);
    cr_expect_eq(count_known(), 1 + USERS_MOST_IDLE + 1);
    users_find(&users, 9999, 1 + USERS_NAME_HOLDS_MS);
    cr_expect_eq(count_known(), 1 + 1);
    users_find(&users, MODEST, 1);
    cr_expect_eq(looked_up, 1 + 3 * USERS_MOST_IDLE + 1, "one who is connected is remembered");
}
