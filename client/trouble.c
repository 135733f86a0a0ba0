#include "client/trouble.h"

#include "base/harmless.h"
#include "client/cause.h"
#include "client/member.h"
#include "wire/headline.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is(const char *one, const char *other)
{
    return strcmp(one, other) == 0;
}

static void add_string(struct text *out, const json_t *object, const char *name)
{
    harmless_add(out, member_string(object, name));
}

/* ---- who ----------------------------------------------------------------------------------- */

/* "alerts (8:acs:...2a41)": who that is, as far as people compare it. */
static void add_sender(struct text *out, const json_t *object)
{
    enum { SHORT = 24, TAIL = 4 };
    const char *identity = member_string(object, "identity");
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
    harmless_add(out, shown);
    text_add(out, ")");
}

static void add_identity(struct text *out, const json_t *object)
{
    if (member_string(object, "identity")[0])
        add_string(out, object, "identity");
    else
        text_printf(out, "the identity of sender %s", member_string(object, "sender"));
}

/* ---- trouble: one row for each kind, the first that fits ----------------------------------- */

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

static void say_no_token(struct text *out, const json_t *object)
{
    text_add(out, "sender ");
    add_sender(out, object);
    text_add(out, " cannot get one");
}

static void do_token(struct text *out, const json_t *object)
{
    text_add(out, "see where [sender ");
    add_string(out, object, "sender");
    text_add(out, "] has its token from (its key may be revoked, its file old)");
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
    const char *reason = member_string(json_object_get(object, "trouble"), "reason");
    harmless_add(out, reason[0] ? reason : "it does not say why");
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
    { "sender", 0, 0, NULL, say_no_token, do_token },
    { "sender", 1, 999, NULL, say_token, do_token },
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
    const char *cause = member_string(object, "cause"), *code = member_string(trouble, "code");
    int64_t http = member_integer(trouble, "http");
    for (const struct kind *kind = kinds; kind < kinds + sizeof kinds / sizeof kinds[0]; kind++)
        if (is(kind->cause, cause) && http >= kind->least && http <= kind->most &&
            (!kind->code || is(kind->code, code)))
            return kind;
    return &other;
}

bool trouble_is(const json_t *object)
{
    const char *cause = member_string(object, "cause");
    return is(cause, "thread") || is(cause, "sender") || is(cause, "endpoint");
}

/* " since 01:10 UTC (403, 7 times)" */
static void add_history(struct text *out, const json_t *trouble, msec_t now_at)
{
    int64_t failures = member_integer(trouble, "failures"), http = member_integer(trouble, "http");
    text_add(out, " since ");
    cause_time(out, member_integer(trouble, "since_at"), now_at);
    text_add(out, " (");
    if (http)
        text_printf(out, "%" PRId64 ", ", http);
    text_printf(out, failures == 1 ? "once)" : "%" PRId64 " times)", failures);
}

void trouble_clause(struct text *out, const json_t *object, msec_t now_at)
{
    const json_t *trouble = json_object_get(object, "trouble");
    bool of_thread = false;
    const char *words = headline_matter(object, &of_thread);
    if (of_thread) {
        add_string(out, object, "thread");
        text_add(out, " ");
    }
    text_add(out, words ? words : "it waits");
    add_history(out, trouble, now_at);
    text_add(out, ": ");
    kind_of(object)->say(out, object);
}

bool trouble_advice(struct text *out, const json_t *object)
{
    const struct kind *kind = kind_of(object);
    if (!kind->advise)
        return false;
    kind->advise(out, object);
    return true;
}
