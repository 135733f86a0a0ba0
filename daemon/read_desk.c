#include "daemon/read_desk.h"

#include "base/memory.h"
#include "daemon/chat_follow.h"
#include "daemon/member.h"
#include "wire/answer.h"

#include <stdlib.h>
#include <string.h>

enum {
    MESSAGES = 20,           /* unless said */
    LARGEST_PAGE = 50,       /* of the chat's: not much is read in vain */
    MOST_PAGES = 1000,       /* and then we go round in circles */
    MOST_BYTES = 128 * 1024, /* of an answer: then the client asks for the next one */
    PAGE_SHRINKS_BY = 8,     /* when one was longer than we take */
};

/* One request, page by page. */
struct reading {
    struct desk *desk;
    struct wait *wait; /* NULL: nobody waits any more */
    struct chat_place place;
    char *identity; /* of the thread's sender; NULL: the settings do not say */
    size_t wanted;
    int64_t after; /* 0, or: only older ones than this */
    bool follow;
    json_t *newest; /* the first page, for those who follow */
    json_t *messages;
    size_t bytes;
    bool is_full;
    int page_size;
    char *page; /* the link to the page that is being read; NULL: the newest */
    int pages;
};

static void reading_free(struct reading *reading)
{
    chat_place_clear(&reading->place);
    free(reading->identity);
    json_decref(reading->newest);
    json_decref(reading->messages);
    free(reading->page);
    free(reading);
}

int64_t read_desk_id(const json_t *message)
{
    enum { LONGEST = 18 };
    const char *id = json_string_value(json_object_get(message, "id"));
    size_t digits = id ? strspn(id, "0123456789") : 0;
    return digits == 0 || id[digits] || digits > LONGEST ? 0 : strtoll(id, NULL, 10);
}

/* ---- the end --------------------------------------------------------------------------------- */

bool read_desk_may_go_on(const struct desk *desk, const struct asker *asker,
                         const struct chat_place *place, struct refusal *refusal)
{
    const struct directory_thread *thread = directory_find(desk->directory, place->name);
    return (thread && chat_place_is_of(place, thread) &&
            directory_may_see_thread(desk->directory, asker, thread)) ||
           refusal_set(refusal, REFUSAL_UNKNOWN_THREAD, "thread",
                       "the settings have changed: %.64s is another thread now, or elsewhere, or "
                       "not yours to read",
                       place->name);
}

void read_desk_refusal(const struct delivery *verdict, struct refusal *refusal)
{
    refusal_set(refusal, REFUSAL_CHAT, NULL, "%s", verdict->detail);
    refusal->retry = verdict->throttled || verdict->scope == SCOPE_ENDPOINT ||
                     verdict->outcome == OUTCOME_UNSENT;
}

static void refuse(struct reading *reading, const struct refusal *refusal)
{
    struct wait *wait = reading->wait;
    if (wait) {
        follower_await(wait->peer, false);
        answer_refused(peer_end_wait(wait, reading->desk->floor->turn), refusal, wait->ref);
    }
    reading_free(reading);
}

static void refuse_busy(struct reading *reading)
{
    struct refusal refusal;
    refusal_set(&refusal, REFUSAL_BUSY, NULL,
                "too much of the chat is being read already; try again later");
    refuse(reading, &refusal);
}

/* Where the next page begins, if there is more. */
static int64_t next_of(struct reading *reading, const char *link)
{
    size_t count = json_array_size(reading->messages);
    int64_t id = read_desk_id(json_array_get(reading->messages, count - 1));
    const char *page = reading->is_full ? reading->page : link;
    if (count == 0 || id == 0 || (!reading->is_full && !link))
        return 0;
    if (page)
        bookmarks_put(&reading->desk->bookmarks, reading->place.endpoint, reading->place.thread, id,
                      page);
    return id;
}

