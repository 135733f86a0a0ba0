#include "base/account.h"

#include "base/memory.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>

/* No user's entry is longer; a group's names all its members. */
enum { USUAL_ENTRY = 64 * 1024, LONGEST_ENTRY = 64 * 1024 * 1024 };

bool account_find_user(const char *name, uid_t *uid)
{
    CLEANUP(free_memory) char *buffer = xcalloc(USUAL_ENTRY, 1);
    struct passwd entry, *found = NULL;
    if (getpwnam_r(name, &entry, buffer, USUAL_ENTRY, &found) != 0 || !found)
        return false;
    *uid = found->pw_uid;
    return true;
}

bool account_find_group(const char *name, gid_t *gid)
{
    struct group entry, *found = NULL;
    int problem = ERANGE;
    for (size_t size = USUAL_ENTRY; problem == ERANGE && size <= LONGEST_ENTRY; size *= 4) {
        CLEANUP(free_memory) char *buffer = xcalloc(size, 1);
        problem = getgrnam_r(name, &entry, buffer, size, &found);
    }
    if (problem != 0 || !found)
        return false;
    *gid = entry.gr_gid;
    return true;
}

char *account_user_name(uid_t uid)
{
    CLEANUP(free_memory) char *buffer = xcalloc(USUAL_ENTRY, 1);
    struct passwd entry, *found = NULL;
    if (getpwuid_r(uid, &entry, buffer, USUAL_ENTRY, &found) == 0 && found)
        return xstrdup(found->pw_name);
    return xasprintf("%lu", (unsigned long)uid);
}
