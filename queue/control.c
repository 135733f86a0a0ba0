#include "queue/control.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A wish is one of these words, "by" and a name. It is on disk: never change them. */
static const char wish_to_cancel[] = "cancel";
static const char wish_to_hold[] = "hold";
static const char wish_to_unsend[] = "unsend"; /* a delete waits as well */

static unsigned bit(enum message_state state)
{
    return 1U << (unsigned)state;
}

unsigned control_states(enum control control)
{
    switch (control) {
    case CONTROL_CANCEL:
        return bit(MESSAGE_SCHEDULED) | bit(MESSAGE_PENDING) | bit(MESSAGE_HELD);
    case CONTROL_HOLD:
        return bit(MESSAGE_SCHEDULED) | bit(MESSAGE_PENDING);
    case CONTROL_RELEASE:
        return bit(MESSAGE_HELD);
    case CONTROL_RETRY:
        break;
    }
    return bit(MESSAGE_DEAD) | bit(MESSAGE_EXPIRED) | bit(MESSAGE_CANCELLED);
}

static bool wishes(const struct message *message, const char *word)
{
    size_t length = strlen(word);
    return message->wish && strncmp(message->wish, word, length) == 0 &&
           message->wish[length] == ' ';
}

/* If it ends unsent it is to stay so. */
static bool wishes_it_away(const struct message *message)
{
    return wishes(message, wish_to_cancel) || wishes(message, wish_to_unsend);
}

/* It may be in the chat, or on its way there. */
static bool is_out_of_hand(const struct message *message)
{
    return message->state == MESSAGE_PENDING && message->doubted_at != 0;
}

static enum control_verdict wish(struct message *message, const char *word, const char *by)
{
    if (wishes(message, word))
        return CONTROL_ALREADY;
    replace_text(&message->wish, xasprintf("%s by %s", word, by));
    return CONTROL_WISHED;
}

/* ---- one by one ------------------------------------------------------------------------------ */

static enum control_verdict cancel(struct message *message, const char *by, msec_t now_at,
                                   enum message_state *state)
{
    if (is_out_of_hand(message))
        return wishes_it_away(message) ? CONTROL_ALREADY : wish(message, wish_to_cancel, by);
    message->ended_at = now_at;
    replace_text(&message->reason, xasprintf("cancelled by %s", by));
    *state = MESSAGE_CANCELLED;
    return CONTROL_DONE;
}

static enum control_verdict hold(struct message *message, const char *by, enum message_state *state)
{
    if (is_out_of_hand(message)) /* and if it is to be taken back, that stays so */
        return control_is_unsent(message) ? CONTROL_ALREADY : wish(message, wish_to_hold, by);
    replace_text(&message->reason, xasprintf("held by %s", by));
    *state = MESSAGE_HELD;
    return CONTROL_DONE;
}

static enum message_state waiting_state(const struct message *message, msec_t now_at)
{
    return message->due_at > now_at ? MESSAGE_SCHEDULED : MESSAGE_PENDING;
}

/* A message that was set aside in doubt may have been wished to be held before that. */
static enum control_verdict release(struct message *message, msec_t now_at,
                                    enum message_state *state)
{
    if (wishes(message, wish_to_hold))
        replace_text(&message->wish, NULL);
    replace_text(&message->reason, NULL);
    *state = waiting_state(message, now_at);
    return CONTROL_DONE;
}

/* As long as it was given at first, from now on. */
static msec_t fresh_expiry(const struct message *message, msec_t now_at)
{
    if (message->expires_at == 0)
        return 0;
    msec_t ttl_ms = message->expires_at - message_meant_at(message);
    return msec_add(msec_max(now_at, message->due_at), msec_max(ttl_ms, 0));
}

static enum control_verdict judge_retry(const struct message *message)
{
    if (message_is_unfolded(message))
        return CONTROL_UNFOLDED;
    return message->content || message->kind == MESSAGE_DELETE ? CONTROL_DONE : CONTROL_WIPED;
}

bool control_may_retry(const struct message *message)
{
    return (control_states(CONTROL_RETRY) & bit(message->state)) &&
           judge_retry(message) == CONTROL_DONE;
}

static enum control_verdict retry(struct message *message, msec_t now_at, enum message_state *state)
{
    enum control_verdict verdict = judge_retry(message);
    if (verdict != CONTROL_DONE)
        return verdict;
    message->expires_at = fresh_expiry(message, now_at);
    message->ended_at = 0;
    message->rank = 0;
    replace_text(&message->wish, NULL);
    replace_text(&message->reason, NULL);
    *state = waiting_state(message, now_at);
    return CONTROL_DONE;
}

bool control_takes_back(enum control control, const struct message *message)
{
    if (message->state != MESSAGE_PENDING)
        return false;
    return (control == CONTROL_RELEASE && wishes(message, wish_to_hold)) ||
           (control == CONTROL_RETRY && wishes_it_away(message));
}

/* What there is to be done to a message that is where it was wanted already. */
static enum control_verdict leave(enum control control, struct message *message)
{
    if (!control_takes_back(control, message))
        return CONTROL_ALREADY;
    replace_text(&message->wish, NULL);
    return CONTROL_DONE;
}

static bool is_there_already(enum control control, enum message_state state)
{
    static const enum message_state goals[] = { [CONTROL_CANCEL] = MESSAGE_CANCELLED,
                                                [CONTROL_HOLD] = MESSAGE_HELD,
                                                [CONTROL_RELEASE] = MESSAGE_PENDING,
                                                [CONTROL_RETRY] = MESSAGE_PENDING };
    return state == goals[control];
}

enum control_verdict control_apply(enum control control, struct message *message, const char *by,
                                   msec_t now_at, enum message_state *state)
{
    *state = message->state;
    if (is_there_already(control, message->state))
        return leave(control, message);
    if ((control_states(control) & bit(message->state)) == 0)
        return CONTROL_IN_STATE;
    switch (control) {
    case CONTROL_CANCEL:
        return cancel(message, by, now_at, state);
    case CONTROL_HOLD:
        return hold(message, by, state);
    case CONTROL_RELEASE:
        return release(message, now_at, state);
    case CONTROL_RETRY:
        break;
    }
    return retry(message, now_at, state);
}

/* ---- unsend ---------------------------------------------------------------------------------- */

void control_unsend(struct message *message, const char *by)
{
    wish(message, wish_to_unsend, by);
}

bool control_forget_unsend(struct message *message)
{
    if (!wishes(message, wish_to_unsend))
        return false;
    replace_text(&message->wish, NULL);
    return true;
}

bool control_is_unsent(const struct message *message)
{
    return wishes(message, wish_to_unsend);
}

bool control_is_unwanted(const struct message *message)
{
    return control_is_unsent(message) ||
           (message->state == MESSAGE_PENDING && wishes(message, wish_to_cancel));
}

/* ---- when its time has come ------------------------------------------------------------------ */

/* "cancelled by root" of the wish "cancel by root". */
static char *reason_of(const char *word, const char *wish)
{
    return xasprintf("%s%s", word, strchr(wish, ' '));
}

enum message_state control_fulfil(struct message *message, msec_t now_at)
{
    enum message_state state = MESSAGE_PENDING;
    if (wishes_it_away(message)) {
        message->ended_at = now_at;
        replace_text(&message->reason, reason_of("cancelled", message->wish));
        state = MESSAGE_CANCELLED;
    } else if (wishes(message, wish_to_hold)) {
        replace_text(&message->reason, reason_of("held", message->wish));
        state = MESSAGE_HELD;
    }
    replace_text(&message->wish, NULL);
    return state;
}
