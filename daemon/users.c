#include "daemon/users.h"

#include "base/memory.h"
#include "daemon/peer.h"

#include <stdlib.h>

void users_init(struct users *users, char *(*name_of)(uid_t uid))
{
    *users = (struct users){ .name_of = name_of };
    LIST_INIT(&users->all);
    STAILQ_INIT(&users->ready);
}

static void forget(struct user *user)
{
    LIST_REMOVE(user, links);
    free(user->name);
    free(user);
}

void users_clear(struct users *users)
{
    struct user *next = NULL;
    for (struct user *user = LIST_FIRST(&users->all); user; user = next) {
        next = LIST_NEXT(user, links);
        forget(user);
    }
}

/* ---- their names ----------------------------------------------------------------------------- */

static bool is_fresh(const struct user *user, msec_t now_steady_at)
{
    return user->name && now_steady_at - user->named_steady_at < USERS_NAME_HOLDS_MS;
}

/* The latest of them are at the front. */
static void forget_idle(struct users *users, msec_t now_steady_at)
{
    size_t idle = 0;
    struct user *next = NULL;
    for (struct user *user = LIST_FIRST(&users->all); user; user = next) {
        next = LIST_NEXT(user, links);
        if (user->connections == 0 && (!is_fresh(user, now_steady_at) || ++idle > USERS_MOST_IDLE))
            forget(user);
    }
}

static struct user *add(struct users *users, uid_t uid)
{
    struct user *user = xcalloc(1, sizeof *user);
    user->uid = uid;
    STAILQ_INIT(&user->ready);
    LIST_INSERT_HEAD(&users->all, user, links);
    return user;
}

struct user *users_find(struct users *users, uid_t uid, msec_t now_steady_at)
{
    struct user *user = LIST_FIRST(&users->all);
    while (user && user->uid != uid)
        user = LIST_NEXT(user, links);
    if (!user) {
        forget_idle(users, now_steady_at);
        user = add(users, uid);
    }
    if (!is_fresh(user, now_steady_at)) {
        free(user->name);
        user->name = users->name_of(uid);
        user->named_steady_at = now_steady_at;
    }
    return user;
}

/* ---- their connections ----------------------------------------------------------------------- */

size_t users_share(const struct user *user, size_t open, size_t most)
{
    size_t others = open - user->connections;
    return (most - others) / 2;
}

void users_join(struct users *users, struct user *user, struct peer *peer)
{
    peer->owner = user;
    user->connections++;
    users->connections++;
}

void users_leave(struct users *users, struct peer *peer)
{
    users_count(users, peer, 0);
    peer->owner->connections--;
    users->connections--;
}

void users_add_ready(struct users *users, struct peer *peer)
{
    struct user *user = peer->owner;
    if (peer->listed)
        return;
    if (STAILQ_EMPTY(&user->ready))
        STAILQ_INSERT_TAIL(&users->ready, user, next_ready);
    STAILQ_INSERT_TAIL(&user->ready, peer, next_ready);
    peer->listed = true;
    users->ready_count++;
}

/* The user goes to the end of the row, the connection out of it. */
struct peer *users_take_ready(struct users *users)
{
    struct user *user = STAILQ_FIRST(&users->ready);
    if (!user)
        return NULL;
    struct peer *peer = STAILQ_FIRST(&user->ready);
    STAILQ_REMOVE_HEAD(&users->ready, next_ready);
    STAILQ_REMOVE_HEAD(&user->ready, next_ready);
    if (!STAILQ_EMPTY(&user->ready))
        STAILQ_INSERT_TAIL(&users->ready, user, next_ready);
    peer->listed = false;
    users->ready_count--;
    return peer;
}

/* ---- what they hold -------------------------------------------------------------------------- */

void users_count(struct users *users, struct peer *peer, size_t bytes)
{
    users->bytes += bytes - peer->counted_bytes;
    peer->owner->bytes += bytes - peer->counted_bytes;
    peer->counted_bytes = bytes;
}

struct user *users_greediest(const struct users *users)
{
    struct user *user = NULL, *greediest = NULL;
    size_t most = 0;
    LIST_FOREACH(user, &users->all, links)
    if (user->bytes > most) {
        most = user->bytes;
        greediest = user;
    }
    return greediest;
}
