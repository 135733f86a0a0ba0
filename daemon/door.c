#include "daemon/door.h"

#include "base/memory.h"
#include "daemon/excuse.h"

#include <errno.h>
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

static bool has_enough(const struct user *user, size_t share)
{
    return user->uid != 0 && user->uid != geteuid() && user->connections >= share;
}

/* True, and the client was told why, when there is no room for another connection of this user. */
static bool turn_away(const struct door *door, int fd, const struct user *user)
{
    struct refusal refusal;
    size_t open = door->users->connections, share = users_share(user, open, door->most);
    if (open >= door->most)
        refusal_set(&refusal, REFUSAL_BUSY, NULL,
                    "%zu connections are open already; try again later", door->most);
    else if (has_enough(user, share))
        refusal_set(&refusal, REFUSAL_BUSY, NULL,
                    "%zu connections of yours are open already, and a user may hold half "
                    "of what the others leave free, which is %zu; try again later",
                    user->connections, share);
    else
        return false;
    excuse_say(fd, &refusal);
    return true;
}

static void receive(const struct door *door, int fd)
{
    struct asker asker = { 0 };
    struct user *user = NULL;
    if (asker_from_socket(fd, &asker, NULL))
        user = users_find(door->users, asker.uid, clock_now(door->clock).steady_at);
    if (!user || turn_away(door, fd, user)) {
        asker_clear(&asker);
        close(fd);
        return;
    }
    asker.user = xstrdup(user->name);
    door->enter(door->context, fd, &asker, user);
}

/* Who could not be let in waits on; to be told of that again and again would cost all we have. */
static void rest(const struct door *door)
{
    static const struct timeval half_a_second = { .tv_usec = 500000 };
    event_del(door->acceptable);
    evtimer_add(door->rested, &half_a_second);
}

static void on_rested(evutil_socket_t fd, short what, void *context)
{
    const struct door *door = context;
    (void)fd, (void)what;
    event_add(door->acceptable, NULL);
}

/* accept(2): the connection stays where it is. */
static bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void on_acceptable(evutil_socket_t listen_fd, short what, void *context)
{
    enum { AT_ONCE = 64 };
    const struct door *door = context;
    (void)what;
    for (int i = 0; i < AT_ONCE; i++) {
        int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (is_shortage(errno))
                rest(door);
            return;
        }
        receive(door, fd);
    }
}

void door_open(struct door *door, struct event_base *loop)
{
    door->acceptable = event_new(loop, door->listen_fd, EV_READ | EV_PERSIST, on_acceptable, door);
    door->rested = evtimer_new(loop, on_rested, door);
    event_add(door->acceptable, NULL);
}

void door_shut(struct door *door)
{
    event_del(door->acceptable);
    evtimer_del(door->rested);
}

void door_clear(struct door *door)
{
    event_free(door->acceptable);
    event_free(door->rested);
    close(door->listen_fd);
}
