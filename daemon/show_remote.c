#include "daemon/show_remote.h"

#include "base/memory.h"
#include "daemon/operator.h"
#include "daemon/read_desk.h"
#include "wire/answer.h"

#include <inttypes.h>
#include <stdlib.h>

struct showing {
    struct desk *desk;
    struct wait *wait; /* NULL: nobody waits any more */
    struct chat_place place;
    int64_t message;
};

static void showing_free(struct showing *showing)
{
    chat_place_clear(&showing->place);
    free(showing);
}

static void refuse(struct showing *showing, const struct refusal *refusal)
{
    struct wait *wait = showing->wait;
    answer_refused(peer_end_wait(wait, showing->desk->floor->turn), refusal, wait->ref);
}

/* It may have been removed while the chat was asked. */
static void answer(struct showing *showing, const json_t *body)
{
    struct desk *desk = showing->desk;
    struct wait *wait = showing->wait;
    CLEANUP(message_clear) struct message message = { 0 };
    struct refusal refusal;
    if (!desk->floor->outbox || !outbox_load(desk->floor->outbox, showing->message, &message)) {
        refusal_set(&refusal, REFUSAL_NOT_FOUND, "id", "message %" PRId64 " is not kept any more",
                    showing->message);
        refuse(showing, &refusal);
        return;
    }
    json_t *object = operator_view(desk, &message);
    json_object_set_new(object, "remote", json_deep_copy(body));
    answer_json(peer_end_wait(wait, desk->floor->turn), object, wait->ref);
    json_decref(object);
}

static void on_answer(void *context, const struct chat_answer *chat)
{
    struct showing *showing = context;
    struct refusal refusal;
    read_desk_refusal(&chat->verdict, &refusal);
    if (showing->wait && chat->body)
        answer(showing, chat->body);
    else if (showing->wait)
        refuse(showing, &refusal);
    showing_free(showing);
}

static const struct directory_thread *find_place(const struct desk *desk,
                                                 const struct message *message,
                                                 struct refusal *refusal)
{
    const struct directory_thread *thread =
        directory_by_number(desk->directory, lane_thread(message->lane));
    if (!message->remote_id || !message->remote_id[0])
        refusal_set(refusal, REFUSAL_WRONG_STATE, "id",
                    "message %" PRId64 " is %s: the chat has nothing of it that we know of",
                    message->id, message_state_name(message->state));
    else if (!thread)
        refusal_set(refusal, REFUSAL_UNKNOWN_THREAD, NULL,
                    "the thread of message %" PRId64 " is not in the settings any more",
                    message->id);
    else
        return thread;
    return NULL;
}

void show_remote(struct desk *desk, struct peer *peer, const struct request *request,
                 const struct message *message)
{
    struct refusal refusal;
    const struct directory_thread *thread = find_place(desk, message, &refusal);
    if (!thread) {
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    struct showing *showing = xcalloc(1, sizeof *showing);
    *showing =
        (struct showing){ .desk = desk, .place = chat_place_of(thread), .message = message->id };
    const struct question question = { .kind = QUESTION_MESSAGE, .message = message->remote_id };
    const struct chat_client client = { peer->asker.uid, &showing->wait };
    if (chat_reader_ask_for(desk->reader, &client, &showing->place, &question, on_answer,
                            showing)) {
        peer_add_wait(peer, wait_new_known(peer, request->ref, &showing->wait));
        return;
    }
    showing_free(showing);
    refusal_set(&refusal, REFUSAL_BUSY, NULL,
                "too much of the chat is being read already; try again later");
    desk_refuse(desk, peer, request, &refusal);
}
