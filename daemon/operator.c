#include "daemon/operator.h"

#include "base/memory.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a message as JSON
 * ------------------------------------------------------------------------------ */

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text)
        json_object_set_new(object, name, json_string(text));
}

static void set_number(json_t *object, const char *name, int64_t number)
{
    if (number)
        json_object_set_new(object, name, json_integer(number));
}

static void set_thread(const struct desk *desk, json_t *object, lane_id lane)
{
    char *name = NULL;
    if (outbox_thread_name(desk->floor->outbox, lane_thread(lane), &name))
        json_object_set_new(object, "thread", json_string(name));
    free(name);
}

/* What list and show have in common. */
static json_t *summary_of(const struct message *message)
{
    json_t *object = json_object();
    set_number(object, "id", message->id);
    set_text(object, "state", message_state_name(message->state));
    set_text(object, "priority", priority_name(lane_priority(message->lane)));
    set_text(object, "user", message->user);
    set_number(object, "accepted_at", message->accepted_at);
    json_object_set_new(object, "size", json_integer((json_int_t)message->content_bytes));
    set_text(object, "content", message->content);
    set_number(object, "attempts", message->attempts);
    set_number(object, "doubted_at", message->doubted_at);
    set_text(object, "reason", message->reason);
    return object;
}

static json_t *details_of(const struct desk *desk, const struct message *message)
{
    json_t *object = summary_of(message);
    set_thread(desk, object, message->lane);
    set_text(object, "type", message_type_name(message->type));
    json_object_set_new(object, "uid", json_integer(message->uid));
    set_number(object, "pid", message->pid);
    set_text(object, "senderDisplayName", message->display_name);
    if (message->metadata)
        json_object_set_new(object, "metadata", json_loads(message->metadata, 0, NULL));
    set_number(object, "due_at", message->due_at);
    set_number(object, "expires_at", message->expires_at);
    set_number(object, "ended_at", message->ended_at);
    set_text(object, "once", message->once);
    set_text(object, "remote_id", message->remote_id);
    return object;
}

/* ---- show
 * ------------------------------------------------------------------------------------------- */

static const char *outcome_name(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_SENT:
        return "sent";
    case OUTCOME_REFUSED:
        return "refused";
    case OUTCOME_UNSENT:
        return "unsent";
    case OUTCOME_DOUBT:
        return "doubt";
    case OUTCOME_NONE:
        break;
    }
    return "unknown";
}

static void add_attempt(void *context, const struct attempt *attempt)
{
    json_t *object = json_object();
    set_number(object, "number", attempt->number);
    set_number(object, "began_at", attempt->began_at);
    set_number(object, "ended_at", attempt->ended_at);
    set_text(object, "outcome", outcome_name(attempt->outcome));
    set_number(object, "http", attempt->http);
    set_text(object, "code", attempt->code[0] ? attempt->code : NULL);
    if (attempt->ended_at && attempt->wait_ms != DELIVERY_NO_WAIT)
        json_object_set_new(object, "wait_ms", json_integer(attempt->wait_ms));
    set_text(object, "cv", attempt->cv[0] ? attempt->cv : NULL);
    set_text(object, "reason", attempt->detail[0] ? attempt->detail : NULL);
    json_array_append_new(context, object);
}

void operator_show(struct desk *desk, struct peer *peer, const struct request *request)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (!desk_load(desk, peer, request, request->id, &message))
        return;
    json_t *object = details_of(desk, &message);
    json_t *log = json_array();
    outbox_attempts(desk->floor->outbox, message.id, add_attempt, log);
    json_object_set_new(object, "log", log);
    desk_answer(desk, peer, request, object);
}

/* ---- list
 * ------------------------------------------------------------------------------------------- */

enum { PAGE = 100, ANSWER_MOST_BYTES = 128 * 1024 };

/* A page in the making. It ends early when it grows too long for one answer. */
struct page {
    json_t *messages;
    lane_id lanes[REQUEST_LARGEST_PAGE]; /* of each of them */
    size_t size_bytes;
    int64_t last_id;
    bool full;
};

static void add_message(void *context, const struct message *message)
{
    struct page *page = context;
    if (page->size_bytes > ANSWER_MOST_BYTES)
        page->full = true;
    if (page->full)
        return;
    page->lanes[json_array_size(page->messages)] = message->lane;
    json_array_append_new(page->messages, summary_of(message));
    page->size_bytes += message->content_bytes + 300;
    page->last_id = message->id;
}

static bool find_user(const char *name, int64_t *uid)
{
    enum { LONGEST_ENTRY = 64 * 1024 };
    CLEANUP(free_memory) char *buffer = xcalloc(LONGEST_ENTRY, 1);
    struct passwd entry, *found = NULL;
    char *end = NULL;
    if (getpwnam_r(name, &entry, buffer, LONGEST_ENTRY, &found) == 0 && found) {
        *uid = found->pw_uid;
        return true;
    }
    *uid = strtoll(name, &end, 10);
    return end > name && *end == '\0';
}

