#include "daemon/overview.h"

#include "base/memory.h"
#include "daemon/filter.h"
#include "daemon/hands.h"
#include "daemon/member.h"
#include "daemon/message_view.h"
#include "daemon/thread_view.h"
#include "daemon/token_view.h"

#include <stdlib.h>

/* ---- threads ------------------------------------------------------------------------------- */

enum { PAGE = 100 };

void overview_threads(struct desk *desk, struct peer *peer, const struct request *request)
{
    size_t count = 0, most = request->limit ? (size_t)request->limit : PAGE;
    int64_t *numbers = thread_view_numbers(desk, &peer->asker, &count);
    json_t *threads = json_array();
    size_t i = 0;
    while (i < count && numbers[i] <= request->after)
        i++;
    for (; i < count && json_array_size(threads) < most; i++) {
        struct thread_view view = thread_view_of(desk, &peer->asker, numbers[i]);
        json_array_append_new(threads, thread_view_json(desk, &view));
    }
    json_t *members = json_pack("{s:o}", "threads", threads);
    desk_name_time_zone(desk, members);
    if (i < count)
        member_number(members, "next", numbers[i - 1]);
    free(numbers);
    desk->has_browsed = true;
    desk_answer(desk, peer, request, members);
}

/* ---- status -------------------------------------------------------------------------------- */

enum { MOST_TROUBLES = 100 };

/* So long after a loss somebody should look. */
enum { LOSS_IS_NEWS_MS = 24 * 60 * 60 * 1000 };

struct summary {
    int64_t levels[LEVEL_ACT + 1]; /* threads */
    int64_t scheduled, pending, held;
    msec_t oldest_at; /* 0: nothing waits, or it is not to be seen */
    enum level worst;
    json_t *troubles;
};

static void raise(struct summary *summary, enum level level)
{
    if (level > summary->worst)
        summary->worst = level;
}

static void add_to_summary(struct summary *summary, const struct thread_view *view)
{
    summary->levels[view->level]++;
    summary->scheduled += view->scheduled;
    summary->pending += view->pending;
    summary->held += view->held;
    if (view->oldest_at && (!summary->oldest_at || view->oldest_at < summary->oldest_at))
        summary->oldest_at = view->oldest_at;
    raise(summary, view->level);
}

/* The worst first, so that what is cut off is the least. */
static void add_troubles(struct desk *desk, struct summary *summary,
                         const struct thread_view *views, size_t count)
{
    for (int level = LEVEL_ACT; level > LEVEL_WELL; level--)
        for (size_t i = 0; i < count && json_array_size(summary->troubles) < MOST_TROUBLES; i++)
            if ((int)views[i].level == level)
                json_array_append_new(summary->troubles, thread_view_json(desk, &views[i]));
}

static struct summary summarize(struct desk *desk, const struct asker *asker)
{
    struct summary summary = { .troubles = json_array() };
    size_t count = 0, bad = 0;
    int64_t *numbers = thread_view_numbers(desk, asker, &count);
    struct thread_view *views = xcalloc(count + 1, sizeof *views);
    for (size_t i = 0; i < count; i++) {
        views[bad] = thread_view_of(desk, asker, numbers[i]);
        add_to_summary(&summary, &views[bad]);
        bad += views[bad].level != LEVEL_WELL;
    }
    if (count == 0)
        raise(&summary, LEVEL_LOOK); /* nothing can be sent: nobody would call that well */
    add_troubles(desk, &summary, views, bad);
    free(views);
    free(numbers);
    return summary;
}

/* Its number is of use for as long as nobody has brought it back. */
static bool is_still_lost(const struct desk *desk, int64_t id)
{
    CLEANUP(message_clear) struct message message = { 0 };
    return outbox_load(desk->floor->outbox, id, &message) && desk_is_lost(&message);
}

/* What was lost since the start and not brought back; operators alone see others'. */
static void add_losses(const struct desk *desk, struct summary *summary, json_t *members)
{
    const struct losses *losses = &desk->losses;
    int64_t count = losses->count - desk->recovered;
    if (count <= 0)
        return;
    if (desk->now.at - losses->latest_at < LOSS_IS_NEWS_MS)
        raise(summary, LEVEL_LOOK);
    json_t *lost = json_pack("{s:I, s:I}", "count", (json_int_t)count, "latest_at",
                             (json_int_t)losses->latest_at);
    if (is_still_lost(desk, losses->latest_id))
        member_number(lost, "latest_id", losses->latest_id);
    json_object_set_new(members, "lost", lost);
}

json_t *overview_of(struct desk *desk, const struct asker *asker)
{
    struct summary summary = summarize(desk, asker);
    json_t *members = json_pack(
        "{s:s, s:I, s:b, s:b, s:I, s:I, s:I, s:I, s:{s:I, s:I, s:I}, s:o}", "relay",
        "chatrelayd " CHATRELAY_VERSION, "started_at", (json_int_t)desk->started_at, "room",
        (int)desk->has_room, "writable", (int)(desk->floor->unwritten == 0), "pending",
        (json_int_t)summary.pending, "held", (json_int_t)summary.held, "scheduled",
        (json_int_t)summary.scheduled, "under_way",
        (json_int_t)dispatcher_under_way(desk->floor->dispatcher), "threads", "well",
        (json_int_t)summary.levels[LEVEL_WELL], "look", (json_int_t)summary.levels[LEVEL_LOOK],
        "act", (json_int_t)summary.levels[LEVEL_ACT], "troubles", summary.troubles);
    if (!desk->has_room || desk->floor->unwritten > 0)
        raise(&summary, LEVEL_ACT);
    json_object_set_new(members, "tokens", token_view_troubles(desk, asker, &summary.worst));
    member_number(members, "oldest_at", summary.oldest_at);
    desk_name_time_zone(desk, members);
    if (directory_is_operator(desk->directory, asker)) {
        member_count(members, "sent_today", today_sent(&desk->today, desk->floor->outbox));
        add_losses(desk, &summary, members);
    }
    member_text(members, "level", level_name(summary.worst));
    return members;
}

