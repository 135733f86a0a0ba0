#include "client/describe.h"

#include "base/duration.h"
#include "base/harmless.h"
#include "base/instant.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

/* The bytes of the first `width` characters. */
static size_t bytes_of(const char *string, size_t length, size_t width)
{
    size_t characters = 0;
    for (size_t i = 0; i < length; i++)
        if (begins_character(string[i]) && characters++ == width)
            return i;
    return length;
}

void describe_first_line(struct text *out, const char *string, size_t width)
{
    size_t line = strcspn(string, "\r\n");
    bool whole = string[line] == '\0' && bytes_of(string, line, width) == line;
    if (whole || width == 0) {
        harmless_add_line(out, string, width == 0 ? 0 : line);
        return;
    }
    harmless_add_line(out, string, bytes_of(string, line, width - 1));
    text_add(out, "\xe2\x80\xa6");
}

void describe_instant(struct text *out, msec_t instant_at)
{
    char text[INSTANT_LONGEST_TEXT];
    instant_say(instant_at, text);
    text_add(out, text);
}

void describe_distance(struct text *out, msec_t instant_at, msec_t now_at)
{
    char length[DURATION_LONGEST_TEXT];
    bool past = instant_at <= now_at;
    duration_say(past ? now_at - instant_at : instant_at - now_at, length);
    text_printf(out, past ? "%s ago" : "in %s", length);
}

static const char *string_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static int64_t integer_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

enum { LABEL_WIDTH = 14 };

static void add_label(struct text *out, const char *label)
{
    text_printf(out, "  %-*s", LABEL_WIDTH, label);
}

static void add_string(struct text *out, const char *label, const json_t *object, const char *name)
{
    const char *string = string_of(object, name);
    if (!string || !string[0])
        return;
    add_label(out, label);
    harmless_add(out, string);
    text_add(out, "\n");
}

static void add_instant(struct text *out, const char *label, const json_t *message,
                        const char *name, msec_t now_at)
{
    int64_t instant_at = integer_of(message, name);
    if (instant_at == 0)
        return;
    add_label(out, label);
    describe_instant(out, instant_at);
    text_add(out, " (");
    describe_distance(out, instant_at, now_at);
    text_add(out, ")\n");
}

static void add_user(struct text *out, const json_t *message)
{
    const char *user = string_of(message, "user");
    add_label(out, "from");
    if (integer_of(message, "messages")) {
        text_printf(out, "the relay, a %s of %" PRId64 " messages\n", string_of(message, "kind"),
                    integer_of(message, "messages"));
        return;
    }
    harmless_add(out, user ? user : "?");
    text_printf(out, " (uid %" PRId64 ", pid %" PRId64 ")\n", integer_of(message, "uid"),
                integer_of(message, "pid"));
}

/* Of an update or a delete: what it changes. */
static void add_target(struct text *out, const json_t *message)
{
    const char *kind = string_of(message, "kind");
    int64_t target = integer_of(message, "target_id");
    if (!kind || target == 0)
        return;
    add_label(out, "changes");
    text_printf(out, "%" PRId64 " (%s)\n", target, kind);
}

static void add_thread(struct text *out, const json_t *message)
{
    const char *thread = string_of(message, "thread"), *priority = string_of(message, "priority");
    add_label(out, "to");
    harmless_add(out, thread ? thread : "?");
    text_printf(out, ", %s\n", priority ? priority : "normal");
}

static void add_position(struct text *out, const json_t *message)
{
    const json_t *eta = json_object_get(message, "eta_ms");
    int64_t position = integer_of(message, "position");
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
    char label[32];
    snprintf(label, sizeof label, "attempt %" PRId64, integer_of(attempt, "number"));
    add_label(out, label);
    describe_instant(out, integer_of(attempt, "began_at"));
    const char *outcome = string_of(attempt, "outcome");
    text_printf(out, ": %s", outcome ? outcome : "under way");
    if (integer_of(attempt, "http"))
        text_printf(out, ", http %" PRId64, integer_of(attempt, "http"));

    static const char *const names[] = { "code", "reason", "cv" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *string = string_of(attempt, names[i]);
        if (string && string[0]) {
            text_add(out, ", ");
            harmless_add(out, string);
        }
    }
    text_add(out, "\n");
}

/* Sent, though no attempt was answered so: its end is when a look has found it. */
static void add_look(struct text *out, const json_t *message, const char *state)
{
    const json_t *log = json_object_get(message, "log");
    const char *outcome = string_of(json_array_get(log, json_array_size(log) - 1), "outcome");
    if (!state || strcmp(state, "sent") != 0 || !outcome || strcmp(outcome, "doubt") != 0)
        return;
    add_label(out, "looked");
    describe_instant(out, integer_of(message, "ended_at"));
    text_add(out, ": found in the chat\n");
}

