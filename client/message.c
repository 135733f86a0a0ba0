#include "client/message.h"

#include "base/duration.h"
#include "base/harmless.h"
#include "client/describe.h"
#include "client/member.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_WIDTH = 14 };

static void add_label(struct text *out, const char *label)
{
    text_printf(out, "  %-*s", LABEL_WIDTH, label);
}

static void add_string(struct text *out, const char *label, const json_t *object, const char *name)
{
    const char *string = member_string(object, name);
    if (!string[0])
        return;
    add_label(out, label);
    harmless_add(out, string);
    text_add(out, "\n");
}

/* "2026-11-21 22:30:00 UTC (2 min ago)" */
static void add_moment(struct text *out, msec_t instant_at, msec_t now_at)
{
    describe_instant(out, instant_at);
    text_add(out, " (");
    describe_distance(out, instant_at, now_at);
    text_add(out, ")");
}

static void add_instant(struct text *out, const char *label, const json_t *message,
                        const char *name, msec_t now_at)
{
    int64_t instant_at = member_integer(message, name);
    if (instant_at == 0)
        return;
    add_label(out, label);
    add_moment(out, instant_at, now_at);
    text_add(out, "\n");
}

static const char *string_or(const json_t *object, const char *name, const char *otherwise)
{
    const char *string = member_string(object, name);
    return string[0] ? string : otherwise;
}

static bool is_sent(const json_t *message)
{
    return strcmp(member_string(message, "state"), "sent") == 0;
}

/* ---- what it is ---------------------------------------------------------------------------- */

/* "42 is folded into 57, which is sent" */
static void add_state(struct text *out, const json_t *message)
{
    const char *end = member_string(message, "end");
    text_printf(out, "%" PRId64 " is %s", member_integer(message, "id"),
                string_or(message, "state", "?"));
    if (end[0])
        text_printf(out, " into %" PRId64 ", which is %s", member_integer(message, "into_id"), end);
    text_add(out, "\n");
}

/* Of an update or a delete: what it changes. */
static void add_target(struct text *out, const json_t *message)
{
    const char *kind = member_string(message, "kind");
    int64_t target = member_integer(message, "target_id");
    if (!kind[0] || target == 0)
        return;
    add_label(out, "changes");
    text_printf(out, "%" PRId64 " (%s)\n", target, kind);
}

static void add_thread(struct text *out, const json_t *message)
{
    add_label(out, "to");
    harmless_add(out, string_or(message, "thread", "?"));
    text_printf(out, ", %s\n", string_or(message, "priority", "normal"));
}

static void add_user(struct text *out, const json_t *message)
{
    add_label(out, "from");
    if (member_integer(message, "messages")) {
        text_printf(out, "the relay, a %s of %" PRId64 " messages\n",
                    member_string(message, "kind"), member_integer(message, "messages"));
        return;
    }
    harmless_add(out, string_or(message, "user", "?"));
    text_printf(out, " (uid %" PRId64 ", pid %" PRId64 ")\n", member_integer(message, "uid"),
                member_integer(message, "pid"));
}

/* "  fold          disk, for 37 since 2026-11-21 22:30:00 UTC (2 min ago)" */
static void add_fold(struct text *out, const json_t *message, msec_t now_at)
{
    int64_t count = member_integer(message, "fold_count");
    const char *fold = member_string(message, "fold");
    if (!fold[0])
        return;
    add_label(out, "fold");
    harmless_add(out, fold);
    if (count > 0) {
        text_printf(out, ", for %" PRId64 " since ", count + 1);
        add_moment(out, member_integer(message, "fold_since_at"), now_at);
    }
    text_add(out, "\n");
}

static void add_origin(struct text *out, const json_t *message, msec_t now_at)
{
    add_target(out, message);
    add_thread(out, message);
    add_user(out, message);
    add_string(out, "shown as", message, "senderDisplayName");
    add_instant(out, "accepted", message, "accepted_at", now_at);
    add_fold(out, message, now_at);
}

/* ---- where it stands ----------------------------------------------------------------------- */

