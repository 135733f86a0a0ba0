#include "daemon/peer.h"

#include "base/memory.h"
#include "daemon/passed_file.h"
#include "wire/answer.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- reading ----------------------------------------------------------------------------- */

/* A half-closed client may still wait for answers; one that is gone does not. */
static bool is_gone(int fd)
{
    struct pollfd state = { .fd = fd };
    return poll(&state, 1, 0) == 1 && (state.revents & (POLLHUP | POLLERR));
}

static ssize_t receive(struct peer *peer, void *bytes, size_t size)
{
    return peer->takes_files ? passed_file_receive(peer->fd, bytes, size, &peer->file_fd)
                             : recv(peer->fd, bytes, size, 0);
}

static void drop_handled(struct peer *peer)
{
    text_drop(&peer->in, peer->in_used);
    peer->in_used = 0;
}

static void read_more(struct peer *peer)
{
    char bytes[PEER_READ_AT_ONCE];
    ssize_t count = receive(peer, bytes, sizeof bytes);
    if (count > 0) {
        drop_handled(peer);
        text_append(&peer->in, bytes, (size_t)count);
        peer->is_counted = false;
    } else if (count == 0) {
        peer->life = is_gone(peer->fd) ? PEER_BROKEN : PEER_ENDED;
    } else if (errno != EAGAIN && errno != EINTR) {
        peer->life = PEER_BROKEN;
    }
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    struct peer *peer = context;
    (void)what;
    if (peer->life == PEER_OPEN)
        read_more(peer);
    else if (is_gone(fd))
        peer->life = PEER_BROKEN;
    peer->on_change(peer->context, peer);
}

static size_t unhandled(const struct peer *peer)
{
    return peer->in.length - peer->in_used;
}

static const char *end_of_line(const struct peer *peer)
{
    size_t length = unhandled(peer);
    return length > 0 ? memchr(peer->in.bytes + peer->in_used, '\n', length) : NULL;
}

bool peer_is_behind(const struct peer *peer)
{
    return answers_untold_bytes(&peer->answers) > PEER_MOST_UNREAD;
}

bool peer_is_idle(const struct peer *peer)
{
    return !peer->deferred && !peer->answers.first && peer->follower.state == FOLLOWER_NONE;
}

bool peer_has_unread(const struct peer *peer)
{
    return peer->deferred || !answers_are_told(&peer->answers);
}

bool peer_has_line(const struct peer *peer)
{
    if (peer->life >= PEER_CLOSING || peer->follower.state != FOLLOWER_NONE || peer_is_behind(peer))
        return false;
    return end_of_line(peer) || (peer->life == PEER_ENDED && unhandled(peer) > 0);
}

bool peer_line_is_too_long(const struct peer *peer)
{
    return unhandled(peer) > REQUEST_LONGEST_LINE && !end_of_line(peer);
}

const char *peer_line(struct peer *peer, size_t *length)
{
    if (!peer_has_line(peer))
        return NULL;
    const char *line = peer->in.bytes + peer->in_used;
    const char *end = end_of_line(peer);
    *length = end ? (size_t)(end - line) : unhandled(peer);
    peer->in_used += *length + (end ? 1 : 0);
    return line;
}

/* ---- writing ----------------------------------------------------------------------------- */

static void write_answers(struct peer *peer)
{
    peer->is_counted = false;
    switch (answers_write(&peer->answers, peer->fd)) {
    case ANSWERS_WRITTEN:
        break;
    case ANSWERS_BLOCKED:
        event_add(peer->writable, NULL);
        break;
    case ANSWERS_BROKEN:
        peer->life = PEER_BROKEN;
        break;
    }
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
    struct peer *peer = context;
    (void)fd, (void)what;
    write_answers(peer);
    peer_regulate(peer);
    peer->on_change(peer->context, peer);
}

/* The turn is over: what it drafted is final, or refused, or never to be told. */
static void peer_act(void *context, enum outbox_commit how)
{
    struct peer *peer = context;
    bool committed = how == OUTBOX_COMMITTED;
    peer->deferred = false;
    if (committed)
        peer->stored_id = peer->latest_id;
    else
        peer->latest_id = peer->stored_id;
    follower_settle(peer, committed);
    if (how == OUTBOX_UNKNOWN || peer->life == PEER_BROKEN) {
        /* The client must ask again, with its `once`: we do not know either. */
        peer->life = PEER_BROKEN;
        peer->on_change(peer->context, peer);
        return;
    }
    answers_settle(&peer->answers, how);
    write_answers(peer);
    peer_regulate(peer);
    if (peer_is_finished(peer) || peer_has_line(peer))
        peer->on_change(peer->context, peer);
}

