/*
 * message_view.h - a message as the answers show it
 */
#ifndef CHATRELAY_DAEMON_MESSAGE_VIEW_H
#define CHATRELAY_DAEMON_MESSAGE_VIEW_H

#include "daemon/desk.h"

/* As in a list. Its thread is not among the members: that takes a look into the outbox. */
json_t *message_view_brief(const struct message *message);

/* All of it, with its thread. */
json_t *message_view_full(const struct desk *desk, const struct message *message);

/* Its thread; and that it is not in the settings any more, for a message that waits for it. */
void message_view_set_thread(const struct desk *desk, json_t *object, lane_id lane);

/* What a folded message went into, looked up once for neighbours that went into the same. */
struct message_view_whole {
    int64_t into_id; /* as the folded message has it */
    int64_t id;      /* 0: it is not kept any more */
    enum message_state state;
};

/*
 * Of a folded message: into which it went at last, and how that one fares. `whole`
 * is zeroed before the first.
 */
void message_view_add_whole(const struct desk *desk, json_t *object,
                            struct message_view_whole *whole);

/* For outbox_attempts(): add it to the array `context`. */
void message_view_add_attempt(void *context, const struct attempt *attempt);

/* While it is pending: where it stands. */
void message_view_add_standing(struct desk *desk, json_t *object, const struct message *message);

#endif
