#include "daemon/access.h"

#include "base/account.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The highest number is no user's: it stands for none in many a call, as in chown(2). */
bool access_parse_uid(const char *text, uid_t *uid)
{
    enum { MOST_DIGITS = 10 };
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > MOST_DIGITS || text[digits] != '\0')
        return false;
    unsigned long long number = strtoull(text, NULL, 10);
    *uid = (uid_t)number;
    return number < (uid_t)-1;
}

bool access_find_user(const char *name, uid_t *uid)
{
    return access_parse_uid(name, uid) || account_find_user(name, uid);
}

/* The supplementary groups, behind the primary one. */
static bool read_groups(int fd, gid_t primary, struct asker *asker, struct error *err)
{
    socklen_t size = 0;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) != 0 && errno != ERANGE)
        return error_set(err, "cannot tell the caller's groups: %s", strerror(errno));
    gid_t *groups = xcalloc(size / sizeof *groups + 1, sizeof *groups);
    groups[0] = primary;
    if (size > 0 && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups + 1, &size) != 0) {
        free(groups);
        return error_set(err, "cannot tell the caller's groups: %s", strerror(errno));
    }
    asker->groups = groups;
    asker->group_count = size / sizeof *groups + 1;
    return true;
}

bool asker_from_socket(int fd, struct asker *asker, struct error *err)
{
    struct ucred credentials;
    socklen_t size = sizeof credentials;

    *asker = (struct asker){ 0 };
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return error_set(err, "cannot tell who the caller is: %s", strerror(errno));
    if (!read_groups(fd, credentials.gid, asker, err))
        return false;
    asker->uid = credentials.uid;
    asker->pid = credentials.pid;
    return true;
}

void asker_clear(struct asker *asker)
{
    free(asker->user);
    free(asker->groups);
    *asker = (struct asker){ 0 };
}

/* A user, or a group if it begins with @. */
struct access_name {
    const char *name;
    bool exists;
    id_t id;
};

static void ask_group(struct access_name *group)
{
    gid_t gid = 0;
    group->exists = account_find_group(group->name + 1, &gid);
    group->id = gid;
}

static void ask_user(struct access_name *user)
{
    uid_t uid = 0;
    user->exists = account_find_user(user->name, &uid);
    user->id = uid;
}

/* Valid until the next call. */
static const struct access_name *look_up(struct access_names *known, const char *name)
{
    for (size_t i = 0; i < known->count; i++)
        if (strcmp(known->items[i].name, name) == 0)
            return &known->items[i];

    known->items = xreallocarray(known->items, known->count + 1, sizeof *known->items);
    struct access_name *fresh = &known->items[known->count++];
    *fresh = (struct access_name){ .name = name };
    if (name[0] == '@')
        ask_group(fresh);
    else
        ask_user(fresh);
    return fresh;
}

void access_names_clear(struct access_names *known)
{
    free(known->items);
    *known = (struct access_names){ 0 };
}

static void add_group(struct access_list *list, gid_t gid)
{
    list->gids = xreallocarray(list->gids, list->gid_count + 1, sizeof *list->gids);
    list->gids[list->gid_count++] = gid;
}

static void add_user(struct access_list *list, uid_t uid)
{
    list->uids = xreallocarray(list->uids, list->uid_count + 1, sizeof *list->uids);
    list->uids[list->uid_count++] = uid;
}

void access_resolve(struct access_list *list, const struct config_names *names,
                    struct access_names *known)
{
    *list = (struct access_list){ 0 };
    for (size_t i = 0; i < names->count; i++) {
        const struct access_name *name = look_up(known, names->names[i]);
        if (!name->exists)
            continue;
        if (name->name[0] == '@')
            add_group(list, name->id);
        else
            add_user(list, name->id);
    }
}

void access_clear(struct access_list *list)
{
    free(list->uids);
    free(list->gids);
    *list = (struct access_list){ 0 };
}

static bool has_group(const struct asker *asker, gid_t gid)
{
    for (size_t i = 0; i < asker->group_count; i++)
        if (asker->groups[i] == gid)
            return true;
    return false;
}

bool access_admits(const struct access_list *list, const struct asker *asker)
{
    for (size_t i = 0; i < list->uid_count; i++)
        if (list->uids[i] == asker->uid)
            return true;
    for (size_t i = 0; i < list->gid_count; i++)
        if (has_group(asker, list->gids[i]))
            return true;
    return false;
}
