#include "daemon/thread_view.h"

#include "base/duration.h"
#include "base/memory.h"
#include "daemon/checkup.h"
#include "daemon/member.h"
#include "daemon/token_view.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- which ones ---------------------------------------------------------------------------- */

struct numbers {
    int64_t uid; /* whose messages count; TALLY_ANY: everybody's */
    int64_t *numbers;
    size_t count;
};

static void add_number(struct numbers *numbers, int64_t number)
{
    numbers->numbers =
        xreallocarray(numbers->numbers, numbers->count + 1, sizeof *numbers->numbers);
    numbers->numbers[numbers->count++] = number;
}

static void add_waiting(void *context, const struct tally_row *row)
{
    struct numbers *numbers = context;
    if (message_state_is_final(row->state) || row->messages == 0)
        return;
    if (numbers->uid == TALLY_ANY || numbers->uid == row->uid)
        add_number(numbers, lane_thread(row->lane));
}

static int compare(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

static void sort_and_unite(struct numbers *numbers)
{
    size_t kept = 0;
    if (numbers->count > 0)
        qsort(numbers->numbers, numbers->count, sizeof *numbers->numbers, compare);
    for (size_t i = 0; i < numbers->count; i++)
        if (kept == 0 || numbers->numbers[kept - 1] != numbers->numbers[i])
            numbers->numbers[kept++] = numbers->numbers[i];
    numbers->count = kept;
}

static int64_t counted_uid(const struct desk *desk, const struct asker *asker)
{
    return directory_is_operator(desk->directory, asker) ? TALLY_ANY : (int64_t)asker->uid;
}

int64_t *thread_view_numbers(const struct desk *desk, const struct asker *asker, size_t *count)
{
    const struct directory *directory = desk->directory;
    struct numbers numbers = { .uid = counted_uid(desk, asker) };
    for (size_t i = 0; i < directory->thread_count; i++)
        if (numbers.uid == TALLY_ANY || directory_admits(&directory->threads[i], asker))
            add_number(&numbers, directory->threads[i].number);
    tally_each(outbox_tally(desk->floor->outbox), add_waiting, &numbers);
    sort_and_unite(&numbers);
    *count = numbers.count;
    return numbers.numbers;
}

/* ---- one of them --------------------------------------------------------------------------- */

static int64_t count_messages(const struct desk *desk, int64_t thread, int64_t uid,
                              enum message_state state)
{
    return tally_sum_of_thread(outbox_tally(desk->floor->outbox), thread, uid, state).messages;
}

/* The first of each lane is the oldest, but for those that were brought back. */
static msec_t find_oldest(const struct desk *desk, int64_t thread)
{
    struct outbox *outbox = desk->floor->outbox;
    msec_t oldest_at = MSEC_NEVER;
    for (int priority = 0; priority < PRIORITIES; priority++) {
        CLEANUP(message_clear) struct message message = { 0 };
        struct head head;
        lane_id lane = lane_of(thread, (enum priority)priority);
        if (outbox_heads(outbox, lane, 0, &head, 1) == 1 && outbox_load(outbox, head.id, &message))
            oldest_at = msec_min(oldest_at, message.accepted_at);
    }
    return oldest_at == MSEC_NEVER ? 0 : oldest_at;
}

struct thread_view thread_view_of(const struct desk *desk, const struct asker *asker,
                                  int64_t number)
{
    int64_t uid = counted_uid(desk, asker);
    struct thread_view view = {
        .number = number,
        .settings = directory_by_number(desk->directory, number),
        .scheduled = count_messages(desk, number, uid, MESSAGE_SCHEDULED),
        .pending = count_messages(desk, number, uid, MESSAGE_PENDING),
        .held = count_messages(desk, number, uid, MESSAGE_HELD),
        .diagnosis = dispatcher_diagnose(desk->floor->dispatcher, number, desk->now),
    };
    if (uid == TALLY_ANY && view.pending > 0)
        view.oldest_at = find_oldest(desk, number);
    view.deletes_at = checkup_deletes_at(desk, number);
    view.level = level_of(&view.diagnosis, view.pending, view.held, view.oldest_at, desk->now.at);
    enum level end = thread_condition_level_of_end(view.deletes_at, desk->now.at);
    if (end > view.level)
        view.level = end;
    return view;
}

/* ---- as JSON ------------------------------------------------------------------------------- */

static json_t *trouble_of(const struct scope_record *trouble)
{
    static const char *const scopes[SCOPES] = { [SCOPE_THREAD] = "thread",
                                                [SCOPE_MEMBER] = "thread",
                                                [SCOPE_SENDER] = "sender",
                                                [SCOPE_ENDPOINT] = "endpoint" };
    json_t *object = json_object();
    member_text(object, "scope", scopes[trouble->scope]);
    member_number(object, "failures", trouble->failures);
    member_number(object, "since_at", trouble->since_at);
    member_number(object, "until_at", trouble->until_at);
    if (trouble->told)
        json_object_set_new(object, "told", json_true());
    member_number(object, "http", trouble->http);
    member_text(object, "code", trouble->code);
    member_text(object, "reason", trouble->detail);
    return object;
}

/* As the setting `pace` is written: "10/10s, 30/1m". */
static json_t *pace_of(const struct pacer_limits *limits)
{
    CLEANUP(text_clear) struct text pace = { 0 };
    char window[DURATION_LONGEST_TEXT];
    for (size_t i = 0; i < limits->pace_count; i++) {
        duration_format(limits->paces[i].window_ms, window);
        text_printf(&pace, "%s%" PRId64 "/%s", i > 0 ? ", " : "", limits->paces[i].sends, window);
    }
    return json_string(limits->pace_count > 0 ? pace.bytes : "off");
}

static void add_place(json_t *object, const struct diagnosis *diagnosis, msec_t now_at)
{
    if (!diagnosis->place)
        return;
    member_text(object, "endpoint", diagnosis->endpoint);
    member_text(object, "remote_thread", diagnosis->remote_thread);
    if (diagnosis->place->paused_until > now_at)
        member_number(object, "paused_until_at", diagnosis->place->paused_until);
    json_object_set_new(object, "pace", pace_of(diagnosis->limits));
    if (diagnosis->place->pace_percent > 0 && diagnosis->place->pace_percent != 100)
        member_number(object, "pace_percent", diagnosis->place->pace_percent);
}

void thread_view_add_cause(const struct desk *desk, json_t *object,
                           const struct directory_thread *settings,
                           const struct diagnosis *diagnosis)
{
    member_text(object, "cause", cause_name(diagnosis->cause));
    member_number(object, "next_at", diagnosis->next_at);
    if (diagnosis->trouble)
        json_object_set_new(object, "trouble", trouble_of(diagnosis->trouble));
    if (settings) {
        member_text(object, "sender", settings->settings->sender_name);
        member_text(object, "identity", settings->settings->sender->identity);
    }
    add_place(object, diagnosis, desk->now.at);
}

json_t *thread_view_json(const struct desk *desk, const struct thread_view *view)
{
    json_t *object = json_object();
    char *name = NULL;
    if (outbox_thread_name(desk->floor->outbox, view->number, &name))
        member_text(object, "thread", name);
    free(name);
    member_text(object, "level", level_name(view->level));
    member_count(object, "pending", view->pending);
    member_number(object, "held", view->held);
    member_number(object, "scheduled", view->scheduled);
    member_number(object, "oldest_at", view->oldest_at);
    member_number(object, "deletes_at", view->deletes_at);
    member_number(object, "under_way", view->diagnosis.under_way);
    thread_view_add_cause(desk, object, view->settings, &view->diagnosis);
    if (view->settings)
        token_view_add(desk, object, view->settings->settings->sender_name);
    return object;
}
