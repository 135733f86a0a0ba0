#include "client/cause.h"

#include "base/duration.h"
#include "base/harmless.h"
#include "base/instant.h"
#include "client/member.h"
#include "client/trouble.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static bool is(const char *one, const char *other)
{
    return strcmp(one, other) == 0;
}

static void add_string(struct text *out, const json_t *object, const char *name)
{
    harmless_add(out, member_string(object, name));
}

/* ---- times --------------------------------------------------------------------------------- */

static struct tm local(msec_t instant_at)
{
    time_t seconds = (time_t)(instant_at / 1000);
    struct tm date = { 0 };
    localtime_r(&seconds, &date);
    return date;
}

void cause_time(struct text *out, msec_t instant_at, msec_t now_at)
{
    static const msec_t days_that_a_name_tells_ms = (msec_t)6 * 24 * 60 * 60 * 1000;
    struct tm date = local(instant_at);
    msec_t away_ms = instant_at > now_at ? instant_at - now_at : now_at - instant_at;
    char text[40];
    if (instant_is_same_day(instant_at, now_at))
        strftime(text, sizeof text, "%H:%M %Z", &date);
    else if (away_ms < days_that_a_name_tells_ms)
        strftime(text, sizeof text, "%a %H:%M %Z", &date);
    else
        strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z", &date);
    text_add(out, text);
}

/* ---- everything else ----------------------------------------------------------------------- */

static void add_pause(struct text *out, const json_t *object, msec_t now_at)
{
    add_string(out, object, "thread");
    text_add(out, " is paused until ");
    cause_time(out, member_integer(object, "paused_until_at"), now_at);
}

static void add_missing(struct text *out, const json_t *object)
{
    text_add(out, "there is no thread ");
    add_string(out, object, "thread");
    text_add(out, " in the settings any more");
}

/* Of a message itself, or of the one that is before all others. */
static void add_doubt(struct text *out, const json_t *object)
{
    if (member_integer(object, "doubted_at"))
        text_add(out, "an answer was lost, so that it may have appeared: we look before we post");
    else
        text_add(out, "an answer to the first message was lost: we look whether it appeared");
}

bool cause_clause(struct text *out, const json_t *object, msec_t now_at)
{
    const char *cause = member_string(object, "cause");
    if (trouble_is(object))
        trouble_clause(out, object, now_at);
    else if (is(cause, "paused"))
        add_pause(out, object, now_at);
    else if (is(cause, "no-such-thread"))
        add_missing(out, object);
    else if (is(cause, "doubt"))
        add_doubt(out, object);
    else if (is(cause, "pace"))
        text_printf(out, "the budget of its thread (%s) is spent for now",
                    member_string(object, "pace"));
    else if (is(cause, "busy"))
        text_add(out, "as many requests as may be are under way");
    else
        return false;
    return true;
}

bool cause_pace(struct text *out, const json_t *object)
{
    int64_t percent = member_integer(object, "pace_percent");
    if (percent == 0)
        return false;
    text_printf(out, "at %" PRId64 " %% of its pace since a 429, as others may share the budget",
                percent);
    return true;
}

bool cause_admits(const json_t *object, const char *verb)
{
    const json_t *verbs = json_object_get(object, "verbs");
    for (size_t i = 0; i < json_array_size(verbs); i++) {
        const char *admitted = json_string_value(json_array_get(verbs, i));
        if (admitted && is(admitted, verb))
            return true;
    }
    return false;
}

/* "chatrelay VERB THREAD" */
static void add_command(struct text *out, const char *verb, const json_t *object)
{
    text_printf(out, "chatrelay %s ", verb);
    add_string(out, object, "thread");
}

bool cause_advice(struct text *out, const json_t *object)
{
    const char *cause = member_string(object, "cause");
    if (is(cause, "paused")) {
        if (!cause_admits(object, "resume"))
            return false;
        add_command(out, "resume", object);
        return true;
    }
    if (is(cause, "no-such-thread")) {
        text_add(out, "put [thread ");
        add_string(out, object, "thread");
        text_add(out, "] back into the settings, or  was = ");
        add_string(out, object, "thread");
        text_add(out, "  into the section of the one that it is now, or  ");
        add_command(out, "cancel --thread", object);
        return true;
    }
    if (!trouble_is(object) || !trouble_advice(out, object))
        return false;
    if (cause_admits(object, "flush")) {
        text_add(out, ", then  ");
        add_command(out, "flush", object);
    }
    return true;
}

const char *cause_next_step(const json_t *object)
{
    return strcmp(member_string(object, "cause"), "doubt") == 0 ? "look" : "try";
}

void cause_duration(struct text *out, msec_t duration_ms)
{
    char text[DURATION_LONGEST_TEXT];
    duration_say(duration_ms, text);
    text_add(out, text);
}