/* "  fold          disk, for 37 since 2026-11-21 22:30:00 UTC (2 min ago)" */
static void add_fold(struct text *out, const json_t *message, msec_t now_at)
{
    int64_t count = integer_of(message, "fold_count"),
            since_at = integer_of(message, "fold_since_at");
    if (!string_of(message, "fold"))
        return;
    add_label(out, "fold");
    harmless_add(out, string_of(message, "fold"));
    if (count > 0) {
        text_printf(out, ", for %" PRId64 " since ", count + 1);
        describe_instant(out, since_at);
        text_add(out, " (");
        describe_distance(out, since_at, now_at);
        text_add(out, ")");
    }
    text_add(out, "\n");
}

/* " into 57, which is sent" */
static void add_whole(struct text *out, const json_t *message)
{
    const char *end = string_of(message, "end");
    if (end)
        text_printf(out, " into %" PRId64 ", which is %s", integer_of(message, "into_id"), end);
}

static void add_chat_id(struct text *out, const json_t *message, const char *state)
{
    bool is_sent = state && strcmp(state, "sent") == 0;
    if (!is_sent || string_of(message, "remote_id")) {
        add_string(out, "chat id", message, "remote_id");
        return;
    }
    add_label(out, "chat id");
    text_add(out, "unknown: the chat's answer was cut off\n");
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

void describe_message(struct text *out, const json_t *message, msec_t now_at)
{
    size_t index;
    json_t *attempt;
    const char *state = string_of(message, "state"), *content = string_of(message, "content");

    text_printf(out, "%" PRId64 " is %s", integer_of(message, "id"), state ? state : "?");
    add_whole(out, message);
    text_add(out, "\n");
    add_target(out, message);
    add_thread(out, message);
    add_user(out, message);
    add_string(out, "shown as", message, "senderDisplayName");
    add_instant(out, "accepted", message, "accepted_at", now_at);
    add_fold(out, message, now_at);
    add_instant(out, "not before", message, "due_at", now_at);
    add_position(out, message);
    add_instant(out, "worthless", message, "expires_at", now_at);
    add_instant(out, "in doubt", message, "doubted_at", now_at);
    add_instant(out, "ended", message, "ended_at", now_at);
    add_string(out, "reason", message, "reason");
    add_string(out, "wish", message, "wish");
    add_string(out, "marked", message, "late_mark");
    add_chat_id(out, message, state);
    add_string(out, "seen there", message, "verified");
    add_metadata(out, message);
    json_array_foreach(json_object_get(message, "log"), index, attempt) add_attempt(out, attempt);
    add_look(out, message, state);
    if (content) {
        text_add(out, "\n");
        harmless_add(out, content);
        text_add(out, "\n");
    }
    add_remote(out, json_object_get(message, "remote"));
}

void describe_row(struct text *out, const json_t *message, msec_t now_at, size_t width)
{
    struct text age CLEANUP(text_clear) = { 0 }, row CLEANUP(text_clear) = { 0 };
    const char *content = string_of(message, "content");
    const char *words[] = { string_of(message, "state"), string_of(message, "thread"),
                            string_of(message, "priority"), string_of(message, "user") };
    static const int widths[] = { 9, 12, 6, 10 };

    text_printf(&row, "%6" PRId64, integer_of(message, "id"));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        text_printf(&row, "  %-*s", widths[i], words[i] ? words[i] : "?");
    describe_distance(&age, integer_of(message, "accepted_at"), now_at);
    text_printf(&row, "  %-16s", age.bytes);
    if (content)
        text_printf(&row, "  %s", content);
    else
        text_printf(&row, "  (%" PRId64 " bytes)", integer_of(message, "size"));
    describe_first_line(out, row.bytes, width);
    text_add(out, "\n");
}

static const char *const states[] = { "scheduled", "pending", "held",      "sent",
                                      "folded",    "expired", "cancelled", "dead" };

enum { STATES = sizeof states / sizeof states[0], THREAD_WIDTH = 16 };

static void add_counts(struct text *out, const char *thread, const json_t *counts)
{
    struct text name CLEANUP(text_clear) = { 0 };
    describe_first_line(&name, thread, THREAD_WIDTH);
    text_printf(out, "%-*s", THREAD_WIDTH, name.bytes ? name.bytes : "");
    for (size_t i = 0; i < STATES; i++)
        text_printf(out, " %9" PRId64, integer_of(counts, states[i]));
    text_add(out, "\n");
}

void describe_stats(struct text *out, const json_t *stats)
{
    const char *thread;
    json_t *counts;
    const json_t *turn = json_object_get(stats, "longest_turn");

    text_printf(out, "%-*s", THREAD_WIDTH, "thread");
    for (size_t i = 0; i < STATES; i++)
        text_printf(out, " %9s", states[i]);
    text_add(out, "\n");
    json_object_foreach(json_object_get(stats, "threads"), thread, counts)
        add_counts(out, thread, counts);
    add_counts(out, "all", json_object_get(stats, "totals"));
    if (turn)
        text_printf(
            out, "longest turn: %" PRId64 " ms of the processor; longest write: %" PRId64 " ms\n",
            integer_of(turn, "cpu_ms"), integer_of(turn, "write_ms"));
}
