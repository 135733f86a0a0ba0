#include "base/account.h"
#include "base/memory.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <string.h>

typedef int find_group(const char *name, struct group *entry, char *buffer, size_t size,
                       struct group **found);

/* In the C library's place: there is a group "crowd" whose members take a megabyte. */
int getgrnam_r(const char *name, struct group *entry, char *buffer, size_t size,
               struct group **found)
{
    if (strcmp(name, "crowd") != 0) {
        union {
            void *object;
            find_group *function;
        } real = { dlsym(RTLD_NEXT, "getgrnam_r") };
        return real.function(name, entry, buffer, size, found);
    }
    *found = NULL;
    if (size < 1024 * 1024)
        return ERANGE;
    *entry = (struct group){ .gr_gid = 4711 };
    *found = entry;
    return 0;
}

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

Test(account, a_group_may_have_any_number_of_members)
{
    gid_t gid = 7;
    cr_expect(account_find_group("crowd", &gid));
    cr_expect_eq(gid, 4711);
}
