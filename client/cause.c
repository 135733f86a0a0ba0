#include "client/cause.h"

#include "client/describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- what the relay said ------------------------------------------------------------------------
 */

static const char *string_of(const json_t *object, const char *name)
{
    const char *string = json_string_value(json_object_get(object, name));
    return string ? string : "";
}

static int64_t integer_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static bool is(const char *one, const char *other)
{
    return strcmp(one, other) == 0;
}

static void add_string(struct text *out, const json_t *object, const char *name)
{
    describe_text(out, string_of(object, name));
}

/* ---- times --------------------------------------------------------------------------------------
 */

static struct tm utc(msec_t instant_at)
{
    time_t seconds = (time_t)(instant_at / 1000);
    struct tm date = { 0 };
    gmtime_r(&seconds, &date);
    return date;
}

static bool is_same_day(const struct tm *one, const struct tm *other)
{
    return one->tm_yday == other->tm_yday && one->tm_year == other->tm_year;
}

void cause_time(struct text *out, msec_t instant_at, msec_t now_at)
{
    static const msec_t days_that_a_name_tells_ms = (msec_t)6 * 24 * 60 * 60 * 1000;
    struct tm date = utc(instant_at), now = utc(now_at);
    msec_t away_ms = instant_at > now_at ? instant_at - now_at : now_at - instant_at;
    char text[40];
    if (is_same_day(&date, &now))
        strftime(text, sizeof text, "%H:%M UTC", &date);
    else if (away_ms < days_that_a_name_tells_ms)
        strftime(text, sizeof text, "%a %H:%M UTC", &date);
    else
        strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &date);
    text_add(out, text);
}

/* " since 01:10 UTC (403, 7 times)" */
static void add_history(struct text *out, const json_t *trouble, msec_t now_at)
{
    int64_t failures = integer_of(trouble, "failures"), http = integer_of(trouble, "http");
    text_add(out, " since ");
    cause_time(out, integer_of(trouble, "since_at"), now_at);
    text_add(out, " (");
    if (http)
        text_printf(out, "%" PRId64 ", ", http);
    text_printf(out, failures == 1 ? "once)" : "%" PRId64 " times)", failures);
}

/* ---- who ----------------------------------------------------------------------------------------
 */

/* "alerts (8:acs:...2a41)": who that is, as far as people compare it. */
static void add_sender(struct text *out, const json_t *object)
{
    enum { SHORT = 24, TAIL = 4 };
    const char *identity = string_of(object, "identity");
    size_t length = strlen(identity);
    char shown[SHORT + 1];
    add_string(out, object, "sender");
    if (length == 0)
        return;
    if (length <= SHORT)
        snprintf(shown, sizeof shown, "%s", identity);
    else
        snprintf(shown, sizeof shown, "%.6s...%s", identity, identity + length - TAIL);
    text_add(out, " (");
    describe_text(out, shown);
    text_add(out, ")");
}

static void add_identity(struct text *out, const json_t *object)
{
    if (string_of(object, "identity")[0])
        add_string(out, object, "identity");
    else
        text_printf(out, "the identity of sender %s", string_of(object, "sender"));
}

/* ---- trouble: one row for each kind, the first that fits
 * ------------------------------------------ */

static void say_403(struct text *out, const json_t *object)
{
    text_add(out, "sender ");
    add_sender(out, object);
    text_add(out, " is not a participant");
}

static void do_403(struct text *out, const json_t *object)
{
    text_add(out, "have a participant add ");
    add_identity(out, object);
}

static void say_404(struct text *out, const json_t *object)
{
    text_add(out, "the chat knows no thread ");
    add_string(out, object, "remote_thread");
}

static void do_thread_id(struct text *out, const json_t *object)
{
    text_add(out, "correct id in [thread ");
    add_string(out, object, "thread");
    text_add(out, "] of the settings, reload");
}

static void say_400(struct text *out, const json_t *object)
{
    text_add(out, "the chat does not take the thread's id ");
    add_string(out, object, "remote_thread");
}

static void say_token(struct text *out, const json_t *object)
{
    text_add(out, "the token of sender ");
    add_sender(out, object);
    text_add(out, " is refused");
}

static void do_token(struct text *out, const json_t *object)
{
    text_add(out, "put a valid token into the token_file of [sender ");
    add_string(out, object, "sender");
    text_add(out, "]");
}

static void say_throttled(struct text *out, const json_t *object)
{
    (void)object;
    text_add(out, "the chat wants fewer messages for now; others may share our budget");
}

static void say_name(struct text *out, const json_t *object)
{
    text_add(out, "the name in ");
    add_string(out, object, "endpoint");
    text_add(out, " cannot be resolved");
}

static void do_name(struct text *out, const json_t *object)
{
    text_add(out, "see whether this machine can resolve names (DNS), and that ");
    add_string(out, object, "endpoint");
    text_add(out, " is right");
}

static void say_connect(struct text *out, const json_t *object)
{
    text_add(out, "nothing answers at ");
    add_string(out, object, "endpoint");
}

static void do_network(struct text *out, const json_t *object)
{
    text_add(out, "see whether this machine reaches ");
    add_string(out, object, "endpoint");
    text_add(out, " (network, firewall, proxy)");
}

static void say_tls(struct text *out, const json_t *object)
{
    text_add(out, "no secure connection to ");
    add_string(out, object, "endpoint");
}

static void do_tls(struct text *out, const json_t *object)
{
    (void)object;
    text_add(out,
             "see whether this machine's clock is right and the certificate is valid "
             "(setting ca_file)");
}

