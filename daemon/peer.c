#include "daemon/peer.h"

#include "base/memory.h"
#include "wire/answer.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- reading ----------------------------------------------------------------------------------
 */

/* Remove the first `count` bytes, which are done with: `*count` becomes 0. */
static void drop_front(struct text *text, size_t *count)
{
    size_t left = text->length - *count;
    if (*count == 0)
        return;
    if (left == 0) {
        text_empty(text);
    } else {
        memmove(text->bytes, text->bytes + *count, left);
        text->length = left;
        text->bytes[left] = '\0';
    }
    *count = 0;
}

/* A large buffer is not kept for the next large answer: most clients ask for one in their life. */
static void shrink(struct text *text)
{
    if (text->length == 0 && text->capacity > 2 * (size_t)PEER_READ_AT_ONCE)
        text_clear(text);
}

/* A half-closed client may still wait for answers; one that is gone does not. */
static bool is_gone(int fd)
{
    struct pollfd state = { .fd = fd };
    return poll(&state, 1, 0) == 1 && (state.revents & (POLLHUP | POLLERR));
}

static void keep_file(struct peer *peer, const struct cmsghdr *part)
{
    size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
        if (peer->file_fd >= 0)
            close(peer->file_fd);
        memcpy(&peer->file_fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
    }
}

/* As recv(2) does it. Who gives no room for descriptors gets none: unix(7), SCM_RIGHTS. */
static ssize_t receive(struct peer *peer, void *bytes, size_t size)
{
    enum { MOST_FILES = 4 };
    _Alignas(struct cmsghdr) char parts[CMSG_SPACE(MOST_FILES * sizeof(int))];
    struct iovec room = { bytes, size };
    struct msghdr message = { .msg_iov = &room, .msg_iovlen = 1 };
    if (peer->takes_files) {
        message.msg_control = parts;
        message.msg_controllen = sizeof parts;
    }
    ssize_t count = recvmsg(peer->fd, &message, MSG_CMSG_CLOEXEC);
    for (struct cmsghdr *part = count < 0 ? NULL : CMSG_FIRSTHDR(&message); part;
         part = CMSG_NXTHDR(&message, part))
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
            keep_file(peer, part);
    return count;
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    struct peer *peer = context;
    char bytes[PEER_READ_AT_ONCE];
    (void)what;

    if (peer->ended) {
        peer->broken = peer->broken || is_gone(fd);
        peer->on_change(peer->context, peer);
        return;
    }
    ssize_t count = receive(peer, bytes, sizeof bytes);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count > 0) {
        drop_front(&peer->in, &peer->in_used);
        text_append(&peer->in, bytes, (size_t)count);
    } else {
        peer->ended = true;
        peer->broken = count < 0 || is_gone(fd);
    }
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

/*
 * Bytes of answers, also of those that still wait for their commit or for a
 * wait's end. A wait takes memory as well, so it counts like an answer.
 */
static size_t unread(const struct peer *peer)
{
    size_t size = peer->answers.final.length - peer->out_written + peer->answers.lines.length;
    for (const struct wait *wait = peer->first_wait; wait; wait = wait->next_of_peer)
        size += wait->size_bytes + wait->behind.final.length + wait->behind.lines.length;
    return size;
}

bool peer_is_behind(const struct peer *peer)
{
    return unread(peer) > PEER_MOST_UNREAD;
}

bool peer_has_unread(const struct peer *peer)
{
    return peer->deferred || peer->first_wait || peer->answers.final.length > 0;
}

