#include "client/event.h"

#include "base/harmless.h"
#include "client/describe.h"
#include "client/member.h"

#include <inttypes.h>

void event_describe(struct text *out, const json_t *event)
{
    enum { LONGEST_WORD = 300 };
    static const char *const numbers[] = { "attempt", "http",    "delay_ms", "into_id",
                                           "took_ms", "wait_ms", "size" };
    static const char *const words[] = { "priority", "user", "by", "code", "remote_id", "cv" };
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
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (json_object_get(event, numbers[i]))
            text_printf(out, " %s=%" PRId64, numbers[i], member_integer(event, numbers[i]));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!member_string(event, words[i])[0])
            continue;
        text_printf(out, " %s=", words[i]);
        describe_first_line(out, member_string(event, words[i]), LONGEST_WORD);
    }
    if (member_string(event, "reason")[0]) {
        text_add(out, " reason=\"");
        describe_first_line(out, member_string(event, "reason"), LONGEST_WORD);
        text_add(out, "\"");
    }
    text_add(out, "\n");
}