void overview_status(struct desk *desk, struct peer *peer, const struct request *request)
{
    desk->has_browsed = true;
    desk_answer(desk, peer, request, overview_of(desk, &peer->asker));
}

/* ---- why ----------------------------------------------------------------------------------- */

static bool may_see_thread(const struct desk *desk, const struct asker *asker, int64_t number)
{
    size_t count = 0, i = 0;
    int64_t *numbers = thread_view_numbers(desk, asker, &count);
    while (i < count && numbers[i] != number)
        i++;
    free(numbers);
    return i < count || directory_is_operator(desk->directory, asker);
}

static void add_verb(json_t *members, enum request_op op)
{
    json_array_append_new(json_object_get(members, "verbs"), json_string(request_op_name(op)));
}

/* What is advised must not be refused to who asks. */
static void add_verbs(const struct desk *desk, json_t *members, const struct asker *asker,
                      const struct directory_thread *thread)
{
    json_object_set_new(members, "verbs", json_array());
    if (!thread || !directory_is_operator(desk->directory, asker))
        return;
    add_verb(members, REQUEST_RESUME);
    add_verb(members, REQUEST_FLUSH);
}

/* Messages of other threads. */
static void add_others(const struct desk *desk, json_t *members, const struct thread_view *view)
{
    int64_t behind =
        dispatcher_count_behind(desk->floor->dispatcher, view->number, view->diagnosis.cause);
    member_number(members, "others", behind > view->pending ? behind - view->pending : 0);
}

static void why_thread(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct refusal refusal;
    int64_t number = 0;
    bool known = filter_thread(desk, request->thread, &number, &refusal);
    if (known && !may_see_thread(desk, &peer->asker, number))
        known = refusal_set(&refusal, REFUSAL_DENIED, "thread",
                            "%s may not send to thread %.64s (setting allow)", peer->asker.user,
                            request->thread);
    if (!known) {
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    struct thread_view view = thread_view_of(desk, &peer->asker, number);
    json_t *members = thread_view_json(desk, &view);
    if (view.diagnosis.cause < CAUSE_UNDER_WAY)
        add_others(desk, members, &view);
    add_verbs(desk, members, &peer->asker, view.settings);
    desk_name_time_zone(desk, members);
    desk_answer(desk, peer, request, members);
}

static enum cause own_cause(const struct desk *desk, const struct message *message,
                            enum cause cause)
{
    if (message->doubted_at == 0 || cause < CAUSE_DOUBT)
        return cause;
    return dispatcher_is_under_way(desk->floor->dispatcher, message->id) && cause != CAUSE_DOUBT
               ? CAUSE_UNDER_WAY
               : CAUSE_DOUBT;
}

static void add_cause(struct desk *desk, json_t *members, const struct message *message)
{
    struct dispatcher *dispatcher = desk->floor->dispatcher;
    int64_t thread = lane_thread(message->lane);
    struct diagnosis diagnosis = dispatcher_diagnose_lane(dispatcher, message->lane, desk->now);
    diagnosis.cause = own_cause(desk, message, diagnosis.cause);
    thread_view_add_cause(desk, members, directory_by_number(desk->directory, thread), &diagnosis);
    if (diagnosis.cause < CAUSE_UNDER_WAY)
        member_number(members, "others",
                      dispatcher_count_behind(dispatcher, thread, diagnosis.cause) - 1);
}

/* The one that it went into may be nobody's but the operators'. */
static bool may_see_whole(const struct desk *desk, const struct asker *asker,
                          const struct message *message)
{
    CLEANUP(message_clear) struct message whole = { 0 };
    return message->state == MESSAGE_FOLDED &&
           outbox_load_whole(desk->floor->outbox, message, &whole) &&
           directory_may_see_message(desk->directory, asker, &whole);
}

static void add_verbs_on_message(const struct desk *desk, json_t *members,
                                 const struct asker *asker, const struct message *message)
{
    add_verbs(desk, members, asker,
              directory_by_number(desk->directory, lane_thread(message->lane)));
    if (hands_may_retry(desk, asker, message))
        add_verb(members, REQUEST_RETRY);
    if (may_see_whole(desk, asker, message))
        add_verb(members, REQUEST_WHY);
}

static void why_message(struct desk *desk, struct peer *peer, const struct request *request)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (!desk_load(desk, peer, request, request->id, &message))
        return;
    json_t *members = message_view_full(desk, &message);
    json_object_del(members, "content");
    if (message.state == MESSAGE_PENDING) {
        message_view_add_standing(desk, members, &message);
        add_cause(desk, members, &message);
    }
    add_verbs_on_message(desk, members, &peer->asker, &message);
    desk_name_time_zone(desk, members);
    desk_answer(desk, peer, request, members);
}

void overview_why(struct desk *desk, struct peer *peer, const struct request *request)
{
    if (request->thread)
        why_thread(desk, peer, request);
    else
        why_message(desk, peer, request);
}
