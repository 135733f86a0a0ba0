#include "daemon/intake.h"

#include "base/memory.h"
#include "daemon/excuse.h"
#include "wire/answer.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct intake {
    struct intake_setup use;
    struct event *acceptable;
    struct peer *oldest, *newest; /* all of them, by their latest activity */
    size_t count, size;           /* connections, bytes that they hold */
    struct peer *first_ready, **last_ready;
    bool closed;
};

/* ---- the list of all, the longest idle first
 * ----------------------------------------------------- */

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

/* ---- the list of those with something to do
 * ------------------------------------------------------- */

static void add_ready(struct intake *intake, struct peer *peer)
{
    if (peer->listed)
        return;
    peer->listed = true;
    peer->next_ready = NULL;
    *intake->last_ready = peer;
    intake->last_ready = &peer->next_ready;
}

static struct peer *take_ready(struct intake *intake)
{
    struct peer *peer = intake->first_ready;
    if (!peer)
        return NULL;
    intake->first_ready = peer->next_ready;
    if (!intake->first_ready)
        intake->last_ready = &intake->first_ready;
    peer->listed = false;
    return peer;
}

static void on_change(void *context, struct peer *peer)
{
    add_ready(context, peer);
}

/* ---- connections come and go
 * ------------------------------------------------------------------------ */

static void turn_away(int fd, size_t count, const char *whose)
{
    struct refusal refusal;
    refusal_set(&refusal, REFUSAL_BUSY, NULL, "%zu connections %sare open already; try again later",
                count, whose);
    excuse_say(fd, &refusal);
    close(fd);
}

static size_t connections_of(const struct intake *intake, uid_t uid)
{
    size_t count = 0;
    for (const struct peer *peer = intake->oldest; peer; peer = peer->next)
        count += peer->asker.uid == uid;
    return count;
}

/*
 * Everybody may connect, so that a refusal is a sentence; but who only holds
 * connections, and may not even send, must not shut the others out: half of
 * them are for other users, whoever has the first half. Root and the relay's own
 * user are trusted not to.
 */
static bool has_enough(const struct intake *intake, int fd)
{
    uid_t uid;
    return asker_uid_of_socket(fd, &uid) && uid != 0 && uid != geteuid() &&
           connections_of(intake, uid) >= intake->use.most_peers / 2;
}

static void on_acceptable(evutil_socket_t listen_fd, short what, void *context)
{
    enum { AT_ONCE = 64 };
    struct intake *intake = context;
    (void)what;
    for (int i = 0; i < AT_ONCE; i++) {
        int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (intake->count >= intake->use.most_peers) {
            turn_away(fd, intake->use.most_peers, "");
            continue;
        }
        if (has_enough(intake, fd)) {
            turn_away(fd, intake->use.most_peers / 2, "of yours ");
            continue;
        }
        struct peer *peer = peer_new(intake->use.loop, fd, intake->use.waits, on_change, intake);
        if (!peer)
            continue;
        peer->takes_files = intake->use.may_pass_files(intake->use.context, &peer->asker);
        intake->count++;
        append_peer(intake, peer);
        add_ready(intake, peer);
    }
}

static void drop_peer(struct intake *intake, struct peer *peer)
{
    unlink_peer(intake, peer);
    intake->count--;
    peer_free(peer);
}

struct intake *intake_new(const struct intake_setup *setup)
{
    struct intake *intake = xcalloc(1, sizeof *intake);
    intake->use = *setup;
    intake->last_ready = &intake->first_ready;
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
        if (!peer->broken && peer->answers.final.length == 0)
            excuse_say(peer->fd, refusal);
}

/* ---- lines
 * ---------------------------------------------------------------------------------------- */

static void refuse(struct peer *peer, struct turn *turn, enum refusal_word word,
                   const char *sentence)
{
    struct refusal refusal = { 0 };
    refusal_set(&refusal, word, NULL, "%s", sentence);
    answer_refused(peer_answer(peer, turn, NULL), &refusal, NULL);
    peer_close(peer);
}

/* As many of its lines as are its share of this turn. */
static void handle_lines(struct intake *intake, struct peer *peer)
{
    const struct intake_setup *use = &intake->use;
    size_t handled = 0, length = 0;
    while (handled < PEER_READ_AT_ONCE && !use->is_full(use->context)) {
        const char *line = peer_line(peer, &length);
        if (!line)
            return;
        handled += length + 1;
        use->handle(use->context, peer, line, length);
    }
}

static void check_bounds(struct intake *intake, struct peer *peer, struct turn *turn)
{
    if (peer_line_is_too_long(peer))
        refuse(peer, turn, REFUSAL_INVALID, "the line is longer than 256 KiB");
    else if (intake->size > INTAKE_MOST_BYTES && peer_size(peer) > 4 * (size_t)PEER_READ_AT_ONCE)
        refuse(peer, turn, REFUSAL_BUSY, "too much is waiting to be handled; try again later");
}

static void process_peer(struct intake *intake, struct peer *peer, struct turn *turn,
                         struct moment now)
{
    mark_active(intake, peer, now);
    if (!peer->closing && !peer->broken) {
        check_bounds(intake, peer, turn);
        handle_lines(intake, peer);
        peer_regulate(peer);
    }
    if (peer_is_finished(peer))
        drop_peer(intake, peer);
    else if (peer_has_line(peer))
        add_ready(intake, peer);
}

static size_t size_of_all(const struct intake *intake)
{
    size_t size = 0;
    for (const struct peer *peer = intake->oldest; peer; peer = peer->next)
        size += peer_size(peer);
    return size;
}

/* Those who said nothing for long and wait for nothing make room for others. */
static void drop_idle(struct intake *intake, struct moment now)
{
    while (intake_next_ms(intake, now) == 0) {
        struct peer *peer = intake->oldest;
        if (peer->first_wait || peer->follower_link || peer->deferred || peer->listed)
            mark_active(intake, peer, now);
        else
            drop_peer(intake, peer);
    }
}

void intake_process(struct intake *intake, struct turn *turn, struct moment now)
{
    size_t ready = 0;
    drop_idle(intake, now);
    if (intake->closed)
        return;
    for (const struct peer *peer = intake->first_ready; peer; peer = peer->next_ready)
        ready++;
    intake->size = ready > 0 ? size_of_all(intake) : 0;
    for (; ready > 0 && !intake->use.is_full(intake->use.context); ready--)
        process_peer(intake, take_ready(intake), turn, now);
}

bool intake_has_work(const struct intake *intake)
{
    return intake->first_ready && !intake->closed;
}

msec_t intake_next_ms(const struct intake *intake, struct moment now)
{
    if (!intake->oldest)
        return MSEC_NEVER;
    return msec_max(intake->oldest->active_steady_at + INTAKE_LONGEST_IDLE_MS - now.steady_at, 0);
}