static void add_position(struct text *out, const json_t *message)
{
    const json_t *eta = json_object_get(message, "eta_ms");
    int64_t position = member_integer(message, "position");
    char length[DURATION_LONGEST_TEXT];
    if (position == 0)
        return;
    add_label(out, "place");
    text_printf(out, "%s%" PRId64 " in its lane",
                json_is_true(json_object_get(message, "about")) ? "about " : "", position);
    if (eta) {
        duration_say(json_integer_value(eta), length);
        text_printf(out, ", sent in about %s", length);
    }
    text_add(out, "\n");
}

static void add_standing(struct text *out, const json_t *message, msec_t now_at)
{
    add_instant(out, "not before", message, "due_at", now_at);
    add_position(out, message);
    add_instant(out, "worthless", message, "expires_at", now_at);
    add_instant(out, "in doubt", message, "doubted_at", now_at);
    add_instant(out, "ended", message, "ended_at", now_at);
    add_string(out, "reason", message, "reason");
    add_string(out, "wish", message, "wish");
    add_string(out, "marked", message, "late_mark");
}

/* ---- how it went --------------------------------------------------------------------------- */

static void add_chat_id(struct text *out, const json_t *message)
{
    if (!is_sent(message) || json_object_get(message, "remote_id")) {
        add_string(out, "chat id", message, "remote_id");
        return;
    }
    add_label(out, "chat id");
    text_add(out, "unknown: the chat's answer was cut off\n");
}

static void add_metadata(struct text *out, const json_t *message)
{
    const char *key;
    json_t *value;
    json_t *metadata = json_object_get(message, "metadata");
    json_object_foreach(metadata, key, value)
    {
        add_label(out, "metadata");
        harmless_add(out, key);
        text_add(out, "=");
        harmless_add(out, json_string_value(value) ? json_string_value(value) : "");
        text_add(out, "\n");
    }
}

/* "  attempt 2     2026-11-21 22:30:01 UTC: sent, http 201, reason" */
static void add_attempt(struct text *out, const json_t *attempt)
{
    static const char *const names[] = { "code", "reason", "cv" };
    char label[32];
    snprintf(label, sizeof label, "attempt %" PRId64, member_integer(attempt, "number"));
    add_label(out, label);
    describe_instant(out, member_integer(attempt, "began_at"));
    text_printf(out, ": %s", string_or(attempt, "outcome", "under way"));
    if (member_integer(attempt, "http"))
        text_printf(out, ", http %" PRId64, member_integer(attempt, "http"));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *string = member_string(attempt, names[i]);
        text_add(out, string[0] ? ", " : "");
        harmless_add(out, string);
    }
    text_add(out, "\n");
}

/* Sent, though no attempt was answered so: its end is when a look has found it. */
static void add_look(struct text *out, const json_t *message)
{
    const json_t *log = json_object_get(message, "log");
    const json_t *latest = json_array_get(log, json_array_size(log) - 1);
    if (!is_sent(message) || strcmp(member_string(latest, "outcome"), "doubt") != 0)
        return;
    add_label(out, "looked");
    describe_instant(out, member_integer(message, "ended_at"));
    text_add(out, ": found in the chat\n");
}

static void add_course(struct text *out, const json_t *message)
{
    size_t index;
    json_t *attempt;
    add_chat_id(out, message);
    add_string(out, "seen there", message, "verified");
    add_metadata(out, message);
    json_array_foreach(json_object_get(message, "log"), index, attempt) add_attempt(out, attempt);
    add_look(out, message);
}

/* ---- what it says -------------------------------------------------------------------------- */

static void add_content(struct text *out, const json_t *message)
{
    if (!json_object_get(message, "content"))
        return;
    text_add(out, "\n");
    harmless_add(out, member_string(message, "content"));
    text_add(out, "\n");
}

/* All of it, as the service has it; its own words are escaped by JSON. */
static void add_remote(struct text *out, const json_t *remote)
{
    if (!remote)
        return;
    char *dumped = json_dumps(remote, JSON_INDENT(2));
    text_add(out, "\nin the chat:\n");
    harmless_add(out, dumped);
    text_add(out, "\n");
    free(dumped);
}

void message_describe(struct text *out, const json_t *message, msec_t now_at)
{
    add_state(out, message);
    add_origin(out, message, now_at);
    add_standing(out, message, now_at);
    add_course(out, message);
    add_content(out, message);
    add_remote(out, json_object_get(message, "remote"));
}
