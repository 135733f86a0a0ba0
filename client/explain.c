#include "client/explain.h"

#include "base/harmless.h"
#include "client/cause.h"
#include "client/member.h"
#include "client/summary.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static bool is_state(const json_t *message, const char *state)
{
    return strcmp(member_string(message, "state"), state) == 0;
}

static void add_line(struct text *out, const char *start, const char *text)
{
    text_add(out, start);
    harmless_add(out, text);
    text_add(out, ".\n");
}

/* ---- what they have in common -------------------------------------------------------------- */

static void add_reason(struct text *out, const json_t *object)
{
    const char *reason = member_string(json_object_get(object, "trouble"), "reason");
    if (reason[0])
        add_line(out, "It was said: ", reason);
}

/* The pace may allow it only later than the chat asked for. */
static bool is_as_asked(const json_t *object)
{
    enum { ROUNDING_MS = 1000 };
    const json_t *trouble = json_object_get(object, "trouble");
    msec_t until_at = member_integer(trouble, "until_at");
    return json_is_true(json_object_get(trouble, "told")) &&
           member_integer(object, "next_at") <= until_at + ROUNDING_MS;
}

static void add_next(struct text *out, const json_t *object, msec_t now_at)
{
    const char *step = cause_next_step(object);
    msec_t next_at = member_integer(object, "next_at");
    bool is_told_by_its_place =
        json_object_get(object, "position") && strcmp(member_string(object, "cause"), "pace") == 0;
    if (next_at == 0 || is_told_by_its_place)
        return;
    if (next_at <= now_at) {
        text_add(out, strcmp(step, "look") == 0 ? "It is looked for now.\n"
                                                : "It is tried again now.\n");
        return;
    }
    text_printf(out, "Next %s ", step);
    cause_time(out, next_at, now_at);
    text_add(out, ", in ");
    cause_duration(out, next_at - now_at);
    text_add(out, is_as_asked(object) ? ", as the chat asked.\n" : ".\n");
}

static void add_advice(struct text *out, const json_t *object)
{
    struct text advice CLEANUP(text_clear) = { 0 };
    if (cause_advice(&advice, object))
        text_printf(out, "Do: %s\n", advice.bytes);
}

static void add_others(struct text *out, const json_t *object)
{
    int64_t others = member_integer(object, "others");
    if (others == 1)
        text_add(out, "1 other waits behind the same cause.\n");
    else if (others > 1)
        text_printf(out, "%" PRId64 " others wait behind the same cause.\n", others);
}

/* ---- a message ----------------------------------------------------------------------------- */

/* "4650 to db, from postgres, accepted 01:10 UTC, worthless after Tue 01:10 UTC." */
static void add_head(struct text *out, const json_t *message, msec_t now_at)
{
    text_printf(out, "%" PRId64 " to ", member_integer(message, "id"));
    harmless_add(out, member_string(message, "thread"));
    text_add(out, ", from ");
    harmless_add(out, member_string(message, "user"));
    text_add(out, ", accepted ");
    cause_time(out, member_integer(message, "accepted_at"), now_at);
    if (member_integer(message, "expires_at") && !member_integer(message, "ended_at")) {
        text_add(out, ", worthless after ");
        cause_time(out, member_integer(message, "expires_at"), now_at);
    }
    text_add(out, ".\n");
}

static void add_place_in_lane(struct text *out, const json_t *message)
{
    int64_t ahead = member_integer(message, "position") - 1;
    const json_t *eta = json_object_get(message, "eta_ms");
    const char *about = json_is_true(json_object_get(message, "about")) ? "About " : "";
    if (ahead > 0)
        text_printf(out, "%s%" PRId64 " of the same priority %s first.\n", about, ahead,
                    ahead == 1 ? "goes" : "go");
    if (!eta || json_object_get(message, "trouble"))
        return;
    if (json_integer_value(eta) < 1000) {
        text_add(out, "It leaves at once, if nothing fails.\n");
        return;
    }
    text_add(out, "It leaves in about ");
    cause_duration(out, json_integer_value(eta));
    text_add(out, ", if nothing fails.\n");
}

static void add_wish(struct text *out, const json_t *message)
{
    if (member_string(message, "wish")[0])
        add_line(out, "When that has ended unsent: ", member_string(message, "wish"));
}

static void add_pace(struct text *out, const json_t *object)
{
    struct text pace CLEANUP(text_clear) = { 0 };
    if (cause_pace(&pace, object))
        text_printf(out, "The thread goes %s.\n", pace.bytes);
}