bool peer_has_line(const struct peer *peer)
{
    if (peer->closing || peer->broken || peer->settling || peer->follower_link ||
        peer_is_behind(peer))
        return false;
    return end_of_line(peer) || (peer->ended && unhandled(peer) > 0);
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

/* ---- writing ----------------------------------------------------------------------------------
 */

/* Everything of a wait that is over, and of what it held up, is final now. */
static void release_waits(struct peer *peer)
{
    while (peer->first_wait && peer->first_wait->over) {
        struct wait *wait = peer->first_wait;
        text_append(&peer->answers.final, wait->answer.final.bytes, wait->answer.final.length);
        text_append(&peer->answers.final, wait->behind.final.bytes, wait->behind.final.length);
        peer->first_wait = wait->next_of_peer;
        if (!peer->first_wait)
            peer->last_wait = NULL;
        wait_free(peer->waits, wait);
    }
}

static void write_answers(struct peer *peer)
{
    struct text *out = &peer->answers.final;
    while (peer->out_written < out->length) {
        ssize_t count = send(peer->fd, out->bytes + peer->out_written,
                             out->length - peer->out_written, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN) {
            event_add(peer->writable, NULL);
            break;
        }
        if (count < 0) {
            peer->broken = true;
            return;
        }
        peer->out_written += (size_t)count;
    }
    drop_front(out, &peer->out_written);
    shrink(out);
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
    struct peer *peer = context;
    (void)fd, (void)what;
    write_answers(peer);
    peer_regulate(peer);
    peer->on_change(peer->context, peer);
}

static void settle_draft(struct draft *draft, enum outbox_commit how)
{
    struct refusal refusal = { 0 };
    if (how == OUTBOX_COMMITTED) {
        draft_commit(draft);
        return;
    }
    refusal_set(&refusal, REFUSAL_STORAGE, NULL,
                "the outbox could not be written; nothing was stored, try again later");
    draft_refuse(draft, &refusal);
}

/* What the turn made of the connection is kept, or as if it had never been. */
static void settle_turn(struct peer *peer, enum outbox_commit how)
{
    if (how == OUTBOX_COMMITTED) {
        peer->stored_id = peer->latest_id;
    } else {
        peer->latest_id = peer->stored_id;
        peer->missed += peer->told;
        if (peer->joined)
            peer_unfollow(peer);
    }
    peer->told = 0;
    peer->joined = false;
}

/* The turn is over: what it drafted is final, or refused, or never to be told. */
static void peer_act(void *context, enum outbox_commit how)
{
    struct peer *peer = context;
    peer->deferred = false;
    settle_turn(peer, how);
    if (how == OUTBOX_UNKNOWN || peer->broken) {
        /* The client must ask again, with its `once`: we do not know either. */
        peer->broken = true;
        peer->on_change(peer->context, peer);
        return;
    }
    settle_draft(&peer->answers, how);
    for (struct wait *wait = peer->first_wait; wait; wait = wait->next_of_peer) {
        settle_draft(&wait->answer, how);
        settle_draft(&wait->behind, how);
    }
    release_waits(peer);
    write_answers(peer);
    peer_regulate(peer);
    shrink(&peer->answers.lines);
    shrink(&peer->answers.refs);
    if (peer_is_finished(peer) || peer_has_line(peer))
        peer->on_change(peer->context, peer);
}

static void defer(struct peer *peer, struct turn *turn)
{
    if (peer->deferred)
        return;
    peer->deferred = true;
    turn_defer(turn, peer_act, peer);
}

/* Behind what a wait holds up, if there is one. */
static struct draft *last_draft(struct peer *peer)
{
    return peer->last_wait ? &peer->last_wait->behind : &peer->answers;
}

struct text *peer_answer(struct peer *peer, struct turn *turn, const char *ref)
{
    defer(peer, turn);
    return draft_line(last_draft(peer), ref);
}

struct text *peer_event(struct peer *peer, struct turn *turn)
{
    defer(peer, turn);
    return draft_event(last_draft(peer));
}

void peer_add_wait(struct peer *peer, struct wait *wait)
{
    if (peer->last_wait)
        peer->last_wait->next_of_peer = wait;
    else
        peer->first_wait = wait;
    peer->last_wait = wait;
}

struct text *peer_end_wait(struct wait *wait, struct turn *turn)
{
    wait->over = true;
    wait_unlist(wait->peer->waits, wait);
    defer(wait->peer, turn);
    return draft_line(&wait->answer, wait->ref);
}

/* ---- life -------------------------------------------------------------------------------------
 */

struct peer *peer_new(struct event_base *loop, int fd, const struct asker *asker,
                      struct waits *waits, void (*on_change)(void *context, struct peer *peer),
                      void *context)
{
    struct peer *peer = xcalloc(1, sizeof *peer);
    peer->fd = fd;
    peer->asker = *asker;
    peer->file_fd = -1;
    peer->waits = waits;
    peer->on_change = on_change;
    peer->context = context;
    peer->readable = event_new(loop, fd, EV_READ | EV_PERSIST, on_readable, peer);
    peer->writable = event_new(loop, fd, EV_WRITE, on_writable, peer);
    event_add(peer->readable, NULL);
    return peer;
}

void peer_follow(struct peer *peer, struct peer **followers, int64_t thread, const char *ref)
{
    peer->settling = false;
    peer->joined = true;
    peer->follow_thread = thread;
    peer->follow_ref = xstrdup_or_null(ref);
    peer->follower_link = followers;
    peer->next_follower = *followers;
    if (peer->next_follower)
        peer->next_follower->follower_link = &peer->next_follower;
    *followers = peer;
}

void peer_unfollow(struct peer *peer)
{
    if (!peer->follower_link)
        return;
    *peer->follower_link = peer->next_follower;
    if (peer->next_follower)
        peer->next_follower->follower_link = peer->follower_link;
    peer->follower_link = NULL;
    free(peer->follow_ref);
    peer->follow_ref = NULL;
}

static void forget_waits(struct peer *peer)
{
    while (peer->first_wait) {
        struct wait *wait = peer->first_wait;
        peer->first_wait = wait->next_of_peer;
        wait_free(peer->waits, wait);
    }
    peer->last_wait = NULL;
}

void peer_free(struct peer *peer)
{
    peer_unfollow(peer);
    forget_waits(peer);
    event_free(peer->readable);
    event_free(peer->writable);
    close(peer->fd);
    if (peer->file_fd >= 0)
        close(peer->file_fd);
    asker_clear(&peer->asker);
    draft_clear(&peer->answers);
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
    peer->closing = true;
}

void peer_give_up(struct peer *peer)
{
    peer->broken = true;
    event_del(peer->readable);
    event_del(peer->writable);
    forget_waits(peer);
    draft_clear(&peer->answers);
    text_clear(&peer->in);
    peer->out_written = peer->in_used = 0;
}

/* After the end nothing can be read, but that the client goes altogether is worth knowing. */
static void watch_for_departure(struct peer *peer)
{
    struct event_base *loop = event_get_base(peer->readable);
    if (event_get_events(peer->readable) & EV_ET)
        return;
    event_del(peer->readable);
    event_assign(peer->readable, loop, peer->fd, EV_READ | EV_ET | EV_PERSIST, on_readable, peer);
    event_add(peer->readable, NULL);
}

void peer_regulate(struct peer *peer)
{
    if (peer->ended) {
        watch_for_departure(peer);
        return;
    }
    bool enough = peer_is_behind(peer) || peer->closing ||
                  (unhandled(peer) >= PEER_READ_AT_ONCE && end_of_line(peer));
    if (enough)
        event_del(peer->readable);
    else if (!event_pending(peer->readable, EV_READ, NULL))
        event_add(peer->readable, NULL);
    if (unhandled(peer) == 0)
        drop_front(&peer->in, &peer->in_used);
    shrink(&peer->in);
}

bool peer_is_finished(const struct peer *peer)
{
    if (peer->deferred)
        return false;
    if (peer->broken)
        return true;
    bool said_all = !peer->first_wait && !peer->follower_link && peer->answers.final.length == 0;
    return said_all && (peer->closing || (peer->ended && !peer_has_line(peer)));
}

size_t peer_size(const struct peer *peer)
{
    size_t size = peer->in.capacity + draft_size(&peer->answers);
    for (const struct wait *wait = peer->first_wait; wait; wait = wait->next_of_peer)
        size += wait->size_bytes + draft_size(&wait->answer) + draft_size(&wait->behind);
    return size;
}
