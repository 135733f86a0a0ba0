#include "daemon/operator.h"

#include "base/memory.h"
#include "daemon/filter.h"
#include "daemon/member.h"

#include <stdlib.h>

/* ---- a message as JSON
 * ------------------------------------------------------------------------------ */

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
    member_number(object, "id", message->id);
    member_text(object, "state", message_state_name(message->state));
    member_text(object, "priority", priority_name(lane_priority(message->lane)));
    member_text(object, "user", message->user);
    member_number(object, "accepted_at", message->accepted_at);
    json_object_set_new(object, "size", json_integer((json_int_t)message->content_bytes));
    member_text(object, "content", message->content);
    member_number(object, "attempts", message->attempts);
    member_number(object, "doubted_at", message->doubted_at);
    member_text(object, "reason", message->reason);
    return object;
}

static json_t *details_of(const struct desk *desk, const struct message *message)
{
    json_t *object = summary_of(message);
    set_thread(desk, object, message->lane);
    member_text(object, "type", message_type_name(message->type));
    json_object_set_new(object, "uid", json_integer(message->uid));
    member_number(object, "pid", message->pid);
    member_text(object, "senderDisplayName", message->display_name);
    if (message->metadata)
        json_object_set_new(object, "metadata", json_loads(message->metadata, 0, NULL));
    member_number(object, "due_at", message->due_at);
    member_number(object, "expires_at", message->expires_at);
    member_number(object, "ended_at", message->ended_at);
    member_text(object, "once", message->once);
    member_text(object, "remote_id", message->remote_id);
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
    member_number(object, "number", attempt->number);
    member_number(object, "began_at", attempt->began_at);
    member_number(object, "ended_at", attempt->ended_at);
    member_text(object, "outcome", outcome_name(attempt->outcome));
    member_number(object, "http", attempt->http);
    member_text(object, "code", attempt->code[0] ? attempt->code : NULL);
    if (attempt->ended_at && attempt->wait_ms != DELIVERY_NO_WAIT)
        json_object_set_new(object, "wait_ms", json_integer(attempt->wait_ms));
    member_text(object, "cv", attempt->cv[0] ? attempt->cv : NULL);
    member_text(object, "reason", attempt->detail[0] ? attempt->detail : NULL);
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

void operator_list(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct outbox_filter filter;
    struct refusal refusal;
    if (!filter_make(desk, &peer->asker, request, &filter, &refusal)) {
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    desk->has_browsed = true;
    struct page page = { .messages = json_array(), .last_id = request->after };
    size_t most = request->limit ? (size_t)request->limit : PAGE;
    int64_t next =
        outbox_list(desk->floor->outbox, &filter, request->after, most, add_message, &page);
    for (size_t i = 0; i < json_array_size(page.messages); i++)
        set_thread(desk, json_array_get(page.messages, i), page.lanes[i]);
    json_t *members = json_pack("{s:o}", "messages", page.messages);
    member_number(members, "next", page.full ? page.last_id : next);
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
    desk->has_browsed = true;
    tally_each(outbox_tally(desk->floor->outbox), add_row, &statistics);
    desk_answer(desk, peer, request,
                json_pack("{s:o, s:o, s:I}", "threads", statistics.threads, "totals",
                          statistics.totals, "under_way",
                          (json_int_t)dispatcher_under_way(desk->floor->dispatcher)));
}
