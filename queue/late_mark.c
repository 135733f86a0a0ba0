#include "queue/late_mark.h"

#include "base/duration.h"
#include "base/instant.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

static bool may_be_marked(const struct message *message)
{
    return message->kind == MESSAGE_SEND && message->content && !message->metadata;
}

static bool fits(const struct late_mark_rule *rule, const struct message *message, const char *mark)
{
    size_t mark_size = strlen(mark) + 1; /* ASCII: as many units as bytes; and the blank */
    size_t size = rule->utf16 ? utf8_utf16_units(message->content, message->content_bytes)
                              : message->content_bytes;
    return size + mark_size <= (size_t)rule->limit;
}

char *late_mark_compose(const struct late_mark_rule *rule, const struct message *message,
                        msec_t now_at)
{
    msec_t meant_at = msec_max(message->accepted_at, message->due_at);
    msec_t late_ms = now_at - meant_at;
    if (late_ms <= rule->after_ms || !may_be_marked(message))
        return NULL;

    char time[INSTANT_LONGEST_TEXT], ago[DURATION_LONGEST_TEXT];
    instant_say_time(meant_at, time);
    duration_say(late_ms, ago);
    char *mark = xasprintf("[sent %s, %s ago]", time, ago);
    if (fits(rule, message, mark))
        return mark;
    free(mark);
    return NULL;
}

char *late_mark_prepend(const char *mark, const char *content)
{
    return xasprintf("%s %s", mark, content);
}
