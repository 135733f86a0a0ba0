#include "client/event.h"

#include "base/harmless.h"
#include "client/describe.h"
#include "client/member.h"

#include <inttypes.h>

enum { LONGEST_WORD = 300 };

static void add_numbers(struct text *out, const json_t *event)
{
    static const char *const names[] = { "attempt", "http",    "delay_ms", "into_id",
                                         "took_ms", "wait_ms", "size" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (json_object_get(event, names[i]))
            text_printf(out, " %s=%" PRId64, names[i], member_integer(event, names[i]));
}

static void add_words(struct text *out, const json_t *event)
{
    static const char *const names[] = { "priority", "user", "by", "code", "remote_id", "cv" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *word = member_string(event, names[i]);
        if (!word[0])
            continue;
        text_printf(out, " %s=", names[i]);
        size_t from = out->length;
        describe_first_line(out, word, LONGEST_WORD);
        harmless_keep_word(out, from);
    }
}

static void add_reason(struct text *out, const char *reason)
{
    if (!reason[0])
        return;
    text_add(out, " reason=\"");
    size_t from = out->length;
    describe_first_line(out, reason, LONGEST_WORD);
    harmless_keep_quoted(out, from);
    text_add(out, "\"");
}

void event_describe(struct text *out, const json_t *event)
{
    if (json_object_get(event, "missed")) {
        text_printf(out, "missed=%" PRId64 "\n", member_integer(event, "missed"));
        return;
    }
    describe_instant(out, member_integer(event, "at"));
    text_printf(out, " id=%" PRId64 " thread=", member_integer(event, "id"));
    harmless_add(out, member_string(event, "thread"));
    text_printf(out, " status=%s", member_string(event, "status"));
    if (json_is_true(json_object_get(event, "look")))
        text_add(out, " look");
    add_numbers(out, event);
    add_words(out, event);
    add_reason(out, member_string(event, "reason"));
    text_add(out, "\n");
}