static void answer(struct reading *reading, const char *link)
{
    struct desk *desk = reading->desk;
    struct wait *wait = reading->wait;
    json_t *members = json_object();
    int64_t next = next_of(reading, link);
    member_text(members, "thread", reading->place.name);
    desk_name_time_zone(desk, members);
    member_text(members, "identity", reading->identity);
    if (reading->follow)
        json_object_set_new(members, "follow", json_true());
    json_object_set(members, "messages", reading->messages);
    if (!reading->follow)
        member_number(members, "next", next);
    struct peer *peer = wait->peer;
    CLEANUP(free_memory) char *ref = xstrdup_or_null(wait->ref);
    answer_json(peer_end_wait(wait, desk->floor->turn), members, ref);
    json_decref(members);
    if (reading->follow)
        chat_follow_join(desk, &reading->place, reading->newest, peer, ref);
    reading_free(reading);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void on_page(void *context, const struct chat_answer *answer);

static void ask(struct reading *reading)
{
    const struct question question = { .kind = QUESTION_MESSAGES,
                                       .page_size = reading->page_size,
                                       .page = reading->page };
    const struct chat_client client = { reading->wait->peer->asker.uid, &reading->wait };
    if (reading->pages++ >= MOST_PAGES ||
        !chat_reader_ask_for(reading->desk->reader, &client, &reading->place, &question, on_page,
                             reading))
        refuse_busy(reading);
}

static void take(struct reading *reading, json_t *message)
{
    size_t bytes = json_dumpb(message, NULL, 0, JSON_COMPACT);
    size_t count = json_array_size(reading->messages);
    int64_t id = read_desk_id(message);
    if (reading->after && id >= reading->after)
        return;
    reading->is_full =
        count == reading->wanted || (count > 0 && reading->bytes + bytes > MOST_BYTES);
    if (reading->is_full)
        return;
    json_array_append(reading->messages, message);
    reading->bytes += bytes;
}

static void take_page(struct reading *reading, const struct chat_answer *page)
{
    json_t *values = json_object_get(page->body, "value"), *message = NULL;
    size_t i = 0;
    if (!reading->newest)
        reading->newest = json_incref(values);
    json_array_foreach(values, i, message)
    {
        if (!reading->is_full)
            take(reading, message);
    }
    if (reading->is_full || !page->next || json_array_size(reading->messages) == reading->wanted) {
        answer(reading, page->next);
        return;
    }
    free(reading->page);
    reading->page = xstrdup(page->next);
    ask(reading);
}

/* A page was too long: again from the newest, in smaller ones, up to where we were. */
static void start_over_smaller(struct reading *reading)
{
    size_t count = json_array_size(reading->messages);
    if (count > 0)
        reading->after = read_desk_id(json_array_get(reading->messages, count - 1));
    reading->page_size =
        reading->page_size > PAGE_SHRINKS_BY ? reading->page_size / PAGE_SHRINKS_BY : 1;
    free(reading->page);
    reading->page = NULL;
    ask(reading);
}

static void on_page(void *context, const struct chat_answer *answer)
{
    struct reading *reading = context;
    struct refusal refusal;
    if (!reading->wait) {
        reading_free(reading);
    } else if (!read_desk_may_go_on(reading->desk, &reading->wait->peer->asker, &reading->place,
                                    &refusal)) {
        refuse(reading, &refusal);
    } else if (answer->body) {
        take_page(reading, answer);
    } else if (answer->too_long && reading->page_size > 1) {
        start_over_smaller(reading);
    } else {
        read_desk_refusal(&answer->verdict, &refusal);
        refuse(reading, &refusal);
    }
}

/* ---- the request ----------------------------------------------------------------------------- */

static bool refuse_thread(const struct desk *desk, const struct request *request,
                          struct refusal *refusal)
{
    if (!request->thread)
        return refusal_set(refusal, REFUSAL_INVALID, "thread",
                           "which thread? there is no default (setting default_thread)");
    return directory_refuse_unknown(desk->directory, "thread", request->thread, "thread", refusal);
}

static const struct directory_thread *find_thread(const struct desk *desk,
                                                  const struct asker *asker,
                                                  const struct request *request,
                                                  struct refusal *refusal)
{
    const struct directory_thread *thread = directory_find(desk->directory, request->thread);
    if (!thread) {
        refuse_thread(desk, request, refusal);
        return NULL;
    }
    if (directory_may_see_thread(desk->directory, asker, thread))
        return thread;
    refusal_set(refusal, REFUSAL_DENIED, "thread",
                "%s may not send to thread %.64s, and so may not read it (setting allow)",
                asker->user, thread->settings->name);
    return NULL;
}

static bool is_sound(const struct request *request, struct refusal *refusal)
{
    return !request->follow || !request->after ||
           refusal_set(refusal, REFUSAL_INVALID, "after",
                       "after is for pages of what was, follow for what comes");
}

void read_desk_answer(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct refusal refusal;
    const struct directory_thread *thread =
        is_sound(request, &refusal) ? find_thread(desk, &peer->asker, request, &refusal) : NULL;
    if (!thread) {
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    struct reading *reading = xcalloc(1, sizeof *reading);
    reading->desk = desk;
    reading->place = chat_place_of(thread);
    reading->identity = xstrdup_or_null(thread->settings->sender->identity);
    reading->wanted = request->limit ? (size_t)request->limit : MESSAGES;
    reading->after = request->after;
    reading->follow = request->follow;
    reading->messages = json_array();
    bool small = reading->wanted < LARGEST_PAGE && !reading->follow;
    reading->page_size = small ? (int)reading->wanted : LARGEST_PAGE;
    reading->page = xstrdup_or_null(bookmarks_find(&desk->bookmarks, reading->place.endpoint,
                                                   reading->place.thread, request->after));
    follower_await(peer, request->follow);
    peer_add_wait(peer, wait_new_known(peer, request->ref, &reading->wait));
    ask(reading);
}
