#include "daemon/intake.h"

#include "base/account.h"
#include "base/memory.h"
#include "daemon/excuse.h"
#include "wire/answer.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct intake {
    struct intake_setup use;
    struct event *acceptable;
    struct peer *oldest, *newest; /* all of them, by their latest activity */
    size_t count;
    struct users users;
    msec_t full_steady_at;        /* the end of this turn's time for lines */
    msec_t rests_until_steady_at; /* no file was left for another connection; 0: some may be */
    bool closed;
};

enum { REST_MS = 500 };

/* ---- the list of all, the longest idle first ------------------------------------------------- */

static void unlink_peer(struct intake *intake, struct peer *peer)
{
    if (peer->previous)
        peer->previous->next = peer->next;
    else
        intake->oldest = peer->next;
    if (peer->next)
        peer->next->previous = peer->previous;
    else
        intake->newest = peer->previous;
}

static void append_peer(struct intake *intake, struct peer *peer)
{
    peer->next = NULL;
    peer->previous = intake->newest;
    if (intake->newest)
        intake->newest->next = peer;
    else
        intake->oldest = peer;
    intake->newest = peer;
}

static void mark_active(struct intake *intake, struct peer *peer, struct moment now)
{
    peer->active_steady_at = now.steady_at;
    unlink_peer(intake, peer);
    append_peer(intake, peer);
}

static void on_change(void *context, struct peer *peer)
{
    struct intake *intake = context;
    users_add_ready(&intake->users, peer);
}

/* ---- connections come and go ----------------------------------------------------------------- */

/* One sentence for a client that is to go. */
static void say_busy(int fd, const char *sentence)
{
    struct refusal refusal;
    refusal_set(&refusal, REFUSAL_BUSY, NULL, "%s; try again later", sentence);
    excuse_say(fd, &refusal);
}

/*
 * Everybody may connect, so that a refusal is a sentence; but those who only hold
 * connections, and may not even send, must not shut the others out. Root and the
 * relay's own user are trusted not to.
 */
static bool has_enough(const struct user *user, size_t share)
{
    return user->uid != 0 && user->uid != geteuid() && user->connections >= share;
}

/* True, and the client was told why, when there is no room for another connection of this user. */
static bool turn_away(const struct intake *intake, int fd, const struct user *user)
{
    CLEANUP(free_memory) char *sentence = NULL;
    size_t most = intake->use.most_peers, share = users_share(user, intake->count, most);
    if (intake->count >= most)
        sentence = xasprintf("%zu connections are open already", most);
    else if (has_enough(user, share))
        sentence = xasprintf(
            "%zu connections of yours are open already, and a user may hold half "
            "of what the others leave free, which is %zu",
            user->connections, share);
    if (sentence)
        say_busy(fd, sentence);
    return sentence != NULL;
}

static void add_peer(struct intake *intake, int fd, const struct asker *asker, struct user *user)
{
    const struct intake_setup *use = &intake->use;
    struct peer *peer = peer_new(use->loop, fd, asker, use->waits, on_change, intake);
    peer->takes_files = use->may_pass_files(use->context, asker);
    users_join(user, peer);
    intake->count++;
    append_peer(intake, peer);
    users_add_ready(&intake->users, peer);
}

static void receive(struct intake *intake, int fd)
{
    const struct intake_setup *use = &intake->use;
    struct asker asker = { 0 };
    if (!asker_from_socket(fd, &asker, NULL)) {
        close(fd);
        return;
    }
    msec_t now_steady_at = clock_now(use->clock).steady_at;
    struct user *user = users_find(&intake->users, asker.uid, now_steady_at);
    if (turn_away(intake, fd, user)) {
        close(fd);
        asker_clear(&asker);
        return;
    }
    asker.user = xstrdup(user->name);
    add_peer(intake, fd, &asker, user);
}

/* Who could not be let in waits on; to be told of that again and again would cost all we have. */
static void rest(struct intake *intake)
{
    event_del(intake->acceptable);
    intake->rests_until_steady_at = clock_now(intake->use.clock).steady_at + REST_MS;
}

static void end_rest(struct intake *intake, struct moment now)
{
    if (intake->rests_until_steady_at == 0 || now.steady_at < intake->rests_until_steady_at)
        return;
    intake->rests_until_steady_at = 0;
    event_add(intake->acceptable, NULL);
}

/* accept(2): the connection stays where it is. */
static bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void on_acceptable(evutil_socket_t listen_fd, short what, void *context)
{
    enum { AT_ONCE = 64 };
    struct intake *intake = context;
    (void)what;
    for (int i = 0; i < AT_ONCE; i++) {
        int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (is_shortage(errno))
                rest(intake);
            return;
        }
        receive(intake, fd);
    }
}

static void drop_peer(struct intake *intake, struct peer *peer)
{
    unlink_peer(intake, peer);
    users_leave(&intake->users, peer);
    intake->count--;
    peer_free(peer);
}

struct intake *intake_new(const struct intake_setup *setup)
{
    struct intake *intake = xcalloc(1, sizeof *intake);
    intake->use = *setup;
    users_init(&intake->users, account_user_name);
    intake->acceptable =
        event_new(setup->loop, setup->listen_fd, EV_READ | EV_PERSIST, on_acceptable, intake);
    event_add(intake->acceptable, NULL);
    return intake;
}

