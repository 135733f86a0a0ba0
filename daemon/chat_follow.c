#include "daemon/chat_follow.h"

#include "base/memory.h"
#include "daemon/follower.h"
#include "daemon/member.h"
#include "daemon/read_desk.h"
#include "queue/retry.h"
#include "wire/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_SEEN = 200, /* messages that are remembered, so that a change is seen */
    MOST_PAGES = 10, /* back to what was seen: more is a gap */
    VERSION_SIZE = 32,
    LONGEST_WAIT_MS = 60 * 1000,
};

/* A message as it was when it was told. */
struct seen {
    int64_t id;
    char version[VERSION_SIZE];
    bool deleted;
};

struct chat_follow {
    struct desk *desk;
    struct chat_place place;
    struct peer *followers; /* a list */
    struct seen seen[MOST_SEEN];
    size_t seen_count;
    int64_t horizon; /* what has no greater id was there before, and is none of our business */
    bool under_way;
    msec_t next_steady_at;
    int64_t failures;
    char trouble[200]; /* as the followers know it, "" for none */
    json_t *unseen;    /* pages so far, newest first, while the known ones have not come */
    char *page;        /* where the next of them is; NULL: the newest */
    int pages;
    struct chat_follow *next;
};

/* ---- what was seen --------------------------------------------------------------------------- */

static struct seen *find_seen(struct chat_follow *follow, int64_t id)
{
    for (size_t i = 0; i < follow->seen_count; i++)
        if (follow->seen[i].id == id)
            return &follow->seen[i];
    return NULL;
}

/* The oldest makes room; it will not be told again. */
static struct seen *make_room(struct chat_follow *follow)
{
    if (follow->seen_count < MOST_SEEN)
        return &follow->seen[follow->seen_count++];
    struct seen *oldest = &follow->seen[0];
    for (size_t i = 1; i < MOST_SEEN; i++)
        if (follow->seen[i].id < oldest->id)
            oldest = &follow->seen[i];
    if (oldest->id > follow->horizon)
        follow->horizon = oldest->id;
    return oldest;
}

static struct seen look_of(const json_t *message)
{
    struct seen look = { .id = read_desk_id(message),
                         .deleted = json_is_string(json_object_get(message, "deletedOn")) };
    const char *version = json_string_value(json_object_get(message, "version"));
    snprintf(look.version, sizeof look.version, "%s", version ? version : "");
    return look;
}

enum news { NEWS_NONE, NEWS_NEW, NEWS_CHANGED };

/* Remember the message as it is. */
static enum news notice(struct chat_follow *follow, const json_t *message)
{
    struct seen look = look_of(message);
    struct seen *before = find_seen(follow, look.id);
    if (!before && look.id <= follow->horizon)
        return NEWS_NONE;
    bool same =
        before && before->deleted == look.deleted && strcmp(before->version, look.version) == 0;
    *(before ? before : make_room(follow)) = look;
    if (!before)
        return NEWS_NEW;
    return same ? NEWS_NONE : NEWS_CHANGED;
}

/* The page reaches back to what is known. */
static bool reaches_known(struct chat_follow *follow, const json_t *page)
{
    int64_t id = read_desk_id(json_array_get(page, json_array_size(page) - 1));
    return json_array_size(page) == 0 || id <= follow->horizon || find_seen(follow, id);
}

/* ---- telling --------------------------------------------------------------------------------- */

/* Takes `event` over. */
static void tell(struct chat_follow *follow, json_t *event)
{
    member_text(event, "thread", follow->place.name);
    for (struct peer *peer = follow->followers; peer; peer = peer->follower.next)
        follower_tell(peer, follow->desk->floor->turn, event);
    json_decref(event);
}

static void tell_message(struct chat_follow *follow, json_t *message)
{
    enum news news = notice(follow, message);
    if (news == NEWS_NONE)
        return;
    json_t *event = json_pack("{s:O}", "message", message);
    if (news == NEWS_CHANGED)
        json_object_set_new(event, "again", json_true());
    tell(follow, event);
}

/* `newest` first, told the other way round. */
static void tell_messages(struct chat_follow *follow, const json_t *newest)
{
    for (size_t i = json_array_size(newest); i-- > 0;)
        tell_message(follow, json_array_get(newest, i));
}

static void tell_gap(struct chat_follow *follow)
{
    tell(follow, json_pack("{s:b}", "gap", 1));
}

/* Once, until it is over or another. */
static void tell_trouble(struct chat_follow *follow, const char *trouble)
{
    if (strcmp(follow->trouble, trouble) == 0)
        return;
    snprintf(follow->trouble, sizeof follow->trouble, "%s", trouble);
    tell(follow, json_pack("{s:s}", "trouble", trouble));
}

/* ---- reading --------------------------------------------------------------------------------- */

static const struct retry_policy patience = { .first_ms = CHAT_FOLLOW_EVERY_MS,
                                              .longest_ms = LONGEST_WAIT_MS };

static void forget_pages(struct chat_follow *follow)
{
    json_decref(follow->unseen);
    free(follow->page);
    follow->unseen = NULL;
    follow->page = NULL;
    follow->pages = 0;
}

/* From now on, which may be long after the turn in which it was asked. */
static void read_again_in(struct chat_follow *follow, msec_t wait_ms)
{
    msec_t now_steady_at = clock_now(follow->desk->floor->use.clock).steady_at;
    follow->next_steady_at = now_steady_at + wait_ms;
}

