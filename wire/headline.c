#include "wire/headline.h"

#include "base/duration.h"

#include <inttypes.h>
#include <string.h>

struct matter {
    const char *cause;
    bool of_thread;
    const char *words;
};

static const struct matter matters[] = {
    { "thread", true, "refuses us" },
    { "sender", false, "the service refuses us" },
    { "endpoint", false, "the service cannot be used" },
    { "paused", true, "is paused" },
    { "no-such-thread", true, "is not in the settings any more" },
    { "doubt", true, "has a message that may have appeared: we look for it" },
    { "pace", true, "has its budget spent for now" },
    { "busy", false, "as many requests as may be are under way" },
};

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static const char *string(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

/* A definite no. Else a good answer was missing: none, 408, 5xx, another success than it should be.
 */
static bool is_refusal(int64_t http)
{
    bool is_success = http >= 200 && http < 300;
    return http > 0 && http < 500 && http != 408 && !is_success;
}

const char *headline_matter(const json_t *object, bool *of_thread)
{
    const char *cause = string(object, "cause");
    const json_t *trouble = json_object_get(object, "trouble");
    *of_thread = false;
    if (number(trouble, "http") == 429)
        return "we are throttled";
    if (trouble && strcmp(cause, "sender") == 0 && number(trouble, "http") == 0)
        return "there is no access token"; /* nothing was asked yet */
    for (size_t i = 0; i < sizeof matters / sizeof matters[0]; i++) {
        if (strcmp(matters[i].cause, cause) != 0)
            continue;
        *of_thread = matters[i].of_thread;
        if (trouble && strcmp(cause, "thread") == 0 && !is_refusal(number(trouble, "http")))
            return "gives no good answer";
        return matters[i].words;
    }
    return NULL;
}

static void add_age(struct text *out, msec_t since_at, msec_t now_at)
{
    char age[DURATION_LONGEST_TEXT];
    duration_say(now_at > since_at ? now_at - since_at : 0, age);
    text_add(out, age);
}

/* "db refuses us (403), 14 waiting, oldest 2 h" */
static void add_thread(struct text *out, const json_t *thread, msec_t now_at)
{
    bool of_thread = false;
    const char *words = headline_matter(thread, &of_thread);
    int64_t http = number(json_object_get(thread, "trouble"), "http");
    text_add(out, string(thread, "thread"));
    if (words)
        text_printf(out, "%s %s", of_thread ? "" : ":", words);
    if (http)
        text_printf(out, " (%" PRId64 ")", http);
    text_printf(out, ", %" PRId64 " waiting", number(thread, "pending"));
    if (number(thread, "held"))
        text_printf(out, ", %" PRId64 " held", number(thread, "held"));
    if (number(thread, "oldest_at")) {
        text_add(out, ", oldest ");
        add_age(out, number(thread, "oldest_at"), now_at);
    }
}

/* "; 2 more", of threads that are not well. */
static void add_more(struct text *out, const json_t *threads)
{
    int64_t others = number(threads, "look") + number(threads, "act") - 1;
    if (others > 0)
        text_printf(out, "; %" PRId64 " more", others);
}

static void add_lost(struct text *out, const json_t *lost)
{
    text_printf(out, "%" PRId64 " lost since the start", number(lost, "count"));
    if (number(lost, "latest_id")) /* it has not been brought back */
        text_printf(out, ", the latest is %" PRId64, number(lost, "latest_id"));
}

static void add_waiting(struct text *out, const json_t *status, msec_t now_at)
{
    int64_t pending = number(status, "pending");
    if (pending == 0) {
        text_add(out, "nothing waiting");
        return;
    }
    text_printf(out, "%" PRId64 " waiting", pending);
    if (number(status, "oldest_at")) {
        text_add(out, " (oldest ");
        add_age(out, number(status, "oldest_at"), now_at);
        text_add(out, ")");
    }
}

static const char *word_of(const char *level)
{
    if (strcmp(level, "act") == 0)
        return "ACT";
    return strcmp(level, "look") == 0 ? "look" : "ok";
}

const char *headline_no_threads(const json_t *status)
{
    const json_t *threads = json_object_get(status, "threads");
    if (number(threads, "well") + number(threads, "look") + number(threads, "act") > 0)
        return NULL;
    bool sees_all = json_object_get(status, "sent_today") != NULL; /* operators alone are told */
    return sees_all ? "no threads yet: run chatrelay setup" : "no thread that you may send to";
}

void headline_add(struct text *out, const json_t *status, msec_t now_at)
{
    const json_t *threads = json_object_get(status, "threads");
    const json_t *worst = json_array_get(json_object_get(status, "troubles"), 0);
    const json_t *lost = json_object_get(status, "lost");
    const char *level = string(status, "level");
    bool is_well = strcmp(level, "well") == 0;

    text_printf(out, "%s: ", word_of(level));
    if (json_is_false(json_object_get(status, "room"))) {
        text_add(out, "the file system of the outbox is nearly full, nothing is taken in");
    } else if (json_is_false(json_object_get(status, "writable"))) {
        text_add(out, "the outbox cannot be written, nothing is taken in or sent");
    } else if (worst) {
        add_thread(out, worst, now_at);
        add_more(out, threads);
    } else if (headline_no_threads(status)) {
        text_add(out, headline_no_threads(status));
    } else if (!is_well && lost) {
        add_lost(out, lost);
    } else {
        add_waiting(out, status, now_at);
        if (json_object_get(status, "sent_today"))
            text_printf(out, "; %" PRId64 " sent today", number(status, "sent_today"));
    }
}
