#include "daemon/intake.h"

#include "base/account.h"
#include "base/memory.h"
#include "daemon/door.h"
#include "daemon/excuse.h"
#include "wire/answer.h"

#include <stdlib.h>

struct intake {
    struct intake_setup use;
    struct door door;
    TAILQ_HEAD(, peer) all; /* the longest idle first */
    struct users users;
    msec_t full_steady_at; /* the end of this turn's time for lines */
    bool closed;
};

static void mark_active(struct intake *intake, struct peer *peer, struct moment now)
{
    peer->active_steady_at = now.steady_at;
    TAILQ_REMOVE(&intake->all, peer, links);
    TAILQ_INSERT_TAIL(&intake->all, peer, links);
}

static void on_change(void *context, struct peer *peer)
{
    struct intake *intake = context;
    users_add_ready(&intake->users, peer);
}

/* ---- connections come and go ----------------------------------------------------------------- */

static void on_enter(void *context, int fd, const struct asker *asker, struct user *user)
{
    struct intake *intake = context;
    const struct intake_setup *use = &intake->use;
    struct peer *peer = peer_new(use->loop, fd, asker, use->waits, on_change, intake);
    peer->takes_files = use->may_pass_files(use->context, asker);
    users_join(&intake->users, user, peer);
    TAILQ_INSERT_TAIL(&intake->all, peer, links);
    users_add_ready(&intake->users, peer);
}

static void drop_peer(struct intake *intake, struct peer *peer)
{
    TAILQ_REMOVE(&intake->all, peer, links);
    users_leave(&intake->users, peer);
    peer_free(peer);
}

struct intake *intake_new(const struct intake_setup *setup)
{
    struct intake *intake = xcalloc(1, sizeof *intake);
    intake->use = *setup;
    TAILQ_INIT(&intake->all);
    users_init(&intake->users, account_user_name);
    intake->door = (struct door){ .listen_fd = setup->listen_fd,
                                  .most = setup->most_peers,
                                  .users = &intake->users,
                                  .clock = setup->clock,
                                  .enter = on_enter,
                                  .context = intake };
    door_open(&intake->door, setup->loop);
    return intake;
}

void intake_free(struct intake *intake)
{
    if (!intake)
        return;
    while (!TAILQ_EMPTY(&intake->all))
        drop_peer(intake, TAILQ_FIRST(&intake->all));
    users_clear(&intake->users);
    door_clear(&intake->door);
    free(intake);
}

void intake_close_door(struct intake *intake)
{
    intake->closed = true;
    door_shut(&intake->door);
    for (struct peer *peer = TAILQ_FIRST(&intake->all); peer; peer = TAILQ_NEXT(peer, links)) {
        peer_close(peer);
        peer_regulate(peer);
    }
}

void intake_excuse(struct intake *intake, const struct refusal *refusal)
{
    excuse_waiting(intake->use.listen_fd, refusal);
    for (const struct peer *peer = TAILQ_FIRST(&intake->all); peer; peer = TAILQ_NEXT(peer, links))
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
    for (struct peer *peer = TAILQ_FIRST(&intake->all); peer; peer = TAILQ_NEXT(peer, links))
        count(intake, peer);
}

/* Of equal ones the one that has been silent for longest. */
static struct peer *largest_of(const struct intake *intake, const struct user *user)
{
    struct peer *largest = NULL;
    for (struct peer *peer = TAILQ_FIRST(&intake->all); peer; peer = TAILQ_NEXT(peer, links))
        if (peer->owner == user && (!largest || peer->counted_bytes > largest->counted_bytes))
            largest = peer;
    return largest;
}

static void say_busy(const struct peer *peer)
{
    struct refusal refusal;
    if (peer_has_unread(peer))
        return;
    refusal_set(&refusal, REFUSAL_BUSY, NULL, "too much is waiting to be handled; try again later");
    excuse_say(peer->fd, &refusal);
}

/* Who holds most gives way, whoever it was that came last: memory is not taken from the modest. */
static void make_room(struct intake *intake)
{
    while (intake->users.bytes > INTAKE_MOST_BYTES) {
        struct peer *peer = largest_of(intake, users_greediest(&intake->users));
        say_busy(peer);
        peer_give_up(peer);
        users_count(&intake->users, peer, 0);
        users_add_ready(&intake->users, peer);
    }
}

/* ---- a turn ---------------------------------------------------------------------------------- */

msec_t intake_next_ms(const struct intake *intake, struct moment now)
{
    const struct peer *oldest = TAILQ_FIRST(&intake->all);
    if (!oldest)
        return MSEC_NEVER;
    return msec_max(oldest->active_steady_at + INTAKE_LONGEST_IDLE_MS - now.steady_at, 0);
}

/* Those who said nothing for long and wait for nothing make room for others. */
static void drop_idle(struct intake *intake, struct moment now)
{
    while (intake_next_ms(intake, now) == 0) {
        struct peer *peer = TAILQ_FIRST(&intake->all);
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