static void fail(struct chat_follow *follow, const struct delivery *verdict)
{
    follow->failures++;
    read_again_in(follow,
                  msec_max(verdict->wait_ms, retry_wait_ms(&patience, follow->failures, 0)));
    forget_pages(follow);
    tell_trouble(follow, verdict->detail);
}

/* All that is new has come, or as much of it as we are ready to read. */
static void tell_pages(struct chat_follow *follow, bool gap)
{
    if (gap)
        tell_gap(follow);
    tell_messages(follow, follow->unseen);
    forget_pages(follow);
}

static void take_page(struct chat_follow *follow, const struct chat_answer *answer)
{
    json_t *page = json_object_get(answer->body, "value");
    bool known = reaches_known(follow, page);
    if (!follow->unseen)
        follow->unseen = json_array();
    json_array_extend(follow->unseen, page);
    if (!known && answer->next && ++follow->pages < MOST_PAGES) {
        free(follow->page);
        follow->page = xstrdup(answer->next);
        follow->next_steady_at = 0; /* go on at once */
        return;
    }
    tell_pages(follow, !known && answer->next);
}

static void on_page(void *context, const struct chat_answer *answer)
{
    struct chat_follow *follow = context;
    follow->under_way = false;
    if (!answer->body) {
        fail(follow, &answer->verdict);
        return;
    }
    follow->failures = 0;
    follow->trouble[0] = '\0';
    read_again_in(follow, CHAT_FOLLOW_EVERY_MS);
    take_page(follow, answer);
}

static void ask(struct chat_follow *follow)
{
    const struct question question = { .kind = QUESTION_MESSAGES,
                                       .page_size = CHAT_FOLLOW_PAGE,
                                       .page = follow->page };
    follow->under_way =
        chat_reader_ask(follow->desk->reader, &follow->place, &question, on_page, follow);
    if (!follow->under_way)
        follow->next_steady_at = follow->desk->now.steady_at + CHAT_FOLLOW_EVERY_MS;
}

/* ---- who follows ----------------------------------------------------------------------------- */

static void follow_free(struct chat_follow *follow)
{
    forget_pages(follow);
    chat_place_clear(&follow->place);
    free(follow);
}

static struct chat_follow *find(const struct desk *desk, const struct chat_place *place)
{
    for (struct chat_follow *follow = desk->follows; follow; follow = follow->next)
        if (follow->place.number == place->number &&
            strcmp(follow->place.endpoint, place->endpoint) == 0 &&
            strcmp(follow->place.thread, place->thread) == 0 &&
            strcmp(follow->place.sender, place->sender) == 0)
            return follow;
    return NULL;
}

/* What is on the first page is known; what is older is nobody's business any more. */
static struct chat_follow *begin(struct desk *desk, const struct chat_place *place,
                                 const json_t *newest)
{
    struct chat_follow *follow = xcalloc(1, sizeof *follow);
    size_t count = json_array_size(newest);
    follow->desk = desk;
    follow->place = chat_place_copy(place);
    follow->next_steady_at = desk->now.steady_at + CHAT_FOLLOW_EVERY_MS;
    for (size_t i = 0; i < count; i++)
        notice(follow, json_array_get(newest, i));
    if (count >= CHAT_FOLLOW_PAGE)
        follow->horizon = read_desk_id(json_array_get(newest, count - 1));
    follow->next = desk->follows;
    desk->follows = follow;
    return follow;
}

void chat_follow_join(struct desk *desk, const struct chat_place *place, const json_t *newest,
                      struct peer *peer, const char *ref)
{
    struct chat_follow *follow = find(desk, place);
    if (!follow) {
        follow = begin(desk, place, newest);
    } else {
        if (!reaches_known(follow, newest))
            tell_gap(follow);
        tell_messages(follow, newest);
    }
    follower_join(peer, &follow->followers, 0, ref);
}

/* Nobody follows it, and nothing that is under way refers to it. */
static bool is_over(const struct chat_follow *follow)
{
    return !follow->followers && !follow->under_way;
}

msec_t chat_follow_tend(struct desk *desk)
{
    msec_t next_ms = MSEC_NEVER;
    struct chat_follow **link = &desk->follows, *follow = NULL;
    while ((follow = *link)) {
        if (is_over(follow)) {
            *link = follow->next;
            follow_free(follow);
            continue;
        }
        if (!follow->under_way && follow->next_steady_at <= desk->now.steady_at)
            ask(follow);
        if (!follow->under_way)
            next_ms = msec_min(next_ms, follow->next_steady_at - desk->now.steady_at);
        link = &follow->next;
    }
    return next_ms;
}

/* ---- changes --------------------------------------------------------------------------------- */

static void let_go(const struct desk *desk, struct peer *peer, const struct refusal *refusal)
{
    answer_refused(peer_answer(peer, desk->floor->turn, peer->follower.ref), refusal,
                   peer->follower.ref);
    follower_leave(peer);
    peer_close(peer);
}

void chat_follow_review(struct desk *desk)
{
    struct refusal refusal;
    for (struct chat_follow *follow = desk->follows; follow; follow = follow->next) {
        struct peer *next = NULL;
        for (struct peer *peer = follow->followers; peer; peer = next) {
            next = peer->follower.next;
            if (!read_desk_may_go_on(desk, &peer->asker, &follow->place, &refusal))
                let_go(desk, peer, &refusal);
        }
    }
}

void chat_follow_clear(struct desk *desk)
{
    while (desk->follows) {
        struct chat_follow *follow = desk->follows;
        desk->follows = follow->next;
        follow_free(follow);
    }
}