void intake_free(struct intake *intake)
{
    if (!intake)
        return;
    while (intake->oldest)
        drop_peer(intake, intake->oldest);
    users_clear(&intake->users);
    event_free(intake->acceptable);
    close(intake->use.listen_fd);
    free(intake);
}

void intake_close_door(struct intake *intake)
{
    intake->closed = true;
    event_del(intake->acceptable);
    for (struct peer *peer = intake->oldest; peer; peer = peer->next) {
        peer_close(peer);
        peer_regulate(peer);
    }
}

void intake_excuse(struct intake *intake, const struct refusal *refusal)
{
    excuse_waiting(intake->use.listen_fd, refusal);
    for (const struct peer *peer = intake->oldest; peer; peer = peer->next)
        if (peer->life != PEER_BROKEN && peer->answers.draft.final.length == 0)
            excuse_say(peer->fd, refusal);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static bool is_full(const struct intake *intake)
{
    const struct intake_setup *use = &intake->use;
    return use->is_full(use->context) || clock_now(use->clock).steady_at >= intake->full_steady_at;
}

static void refuse_if_too_long(struct peer *peer, struct turn *turn)
{
    struct refusal refusal = { 0 };
    if (!peer_line_is_too_long(peer))
        return;
    refusal_set(&refusal, REFUSAL_INVALID, NULL, "the line is longer than 256 KiB");
    answer_refused(peer_answer(peer, turn, NULL), &refusal, NULL);
    peer_close(peer);
}

/* As many of its lines as are its share of this turn. */
static void handle_lines(const struct intake *intake, struct peer *peer)
{
    const struct intake_setup *use = &intake->use;
    size_t handled = 0, length = 0;
    while (handled < PEER_READ_AT_ONCE && !is_full(intake)) {
        const char *line = peer_line(peer, &length);
        if (!line)
            return;
        handled += length + 1;
        use->handle(use->context, peer, line, length);
    }
}

/* All that a connection holds is gone through for it: not in each turn, as most are silent. */
static void count(struct intake *intake, struct peer *peer)
{
    if (!peer->is_counted)
        users_count(&intake->users, peer, peer_size(peer));
    peer->is_counted = true;
}

static void process_peer(struct intake *intake, struct peer *peer, struct turn *turn,
                         struct moment now)
{
    mark_active(intake, peer, now);
    if (peer->life < PEER_CLOSING) {
        refuse_if_too_long(peer, turn);
        handle_lines(intake, peer);
        peer_regulate(peer);
    }
    if (peer_is_finished(peer)) {
        drop_peer(intake, peer);
        return;
    }
    count(intake, peer);
    if (peer_has_line(peer))
        users_add_ready(&intake->users, peer);
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* What has become of answers since, and of waits. */
static void count_all(struct intake *intake)
{
    for (struct peer *peer = intake->oldest; peer; peer = peer->next)
        count(intake, peer);
}

/* Of equal ones the one that has been silent for longest. */
static struct peer *largest_of(const struct intake *intake, const struct user *user)
{
    struct peer *largest = NULL;
    for (struct peer *peer = intake->oldest; peer; peer = peer->next)
        if (peer->owner == user && (!largest || peer->counted_bytes > largest->counted_bytes))
            largest = peer;
    return largest;
}

/* Who holds most gives way, whoever it was that came last: memory is not taken from the modest. */
static void make_room(struct intake *intake)
{
    while (intake->users.bytes > INTAKE_MOST_BYTES) {
        struct peer *peer = largest_of(intake, users_greediest(&intake->users));
        if (!peer_has_unread(peer))
            say_busy(peer->fd, "too much is waiting to be handled");
        peer_give_up(peer);
        users_count(&intake->users, peer, 0);
        users_add_ready(&intake->users, peer);
    }
}

/* ---- a turn ---------------------------------------------------------------------------------- */

/* How long until the one that has been idle for longest has been so for too long. */
static msec_t idle_ms(const struct intake *intake, struct moment now)
{
    if (!intake->oldest)
        return MSEC_NEVER;
    return msec_max(intake->oldest->active_steady_at + INTAKE_LONGEST_IDLE_MS - now.steady_at, 0);
}

/* Those who said nothing for long and wait for nothing make room for others. */
static void drop_idle(struct intake *intake, struct moment now)
{
    while (idle_ms(intake, now) == 0) {
        struct peer *peer = intake->oldest;
        if (peer_is_idle(peer) && !peer->listed)
            drop_peer(intake, peer);
        else
            mark_active(intake, peer, now);
    }
}

void intake_process(struct intake *intake, struct turn *turn, struct moment now)
{
    drop_idle(intake, now);
    if (intake->closed)
        return;
    end_rest(intake, now);
    size_t ready = intake->users.ready_count;
    if (ready > 0)
        count_all(intake);
    make_room(intake);
    intake->full_steady_at = clock_now(intake->use.clock).steady_at + INTAKE_LONGEST_MS;
    for (; ready > 0 && !is_full(intake); ready--) {
        process_peer(intake, users_take_ready(&intake->users), turn, now);
        make_room(intake);
    }
}

bool intake_has_work(const struct intake *intake)
{
    return intake->users.ready_count > 0 && !intake->closed;
}

msec_t intake_next_ms(const struct intake *intake, struct moment now)
{
    msec_t rest_ms = intake->rests_until_steady_at == 0 || intake->closed
                         ? MSEC_NEVER
                         : msec_max(intake->rests_until_steady_at - now.steady_at, 0);
    return msec_min(rest_ms, idle_ms(intake, now));
}
