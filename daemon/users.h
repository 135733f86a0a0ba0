/*
 * users.h - the users who are connected, and what each of them holds
 *
 * However many connections a user has, they count as one where something is
 * shared: users take turns, and within a user the connections do. What they hold
 * in memory is summed up. A user's name is looked up once in a while and not for
 * each connection, because all wait for the answer, which may come over a network.
 */
#ifndef CHATRELAY_DAEMON_USERS_H
#define CHATRELAY_DAEMON_USERS_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/types.h>

enum {
    USERS_NAME_HOLDS_MS = 5 * 60 * 1000,
    USERS_MOST_IDLE = 256, /* names that are known of users without a connection */
};

struct peer;
STAILQ_HEAD(peers, peer);

struct user {
    uid_t uid;
    char *name; /* or the number in decimal */
    msec_t named_steady_at;
    size_t connections;
    size_t bytes;       /* in the memory of them all, as users_count() was told */
    struct peers ready; /* those with something to do */
    STAILQ_ENTRY(user) next_ready;
    LIST_ENTRY(user) links;
};

struct users {
    char *(*name_of)(uid_t uid); /* asked for a user's name; the answer is to be freed */
    LIST_HEAD(, user) all;
    STAILQ_HEAD(, user) ready; /* who have such connections */
    size_t ready_count;        /* connections */
    size_t connections;        /* of all users, as the next */
    size_t bytes;
};

void users_init(struct users *users, char *(*name_of)(uid_t uid));

/* All connections are gone, or will never be named here again. */
void users_clear(struct users *users);

/* The user `uid`, whose name is as it was a short while ago. */
struct user *users_find(struct users *users, uid_t uid, msec_t now_steady_at);

/*
 * How many of `most` connections this user may hold while all together hold `open`: half of what
 * the others leave free, so that however many users hold all they may, there is room for another.
 */
size_t users_share(const struct user *user, size_t open, size_t most);

/* `peer` is a connection of this user, and holds nothing yet. */
void users_join(struct users *users, struct user *user, struct peer *peer);

/* It is gone. It must not be ready. */
void users_leave(struct users *users, struct peer *peer);

/* It has something to do: it will have its turn. May be said again. */
void users_add_ready(struct users *users, struct peer *peer);

/* Whose turn it is; NULL when there is none. */
struct peer *users_take_ready(struct users *users);

/* It holds so much now. */
void users_count(struct users *users, struct peer *peer, size_t bytes);

/* Who holds most, NULL when nobody holds anything. */
struct user *users_greediest(const struct users *users);

#endif