static void explain_pending(struct text *out, const json_t *message, msec_t now_at)
{
    struct text clause CLEANUP(text_clear) = { 0 };
    const char *cause = member_string(message, "cause");
    if (cause_clause(&clause, message, now_at))
        text_printf(out, "It waits because %s.\n", clause.bytes);
    else if (strcmp(cause, "under-way") == 0 && member_integer(message, "position") <= 1)
        text_add(out, "It is on its way.\n");
    else
        text_add(out, "Nothing is the matter: it waits for its turn.\n");
    add_reason(out, message);
    add_pace(out, message);
    add_wish(out, message);
    add_place_in_lane(out, message);
    add_others(out, message);
    add_next(out, message, now_at);
    add_advice(out, message);
}

/* A reason of "held by root" says held already. */
static void add_holder(struct text *out, const char *reason)
{
    static const char held[] = "held ";
    if (strncmp(reason, held, strlen(held)) == 0)
        add_line(out, "It is held back ", reason + strlen(held));
    else
        add_line(out, "It is held back: ", reason[0] ? reason : "nobody says why");
}

static void explain_waiting(struct text *out, const json_t *message, msec_t now_at)
{
    if (is_state(message, "scheduled")) {
        text_add(out, "It waits for its time, ");
        cause_time(out, member_integer(message, "due_at"), now_at);
        text_add(out, ".\n");
        return;
    }
    add_holder(out, member_string(message, "reason"));
    if (member_integer(message, "doubted_at"))
        text_add(out, "It may have appeared: once released, it is looked for first.\n");
    if (member_string(message, "wish")[0])
        add_line(out, "If it did not appear: ", member_string(message, "wish"));
    text_printf(out, "Do: chatrelay release %" PRId64 "\n", member_integer(message, "id"));
}

/* Its end is that of another. */
static void explain_folded(struct text *out, const json_t *message, msec_t now_at)
{
    int64_t into_id = member_integer(message, "into_id");
    if (!member_string(message, "end")[0]) {
        text_add(out, "It went into another message, of which no record is kept any more.\n");
        return;
    }
    text_printf(out, "It went into %" PRId64 " at ", into_id);
    cause_time(out, member_integer(message, "ended_at"), now_at);
    text_printf(out, ", which is %s: chatrelay why %" PRId64 "\n", member_string(message, "end"),
                into_id);
}

static void explain_ended(struct text *out, const json_t *message, msec_t now_at)
{
    int64_t id = member_integer(message, "id");
    text_printf(out, "It is %s since ", member_string(message, "state"));
    cause_time(out, member_integer(message, "ended_at"), now_at);
    if (member_string(message, "reason")[0]) {
        text_add(out, ": ");
        harmless_add(out, member_string(message, "reason"));
    }
    text_add(out, ".\n");
    if (is_state(message, "sent"))
        return;
    if (member_integer(message, "doubted_at"))
        text_add(out, "It may have appeared: brought back, it is looked for first.\n");
    text_printf(out, "Do: to have it sent after all,  chatrelay retry %" PRId64 "\n", id);
}

static void explain_message(struct text *out, const json_t *message, msec_t now_at)
{
    add_head(out, message, now_at);
    if (is_state(message, "pending"))
        explain_pending(out, message, now_at);
    else if (is_state(message, "scheduled") || is_state(message, "held"))
        explain_waiting(out, message, now_at);
    else if (is_state(message, "folded"))
        explain_folded(out, message, now_at);
    else
        explain_ended(out, message, now_at);
}

/* ---- a thread ------------------------------------------------------------------------------ */

static void explain_one_thread(struct text *out, const json_t *thread, msec_t now_at)
{
    struct text clause CLEANUP(text_clear) = { 0 };
    harmless_add(out, member_string(thread, "thread"));
    text_add(out, ": ");
    summary_counts(out, thread, now_at);
    text_add(out, ".\n");
    add_pace(out, thread);
    if (!cause_clause(&clause, thread, now_at)) {
        if (!member_integer(thread, "pace_percent"))
            text_add(out, "Nothing is the matter.\n");
        return;
    }
    text_printf(out, "This is because %s.\n", clause.bytes);
    add_reason(out, thread);
    add_others(out, thread);
    if (member_integer(thread, "pending") > 0)
        add_next(out, thread, now_at);
    else
        text_add(out, "Nothing waits: the next message will show whether that is over.\n");
    add_advice(out, thread);
}

void explain_why(struct text *out, const json_t *answer, msec_t now_at)
{
    if (json_object_get(answer, "id"))
        explain_message(out, answer, now_at);
    else
        explain_one_thread(out, answer, now_at);
}