static void say_silent(struct text *out, const json_t *object)
{
    add_string(out, object, "endpoint");
    text_add(out, " does not answer in time");
}

static void say_closed(struct text *out, const json_t *object)
{
    add_string(out, object, "endpoint");
    text_add(out, " hangs up on us");
}

static void say_5xx(struct text *out, const json_t *object)
{
    text_add(out, "the service at ");
    add_string(out, object, "endpoint");
    text_add(out, " fails");
}

static void say_gateway(struct text *out, const json_t *object)
{
    text_add(out, "what answers at ");
    add_string(out, object, "endpoint");
    text_add(out, " is not the chat; perhaps a gateway on the way");
}

static void say_anything(struct text *out, const json_t *object)
{
    const char *reason = string_of(json_object_get(object, "trouble"), "reason");
    describe_text(out, reason[0] ? reason : "it does not say why");
}

struct kind {
    const char *cause;
    int least, most;  /* http */
    const char *code; /* NULL: any */
    void (*say)(struct text *out, const json_t *object);
    void (*advise)(struct text *out, const json_t *object); /* NULL: it mends itself */
};

static const struct kind kinds[] = {
    { "thread", 429, 429, NULL, say_throttled, NULL },
    { "thread", 403, 403, NULL, say_403, do_403 },
    { "thread", 404, 404, NULL, say_404, do_thread_id },
    { "thread", 400, 400, NULL, say_400, do_thread_id },
    { "sender", 0, 999, NULL, say_token, do_token },
    { "endpoint", 429, 429, NULL, say_throttled, NULL },
    { "endpoint", 0, 0, "name", say_name, do_name },
    { "endpoint", 0, 0, "connect", say_connect, do_network },
    { "endpoint", 0, 0, "tls", say_tls, do_tls },
    { "endpoint", 0, 0, "timeout", say_silent, do_network },
    { "endpoint", 0, 0, "closed", say_closed, do_network },
    { "endpoint", 408, 408, NULL, say_silent, NULL },
    { "endpoint", 500, 599, NULL, say_5xx, NULL },
    { "endpoint", 100, 499, NULL, say_gateway, do_network },
};

static const struct kind *kind_of(const json_t *object)
{
    static const struct kind other = { .say = say_anything };
    const json_t *trouble = json_object_get(object, "trouble");
    const char *cause = string_of(object, "cause"), *code = string_of(trouble, "code");
    int64_t http = integer_of(trouble, "http");
    for (const struct kind *kind = kinds; kind < kinds + sizeof kinds / sizeof kinds[0]; kind++)
        if (is(kind->cause, cause) && http >= kind->least && http <= kind->most &&
            (!kind->code || is(kind->code, code)))
            return kind;
    return &other;
}

static bool is_trouble(const char *cause)
{
    return is(cause, "thread") || is(cause, "sender") || is(cause, "endpoint");
}

/* "db refuses us since 01:10 UTC (403, 7 times): sender ... is not a participant" */
static void add_trouble(struct text *out, const json_t *object, msec_t now_at)
{
    const json_t *trouble = json_object_get(object, "trouble");
    const char *cause = string_of(object, "cause");
    if (integer_of(trouble, "http") == 429)
        text_add(out, "we are throttled");
    else if (is(cause, "thread")) {
        add_string(out, object, "thread");
        text_add(out, " refuses us");
    } else if (is(cause, "sender"))
        text_add(out, "the service refuses us");
    else
        text_add(out, "the service cannot be used");
    add_history(out, trouble, now_at);
    text_add(out, ": ");
    kind_of(object)->say(out, object);
}

/* ---- everything else
 * ------------------------------------------------------------------------------ */

static void add_pause(struct text *out, const json_t *object, msec_t now_at)
{
    add_string(out, object, "thread");
    text_add(out, " is paused until ");
    cause_time(out, integer_of(object, "paused_until_at"), now_at);
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
    if (integer_of(object, "doubted_at"))
        text_add(out, "an answer was lost, so that it may have appeared: we look before we post");
    else
        text_add(out, "an answer to the first message was lost: we look whether it appeared");
}

bool cause_clause(struct text *out, const json_t *object, msec_t now_at)
{
    const char *cause = string_of(object, "cause");
    if (is_trouble(cause))
        add_trouble(out, object, now_at);
    else if (is(cause, "paused"))
        add_pause(out, object, now_at);
    else if (is(cause, "no-such-thread"))
        add_missing(out, object);
    else if (is(cause, "doubt"))
        add_doubt(out, object);
    else if (is(cause, "pace"))
        text_printf(out, "the budget of its thread (%s) is spent for now",
                    string_of(object, "pace"));
    else if (is(cause, "busy"))
        text_add(out, "as many requests as may be are under way");
    else
        return false;
    return true;
}

/* "chatrelay VERB THREAD" */
static void add_command(struct text *out, const char *verb, const json_t *object)
{
    text_printf(out, "chatrelay %s ", verb);
    add_string(out, object, "thread");
}

bool cause_advice(struct text *out, const json_t *object)
{
    const char *cause = string_of(object, "cause");
    if (is(cause, "paused")) {
        add_command(out, "resume", object);
        return true;
    }
    if (is(cause, "no-such-thread")) {
        text_add(out, "put [thread ");
        add_string(out, object, "thread");
        text_add(out, "] back into the settings, or  ");
        add_command(out, "cancel --thread", object);
        return true;
    }
    const struct kind *kind = kind_of(object);
    if (!is_trouble(cause) || !kind->advise)
        return false;
    kind->advise(out, object);
    text_add(out, ", then  ");
    add_command(out, "flush", object);
    return true;
}
