#include "daemon/thread_hands.h"

#include "daemon/member.h"
#include "queue/diagnosis.h"
#include "queue/dispatcher_control.h"

enum { PAUSE_MS = 60 * 60 * 1000 };

/* Only for operators: it concerns the messages of all. */
static bool may_handle_threads(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct refusal refusal;
    if (directory_is_operator(desk->directory, &peer->asker))
        return true;
    refusal_set(&refusal, REFUSAL_DENIED, NULL, "only operators may %s (setting operators)",
                request_op_name(request->op));
    desk_refuse(desk, peer, request, &refusal);
    return false;
}

static const struct directory_thread *configured(struct desk *desk, struct peer *peer,
                                                 const struct request *request)
{
    const struct directory_thread *thread = directory_find(desk->directory, request->thread);
    struct refusal refusal;
    if (thread)
        return thread;
    directory_refuse_unknown(desk->directory, "thread", request->thread, "thread", &refusal);
    desk_refuse(desk, peer, request, &refusal);
    return NULL;
}

/* NULL, and refused, unless an operator names one of the settings. */
static const struct directory_thread *thread_in_hand(struct desk *desk, struct peer *peer,
                                                     const struct request *request)
{
    return may_handle_threads(desk, peer, request) ? configured(desk, peer, request) : NULL;
}

static void set_pause(struct desk *desk, const struct peer *peer,
                      const struct directory_thread *thread, msec_t until_at)
{
    dispatcher_pause(desk->floor->dispatcher, thread->number, until_at, desk->now);
    result_log_paused(desk->log, thread->settings->name, until_at, peer->asker.user);
}

void thread_hands_pause(struct desk *desk, struct peer *peer, const struct request *request)
{
    const struct directory_thread *thread = thread_in_hand(desk, peer, request);
    if (!thread)
        return;
    msec_t duration_ms = request->duration_ms >= 0 ? request->duration_ms : PAUSE_MS;
    msec_t until_at = msec_add(desk->now.at, duration_ms);
    set_pause(desk, peer, thread, until_at);
    json_t *members = json_object();
    member_text(members, "thread", thread->settings->name);
    member_number(members, "paused_until_at", until_at);
    desk_name_time_zone(desk, members);
    desk_answer(desk, peer, request, members);
}

static bool is_paused(const struct desk *desk, const struct directory_thread *thread)
{
    return dispatcher_diagnose(desk->floor->dispatcher, thread->number, desk->now).cause ==
           CAUSE_PAUSED;
}

void thread_hands_resume(struct desk *desk, struct peer *peer, const struct request *request)
{
    const struct directory_thread *thread = thread_in_hand(desk, peer, request);
    if (!thread)
        return;
    bool was_paused = is_paused(desk, thread);
    if (was_paused)
        set_pause(desk, peer, thread, 0);
    desk_answer(
        desk, peer, request,
        json_pack("{s:s, s:b}", "thread", thread->settings->name, "was_paused", was_paused));
}

void thread_hands_flush(struct desk *desk, struct peer *peer, const struct request *request)
{
    const struct directory_thread *thread = NULL;
    if (!may_handle_threads(desk, peer, request))
        return;
    if (request->thread && !(thread = configured(desk, peer, request)))
        return;
    struct flushed flushed =
        dispatcher_flush(desk->floor->dispatcher, thread ? thread->number : -1, desk->now);
    desk_answer(desk, peer, request,
                json_pack("{s:I, s:I}", "forgotten", (json_int_t)flushed.forgotten, "kept",
                          (json_int_t)flushed.kept));
}
