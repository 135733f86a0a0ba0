#include "base/account.h"
#include "base/memory.h"

#include <criterion/criterion.h>

Test(account, root_is_everywhere)
{
    uid_t uid = 1;
    gid_t gid = 1;
    cr_expect(account_find_user("root", &uid));
    cr_expect_eq(uid, 0);
    cr_expect(account_find_group("root", &gid));
    cr_expect_eq(gid, 0);
    CLEANUP(free_memory) char *name = account_user_name(0);
    cr_expect_str_eq(name, "root");
}

Test(account, who_is_not_there_changes_nothing)
{
    uid_t uid = 7;
    gid_t gid = 7;
    cr_expect_not(account_find_user("no-such-user", &uid));
    cr_expect_not(account_find_group("no-such-group", &gid));
    cr_expect_eq(uid, 7);
    cr_expect_eq(gid, 7);
}

Test(account, who_has_no_name_has_a_number)
{
    CLEANUP(free_memory) char *name = account_user_name(4000000001);
    cr_expect_str_eq(name, "4000000001");
}
