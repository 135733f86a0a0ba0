#include "base/account.h"

#include "base/memory.h"

#include <grp.h>
#include <pwd.h>

/* A user's or group's entry may be as long as this. */
enum { LONGEST_ENTRY = 64 * 1024 };

bool account_find_user(const char *name, uid_t *uid)
{
    CLEANUP(free_memory) char *buffer = xcalloc(LONGEST_ENTRY, 1);
    struct passwd entry, *found = NULL;
    if (getpwnam_r(name, &entry, buffer, LONGEST_ENTRY, &found) != 0 || !found)
        return false;
    *uid = found->pw_uid;
    return true;
}

bool account_find_group(const char *name, gid_t *gid)
{
    CLEANUP(free_memory) char *buffer = xcalloc(LONGEST_ENTRY, 1);
    struct group entry, *found = NULL;
    if (getgrnam_r(name, &entry, buffer, LONGEST_ENTRY, &found) != 0 || !found)
        return false;
    *gid = found->gr_gid;
    return true;
}

char *account_user_name(uid_t uid)
{
    CLEANUP(free_memory) char *buffer = xcalloc(LONGEST_ENTRY, 1);
    struct passwd entry, *found = NULL;
    if (getpwuid_r(uid, &entry, buffer, LONGEST_ENTRY, &found) == 0 && found)
        return xstrdup(found->pw_name);
    return xasprintf("%lu", (unsigned long)uid);
}
