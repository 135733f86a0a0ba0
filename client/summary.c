#include "client/summary.h"

#include "base/harmless.h"
#include "client/cause.h"
#include "client/member.h"
#include "wire/headline.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* ---- a thread ------------------------------------------------------------------------------ */

static void add_count(struct text *out, const json_t *thread, const char *name, const char *words)
{
    if (member_integer(thread, name))
        text_printf(out, ", %" PRId64 " %s", member_integer(thread, name), words);
}

void summary_counts(struct text *out, const json_t *thread, msec_t now_at)
{
    int64_t pending = member_integer(thread, "pending");
    if (pending == 0)
        text_add(out, "nothing waits");
    else
        text_printf(out, pending == 1 ? "1 waits" : "%" PRId64 " wait", pending);
    if (member_integer(thread, "oldest_at")) {
        text_add(out, pending == 1 ? ", for " : ", the first for ");
        cause_duration(out, now_at - member_integer(thread, "oldest_at"));
    }
    add_count(out, thread, "held", "held");
    add_count(out, thread, "scheduled", "scheduled");
    add_count(out, thread, "under_way", "under way");
}

/* "expires in 21 h and nobody renews it"; nothing while it renews itself. */
static bool token_clause(struct text *out, const json_t *token, msec_t now_at)
{
    msec_t expires_at = member_integer(token, "expires_at");
    bool is_renewed = json_object_get(token, "renewed_at") != NULL;
    const char *reason = member_string(token, "reason");
    if (!token || (!reason[0] && (is_renewed || !expires_at)))
        return false;
    if (expires_at > now_at) {
        text_add(out, "token expires in ");
        cause_duration(out, expires_at - now_at);
        text_add(out, is_renewed ? "" : " and nobody renews it");
    } else {
        text_add(out, expires_at ? "token has expired" : "no token");
    }
    if (reason[0]) {
        text_add(out, ": ");
        harmless_add(out, reason);
    }
    return true;
}

void summary_thread(struct text *out, const json_t *thread, msec_t now_at)
{
    struct text clause CLEANUP(text_clear) = { 0 }, token CLEANUP(text_clear) = { 0 },
                       pace CLEANUP(text_clear) = { 0 };
    msec_t next_at = member_integer(thread, "next_at");
    text_printf(out, "%-4s  ", member_string(thread, "level"));
    harmless_add(out, member_string(thread, "thread"));
    text_add(out, ": ");
    summary_counts(out, thread, now_at);
    if (cause_clause(&clause, thread, now_at))
        text_printf(out, "; %s", clause.bytes);
    if (json_object_get(thread, "trouble") && next_at > now_at) {
        text_printf(out, "; next %s ", cause_next_step(thread));
        cause_time(out, next_at, now_at);
    }
    if (cause_pace(&pace, thread))
        text_printf(out, "; %s", pace.bytes);
    if (token_clause(&token, json_object_get(thread, "token"), now_at))
        text_printf(out, "; %s", token.bytes);
    text_add(out, "\n");
}

/* ---- all of it ----------------------------------------------------------------------------- */

static void add_losses(struct text *out, const json_t *status, msec_t now_at)
{
    const json_t *lost = json_object_get(status, "lost");
    if (!lost)
        return;
    int64_t id = member_integer(lost, "latest_id");
    text_printf(out, "look  %" PRId64 " lost since the start", member_integer(lost, "count"));
    if (id == 0) { /* that one is not lost any more */
        text_add(out, ": chatrelay list --state dead, and --state expired\n");
        return;
    }
    text_printf(out, ", the latest %" PRId64 " at ", id);
    cause_time(out, member_integer(lost, "latest_at"), now_at);
    text_printf(out,
                ": chatrelay why %" PRId64 ", to send it after all  chatrelay retry %" PRId64 "\n",
                id, id);
}

static void add_tokens(struct text *out, const json_t *status, msec_t now_at)
{
    size_t index;
    json_t *trouble;
    json_array_foreach(json_object_get(status, "tokens"), index, trouble)
    {
        struct text clause CLEANUP(text_clear) = { 0 };
        if (!token_clause(&clause, json_object_get(trouble, "token"), now_at))
            continue;
        text_printf(out, "%-4s  sender ", member_string(trouble, "level"));
        harmless_add(out, member_string(trouble, "sender"));
        text_printf(out, ": %s\n", clause.bytes);
    }
}

static void add_totals(struct text *out, const json_t *status)
{
    const json_t *threads = json_object_get(status, "threads");
    int64_t well = member_integer(threads, "well");
    int64_t all = well + member_integer(threads, "look") + member_integer(threads, "act");
    int64_t pending = member_integer(status, "pending");
    if (headline_no_threads(status)) {
        text_printf(out, "%-4s  %s\n", member_string(status, "level"), headline_no_threads(status));
        return;
    }
    text_printf(out, "%-4s  %" PRId64 " of %" PRId64 " threads well, ",
                member_string(status, "level"), well, all);
    if (pending)
        text_printf(out, "%" PRId64 " waiting", pending);
    else
        text_add(out, "nothing waiting");
    add_count(out, status, "held", "held");
    add_count(out, status, "scheduled", "scheduled");
    add_count(out, status, "under_way", "under way");
    text_add(out, "\n");
}

/* Both suffer from the same endpoint or sender, and so one of them tells of the other. */
static bool is_alike(const json_t *one, const json_t *other)
{
    const char *cause = member_string(one, "cause");
    bool is_shared = strcmp(cause, "endpoint") == 0 || strcmp(cause, "sender") == 0;
    return is_shared && strcmp(cause, member_string(other, "cause")) == 0 &&
           strcmp(member_string(one, cause), member_string(other, cause)) == 0;
}

/* How many of the first `count` are like this one. */
static size_t count_alike(const json_t *troubles, size_t count, const json_t *thread)
{
    size_t alike = 0;
    for (size_t i = 0; i < count; i++)
        alike += is_alike(json_array_get(troubles, i), thread);
    return alike;
}

/* Each, but of those that are alike the first alone, and how many there are. */
static void add_troubles(struct text *out, const json_t *troubles, msec_t now_at)
{
    size_t index, all = json_array_size(troubles);
    json_t *thread;
    json_array_foreach(troubles, index, thread)
    {
        size_t alike = count_alike(troubles, all, thread);
        if (count_alike(troubles, index, thread) > 0)
            continue;
        summary_thread(out, thread, now_at);
        if (alike > 1)
            text_printf(out, "      and %zu more for the same reason: chatrelay threads\n",
                        alike - 1);
    }
}

void summary_status(struct text *out, const json_t *status, msec_t now_at)
{
    const json_t *troubles = json_object_get(status, "troubles");
    const json_t *threads = json_object_get(status, "threads");
    int64_t more = member_integer(threads, "look") + member_integer(threads, "act") -
                   (int64_t)json_array_size(troubles);

    add_totals(out, status);
    if (json_is_false(json_object_get(status, "room")))
        text_add(out, "act   the file system of the outbox is nearly full: nothing is taken in\n");
    if (json_is_false(json_object_get(status, "writable")))
        text_add(out,
                 "act   the outbox cannot be written: nothing is taken in or sent; the relay's log "
                 "says why\n");
    add_troubles(out, troubles, now_at);
    if (more > 0)
        text_printf(out, "      and %" PRId64 " more: chatrelay threads\n", more);
    add_tokens(out, status, now_at);
    add_losses(out, status, now_at);
}
