#include "daemon/desk.h"

#include "base/memory.h"
#include "daemon/audit_desk.h"
#include "daemon/backup_desk.h"
#include "daemon/change_desk.h"
#include "daemon/check_desk.h"
#include "daemon/event_log.h"
#include "daemon/hands.h"
#include "daemon/member.h"
#include "daemon/operator.h"
#include "daemon/overview.h"
#include "daemon/read_desk.h"
#include "daemon/submission.h"
#include "daemon/thread_hands.h"
#include "daemon/wait_desk.h"
#include "wire/answer.h"

#include <inttypes.h>

void desk_refuse(struct desk *desk, struct peer *peer, const struct request *request,
                 const struct refusal *refusal)
{
    answer_refused(peer_answer(peer, desk->floor->turn, request->ref), refusal, request->ref);
}

void desk_answer(struct desk *desk, struct peer *peer, const struct request *request,
                 json_t *members)
{
    answer_json(peer_answer(peer, desk->floor->turn, request->ref), members, request->ref);
    json_decref(members);
}

void desk_name_time_zone(const struct desk *desk, json_t *members)
{
    member_text(members, "time_zone", desk->directory->config->relay.time_zone);
}

char *desk_thread_name(const struct desk *desk, const struct message *message)
{
    char *name = NULL;
    outbox_thread_name(desk->floor->outbox, lane_thread(message->lane), &name);
    return name ? name : xstrdup("");
}

bool desk_load(struct desk *desk, struct peer *peer, const struct request *request, int64_t id,
               struct message *message)
{
    struct refusal refusal;
    if (outbox_load(desk->floor->outbox, id, message)) {
        if (directory_may_see_message(desk->directory, &peer->asker, message))
            return true;
        message_clear(message);
    }
    bool sees_all = directory_is_operator(desk->directory, &peer->asker);
    refusal_set(&refusal, REFUSAL_NOT_FOUND, "id", "there is no message %" PRId64 "%s", id,
                sees_all ? "" : " of yours");
    desk_refuse(desk, peer, request, &refusal);
    return false;
}

/* ---- hello --------------------------------------------------------------------------------- */

static void say_hello(struct desk *desk, struct peer *peer, const struct request *request)
{
    json_t *features = json_array();
    for (int op = 0; op < REQUEST_OPS; op++)
        json_array_append_new(features, json_string(request_op_name((enum request_op)op)));
    desk_answer(desk, peer, request,
                json_pack("{s:i, s:s, s:o}", "version", 1, "relay", "chatrelayd " CHATRELAY_VERSION,
                          "features", features));
}

/* ---- what has ended ------------------------------------------------------------------------ */

/* Those who follow the log, and are not to see others' digests. */
static void tell_of_originals(struct desk *desk, const int64_t *ids, size_t count,
                              const struct message *digest, const char *thread)
{
    for (size_t i = 0; i < count; i++)
        event_log_ended_in(desk, ids[i], digest, thread);
    queue_floor_note_reads(desk->floor, count);
}

/* Waits for what is in a digest were there before it, and do not know of it. */
static void notice_originals(struct desk *desk, const struct message *digest)
{
    enum { AT_ONCE = 128 };
    int64_t ids[AT_ONCE], after = 0;
    size_t count = 0;
    bool are_asked_for = event_log_asks_for_originals(desk, digest);
    if (!are_asked_for && !waits_any(desk->waits))
        return;
    CLEANUP(free_memory) char *thread = desk_thread_name(desk, digest);
    do {
        count = outbox_originals(desk->floor->outbox, digest->id, after, ids, AT_ONCE);
        for (size_t i = 0; i < count; i++) {
            waits_call(desk->waits, ids[i]);
            after = ids[i];
        }
        if (are_asked_for)
            tell_of_originals(desk, ids, count, digest, thread);
    } while (count == AT_ONCE);
}

bool desk_is_lost(const struct message *message)
{
    return (message->state == MESSAGE_DEAD || message->state == MESSAGE_EXPIRED) &&
           message->kind != MESSAGE_REPORT;
}

static void settle_losses(void *context, enum outbox_commit how)
{
    struct desk *desk = context;
    if (how == OUTBOX_COMMITTED) {
        desk->new_losses.count += desk->losses.count;
        desk->losses = desk->new_losses;
    }
    desk->new_losses = (struct losses){ 0 };
}

static void count_loss(struct desk *desk, const struct message *message)
{
    struct losses *losses = &desk->new_losses;
    if (losses->count == 0)
        turn_defer(desk->floor->turn, settle_losses, desk);
    *losses = (struct losses){ losses->count + 1, message->id, desk->now.at };
}

void desk_notice(struct desk *desk, const struct message *message)
{
    if (!message_state_is_final(message->state))
        return;
    if (desk_is_lost(message))
        count_loss(desk, message);
    waits_call(desk->waits, message->id);
    if (message->kind == MESSAGE_DIGEST)
        notice_originals(desk, message);
}

/* ---- all of them --------------------------------------------------------------------------- */

static void refuse_for_storage(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct refusal refusal;
    refusal_set(&refusal, REFUSAL_STORAGE, NULL,
                "the outbox cannot be used at the moment; nothing was stored, try again later");
    desk_refuse(desk, peer, request, &refusal);
}

/* All but hello, which needs no outbox. */
static void (*const handlers[REQUEST_OPS])(struct desk *desk, struct peer *peer,
                                           const struct request *request) = {
    [REQUEST_SEND] = submission_take,       [REQUEST_WAIT] = wait_desk_answer,
    [REQUEST_SHOW] = operator_show,         [REQUEST_LIST] = operator_list,
    [REQUEST_STATS] = operator_stats,       [REQUEST_CANCEL] = hands_on_messages,
    [REQUEST_HOLD] = hands_on_messages,     [REQUEST_RELEASE] = hands_on_messages,
    [REQUEST_RETRY] = hands_on_messages,    [REQUEST_PAUSE] = thread_hands_pause,
    [REQUEST_RESUME] = thread_hands_resume, [REQUEST_FLUSH] = thread_hands_flush,
    [REQUEST_STATUS] = overview_status,     [REQUEST_THREADS] = overview_threads,
    [REQUEST_WHY] = overview_why,           [REQUEST_LOG] = event_log_answer,
    [REQUEST_AUDIT] = audit_desk_answer,    [REQUEST_READ] = read_desk_answer,
    [REQUEST_EDIT] = change_desk_answer,    [REQUEST_UNSEND] = change_desk_answer,
    [REQUEST_BACKUP] = backup_desk_answer,  [REQUEST_CHECK] = check_desk_answer,
};

static void answer_request(struct desk *desk, struct peer *peer, const struct request *request)
{
    if (request->op == REQUEST_HELLO)
        say_hello(desk, peer, request);
    else if (desk->floor->outbox)
        handlers[request->op](desk, peer, request);
    else
        refuse_for_storage(desk, peer, request);
}

void desk_handle(struct desk *desk, struct peer *peer, const char *line, size_t length)
{
    struct refusal refusal;
    CLEANUP(request_clear) struct request request = { 0 };
    if (request_parse(line, length, desk->now.at, &request, &refusal))
        answer_request(desk, peer, &request);
    else
        desk_refuse(desk, peer, &request, &refusal);
}