static void defer(struct peer *peer, struct turn *turn)
{
    peer->is_counted = false;
    if (peer->deferred)
        return;
    peer->deferred = true;
    turn_defer(turn, peer_act, peer);
}

struct text *peer_answer(struct peer *peer, struct turn *turn, const char *ref)
{
    defer(peer, turn);
    return draft_line(answers_latest(&peer->answers), ref);
}

struct text *peer_event(struct peer *peer, struct turn *turn)
{
    defer(peer, turn);
    return draft_event(answers_latest(&peer->answers));
}

void peer_add_wait(struct peer *peer, struct wait *wait)
{
    answers_add_wait(&peer->answers, wait);
    peer->is_counted = false;
}

struct text *peer_end_wait(struct wait *wait, struct turn *turn)
{
    wait->over = true;
    wait_unlist(wait->peer->answers.waits, wait);
    defer(wait->peer, turn);
    return draft_line(&wait->answer, wait->ref);
}

/* ---- life -------------------------------------------------------------------------------- */

struct peer *peer_new(struct event_base *loop, int fd, const struct asker *asker,
                      struct waits *waits, void (*on_change)(void *context, struct peer *peer),
                      void *context)
{
    struct peer *peer = xcalloc(1, sizeof *peer);
    peer->fd = fd;
    peer->asker = *asker;
    peer->file_fd = -1;
    peer->answers.waits = waits;
    peer->on_change = on_change;
    peer->context = context;
    peer->readable = event_new(loop, fd, EV_READ | EV_PERSIST, on_readable, peer);
    peer->writable = event_new(loop, fd, EV_WRITE, on_writable, peer);
    event_add(peer->readable, NULL);
    return peer;
}

void peer_free(struct peer *peer)
{
    follower_leave(peer);
    event_free(peer->readable);
    event_free(peer->writable);
    close(peer->fd);
    if (peer->file_fd >= 0)
        close(peer->file_fd);
    asker_clear(&peer->asker);
    answers_clear(&peer->answers);
    text_clear(&peer->in);
    free(peer);
}

int peer_take_file(struct peer *peer)
{
    int fd = peer->file_fd;
    peer->file_fd = -1;
    return fd;
}

void peer_close(struct peer *peer)
{
    if (peer->life < PEER_CLOSING)
        peer->life = PEER_CLOSING;
}

void peer_give_up(struct peer *peer)
{
    peer->life = PEER_BROKEN;
    event_del(peer->readable);
    event_del(peer->writable);
    answers_clear(&peer->answers);
    text_clear(&peer->in);
    peer->in_used = 0;
    peer->is_counted = false;
}

/* Nothing more is read, but that the client goes altogether is worth knowing. */
static void watch_for_departure(struct peer *peer)
{
    struct event_base *loop = event_get_base(peer->readable);
    if (event_get_events(peer->readable) & EV_ET)
        return;
    event_del(peer->readable);
    event_assign(peer->readable, loop, peer->fd, EV_READ | EV_ET | EV_PERSIST, on_readable, peer);
    event_add(peer->readable, NULL);
}

/* Of one that is open: as long as its client reads, and has not said enough for now. */
static void read_or_pause(struct peer *peer)
{
    bool enough =
        peer_is_behind(peer) || (unhandled(peer) >= PEER_READ_AT_ONCE && end_of_line(peer));
    if (enough)
        event_del(peer->readable);
    else if (!event_pending(peer->readable, EV_READ, NULL))
        event_add(peer->readable, NULL);
}

/* Most clients say little; what was large once is not kept for the next time. */
static void forget_handled(struct peer *peer)
{
    if (unhandled(peer) > 0)
        return;
    drop_handled(peer);
    if (peer->in.capacity > 2 * (size_t)PEER_READ_AT_ONCE)
        text_clear(&peer->in);
    peer->is_counted = false;
}

void peer_regulate(struct peer *peer)
{
    if (peer->life == PEER_OPEN) {
        read_or_pause(peer);
        forget_handled(peer);
    } else {
        watch_for_departure(peer);
    }
}

bool peer_is_finished(const struct peer *peer)
{
    if (peer->deferred)
        return false;
    if (peer->life == PEER_BROKEN)
        return true;
    bool said_all = answers_are_told(&peer->answers) && peer->follower.state == FOLLOWER_NONE;
    return said_all &&
           (peer->life == PEER_CLOSING || (peer->life == PEER_ENDED && !peer_has_line(peer)));
}

size_t peer_size(const struct peer *peer)
{
    return peer->in.capacity + answers_size(&peer->answers);
}
