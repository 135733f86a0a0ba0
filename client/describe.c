#include "client/describe.h"

#include "base/duration.h"
#include "base/harmless.h"
#include "base/instant.h"
#include "client/member.h"

#include <inttypes.h>
#include <stdbool.h>
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

/* "edit of 41: ", of a message that changes another one. */
static void add_change(struct text *out, const json_t *message)
{
    const char *kind = member_string(message, "kind");
    const char *word = strcmp(kind, "update") == 0   ? "edit"
                       : strcmp(kind, "delete") == 0 ? "removal"
                                                     : NULL;
    if (word)
        text_printf(out, "%s of %" PRId64, word, member_integer(message, "target_id"));
}

/* What it says or does; of what is wiped already, how long it was. */
static void add_content(struct text *out, const json_t *message)
{
    const char *content = member_string(message, "content");
    int64_t size = member_integer(message, "size");
    struct text change CLEANUP(text_clear) = { 0 };
    add_change(&change, message);
    if (change.bytes)
        text_add(out, change.bytes);
    if (change.bytes && size > 0)
        text_add(out, ": ");
    if (content[0])
        text_add(out, content);
    else if (size > 0 || !change.bytes)
        text_printf(out, "(%" PRId64 " bytes)", size);
}

void describe_row(struct text *out, const json_t *message, msec_t now_at, size_t width)
{
    struct text age CLEANUP(text_clear) = { 0 }, row CLEANUP(text_clear) = { 0 };
    static const char *const names[] = { "state", "thread", "priority", "user" };
    static const int widths[] = { 9, 12, 6, 10 };

    text_printf(&row, "%6" PRId64, member_integer(message, "id"));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *word = member_string(message, names[i]);
        text_printf(&row, "  %-*s", widths[i], word[0] ? word : "?");
    }
    describe_distance(&age, member_integer(message, "accepted_at"), now_at);
    text_printf(&row, "  %-16s", age.bytes);
    text_add(&row, "  ");
    add_content(&row, message);
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
        text_printf(out, " %9" PRId64, member_integer(counts, states[i]));
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
            member_integer(turn, "cpu_ms"), member_integer(turn, "write_ms"));
}