/* Who is asked for; someone who is no operator asks for themselves in any case. */
static bool filter_user(const struct desk *desk, const struct asker *asker,
                        const struct request *request, struct outbox_filter *filter,
                        struct refusal *refusal)
{
    filter->uid = -1;
    if (request->user && !find_user(request->user, &filter->uid))
        return refusal_set(refusal, REFUSAL_INVALID, "user", "there is no user \"%.64s\"",
                           request->user);
    if (directory_is_operator(desk->directory, asker))
        return true;
    if (request->user && filter->uid != asker->uid)
        return refusal_set(refusal, REFUSAL_DENIED, "user",
                           "only operators may see messages of others (setting operators)");
    filter->uid = asker->uid;
    return true;
}

static bool make_filter(const struct desk *desk, const struct asker *asker,
                        const struct request *request, struct outbox_filter *filter,
                        struct refusal *refusal)
{
    *filter = (struct outbox_filter){ .thread = -1, .state = -1, .priority = -1 };
    if (request->thread) {
        const struct directory_thread *thread = directory_find(desk->directory, request->thread);
        if (!thread)
            return refusal_set(refusal, REFUSAL_UNKNOWN_THREAD, "thread",
                               "there is no thread \"%.64s\" in the settings", request->thread);
        filter->thread = thread->number;
    }
    /* Both enums count from "any" in the request and from the first value here. */
    filter->state = (int)request->state - REQUEST_STATE_SCHEDULED;
    filter->priority = (int)request->priority - REQUEST_PRIORITY_URGENT;
    if (request->older_than_ms >= 0)
        filter->accepted_before = msec_max(desk->now.at - request->older_than_ms, 1);
    return filter_user(desk, asker, request, filter, refusal);
}

void operator_list(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct outbox_filter filter;
    struct refusal refusal;
    if (!make_filter(desk, &peer->asker, request, &filter, &refusal)) {
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    struct page page = { .messages = json_array(), .last_id = request->after };
    size_t most = request->limit ? (size_t)request->limit : PAGE;
    int64_t next =
        outbox_list(desk->floor->outbox, &filter, request->after, most, add_message, &page);
    for (size_t i = 0; i < json_array_size(page.messages); i++)
        set_thread(desk, json_array_get(page.messages, i), page.lanes[i]);
    json_t *members = json_pack("{s:o}", "messages", page.messages);
    set_number(members, "next", page.full ? page.last_id : next);
    desk_answer(desk, peer, request, members);
}

/* ---- stats
 * ------------------------------------------------------------------------------------------ */

/* Sums by thread and state, and over all threads. */
struct statistics {
    const struct desk *desk;
    int64_t uid; /* TALLY_ANY: of everybody */
    json_t *threads, *totals;
};

static void count_in(json_t *counts, const struct tally_row *row)
{
    const char *state = message_state_name(row->state);
    json_int_t counted = json_integer_value(json_object_get(counts, state));
    json_object_set_new(counts, state, json_integer(counted + row->messages));
}

static json_t *thread_counts(const struct statistics *statistics, lane_id lane)
{
    char *name = NULL;
    if (!outbox_thread_name(statistics->desk->floor->outbox, lane_thread(lane), &name))
        return NULL;
    json_t *counts = json_object_get(statistics->threads, name);
    if (!counts) {
        counts = json_object();
        json_object_set_new(statistics->threads, name, counts);
    }
    free(name);
    return counts;
}

static void add_row(void *context, const struct tally_row *row)
{
    const struct statistics *statistics = context;
    if (row->messages == 0 || (statistics->uid != TALLY_ANY && statistics->uid != row->uid))
        return;
    count_in(statistics->totals, row);
    json_t *counts = thread_counts(statistics, row->lane);
    if (counts)
        count_in(counts, row);
}

void operator_stats(struct desk *desk, struct peer *peer, const struct request *request)
{
    bool sees_all = directory_is_operator(desk->directory, &peer->asker);
    struct statistics statistics = { .desk = desk,
                                     .uid = sees_all ? TALLY_ANY : (int64_t)peer->asker.uid,
                                     .threads = json_object(),
                                     .totals = json_object() };
    tally_each(outbox_tally(desk->floor->outbox), add_row, &statistics);
    desk_answer(desk, peer, request,
                json_pack("{s:o, s:o, s:I}", "threads", statistics.threads, "totals",
                          statistics.totals, "under_way",
                          (json_int_t)dispatcher_under_way(desk->floor->dispatcher)));
}
