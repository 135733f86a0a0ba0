/*
 * access.h - who speaks, and what they may do
 *
 * Who speaks is known from the kernel (SO_PEERCRED, SO_PEERGROUPS: unix(7)).
 * The socket lets everybody in: `allow` decides, so that a refusal is a sentence.
 */
#ifndef CHATRELAY_DAEMON_ACCESS_H
#define CHATRELAY_DAEMON_ACCESS_H

#include "base/error.h"
#include "config/config.h"

#include <stddef.h>
#include <sys/types.h>

/* The process at the other end of a connection, as it was when it connected. */
struct asker {
    uid_t uid;
    pid_t pid;
    char *user;    /* its name, or its number in decimal; see account_user_name() */
    gid_t *groups; /* the primary one first */
    size_t group_count;
};

/*
 * All but the name, which the kernel does not know. False when it does not say
 * the rest. To be cleared with asker_clear().
 */
MUST_CHECK bool asker_from_socket(int fd, struct asker *asker, struct error *err);
void asker_clear(struct asker *asker);

/* The number of a user, in decimal. False when `text` is none that a user may have. */
MUST_CHECK bool access_parse_uid(const char *text, uid_t *uid);

/*
 * The number of a user, who is called by that number, which takes no time, or by name. False when
 * there is none.
 */
MUST_CHECK bool access_find_user(const char *name, uid_t *uid);

/* A list of users and groups, as numbers. Zeroed, it admits nobody. */
struct access_list {
    uid_t *uids;
    size_t uid_count;
    gid_t *gids;
    size_t gid_count;
};

/*
 * What names stand for, asked once of each: an answer costs more than a hundred
 * system calls, and most threads allow the same. Zeroed, nothing is known yet;
 * the names themselves are borrowed.
 */
struct access_names {
    struct access_name *items;
    size_t count;
};
void access_names_clear(struct access_names *known);

/* Names that do not exist are nobody. To be cleared with access_clear(). */
void access_resolve(struct access_list *list, const struct config_names *names,
                    struct access_names *known);
void access_clear(struct access_list *list);

bool access_admits(const struct access_list *list, const struct asker *asker);

#endif
