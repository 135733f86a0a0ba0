#include "daemon/operator.h"

#include "base/memory.h"
#include "daemon/filter.h"
#include "daemon/member.h"
#include "daemon/message_view.h"
#include "daemon/show_remote.h"

#include <stdlib.h>

/* ---- show ---------------------------------------------------------------------------------- */

void operator_show(struct desk *desk, struct peer *peer, const struct request *request)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (!desk_load(desk, peer, request, request->id, &message))
        return;
    if (request->remote) {
        show_remote(desk, peer, request, &message);
        return;
    }
    desk_answer(desk, peer, request, operator_view(desk, &message));
}

json_t *operator_view(struct desk *desk, const struct message *message)
{
    json_t *object = message_view_full(desk, message);
    json_t *log = json_array();
    outbox_attempts(desk->floor->outbox, message->id, message_view_add_attempt, log);
    json_object_set_new(object, "log", log);
    desk_name_time_zone(desk, object);
    if (message->state == MESSAGE_PENDING)
        message_view_add_standing(desk, object, message);
    return object;
}

/* ---- list ---------------------------------------------------------------------------------- */

enum { PAGE = 100, ANSWER_MOST_BYTES = 128 * 1024 };

/* A page in the making. It ends early when it grows too long for one answer. */
struct page {
    json_t *messages;
    lane_id lanes[REQUEST_LARGEST_PAGE]; /* of each of them */
    size_t size_bytes;
};

static bool add_message(void *context, const struct message *message)
{
    struct page *page = context;
    page->lanes[json_array_size(page->messages)] = message->lane;
    json_array_append_new(page->messages, message_view_brief(message));
    page->size_bytes += message->content_bytes + 300;
    return page->size_bytes <= ANSWER_MOST_BYTES;
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
    struct page page = { .messages = json_array() };
    size_t most = request->limit ? (size_t)request->limit : PAGE;
    int64_t next =
        outbox_list(desk->floor->outbox, &filter, request->after, most, add_message, &page);
    struct message_view_whole whole = { 0 };
    for (size_t i = 0; i < json_array_size(page.messages); i++) {
        json_t *object = json_array_get(page.messages, i);
        message_view_set_thread(desk, object, page.lanes[i]);
        message_view_add_whole(desk, object, &whole);
    }
    json_t *members = json_pack("{s:o}", "messages", page.messages);
    member_number(members, "next", next);
    desk_answer(desk, peer, request, members);
}

/* ---- stats --------------------------------------------------------------------------------- */

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

static json_t *longest_turn(const struct turn_cost *cost)
{
    enum { US_PER_MS = 1000 };
    return json_pack("{s:I, s:I}", "cpu_ms", (json_int_t)(cost->longest_cpu_us / US_PER_MS),
                     "write_ms", (json_int_t)(cost->longest_write_us / US_PER_MS));
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
    json_t *members =
        json_pack("{s:o, s:o, s:I}", "threads", statistics.threads, "totals", statistics.totals,
                  "under_way", (json_int_t)dispatcher_under_way(desk->floor->dispatcher));
    if (sees_all)
        json_object_set_new(members, "longest_turn", longest_turn(&desk->floor->cost));
    desk_answer(desk, peer, request, members);
}
