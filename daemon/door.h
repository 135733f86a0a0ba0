/*
 * door.h - the listening socket, and who is let in
 *
 * Everybody may connect, so that a refusal is a sentence; but those who only hold
 * connections, and may not even send, must not shut the others out. Root and the
 * relay's own user are trusted not to.
 */
#ifndef CHATRELAY_DAEMON_DOOR_H
#define CHATRELAY_DAEMON_DOOR_H

#include "daemon/access.h"
#include "daemon/users.h"

struct event;
struct event_base;

/* To be filled in but for the events, then door_open(). What is pointed to is borrowed. */
struct door {
    int listen_fd; /* taken over */
    size_t most;   /* connections: users_share() of them for any one user who is not trusted */
    struct users *users;
    const struct clock *clock;
    /* Somebody came in: `fd` and the asker are handed over, and users_join() is to be called. */
    void (*enter)(void *context, int fd, const struct asker *asker, struct user *user);
    void *context;
    struct event *acceptable, *rested;
};

/*
 * Let in, from now on, as the loop finds them. When there is no file for another connection, that
 * is tried again half a second later.
 */
void door_open(struct door *door, struct event_base *loop);

/* Let nobody in any more. */
void door_shut(struct door *door);

/* Likewise, and close the socket. */
void door_clear(struct door *door);

#endif
