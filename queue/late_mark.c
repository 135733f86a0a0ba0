#include "queue/late_mark.h"

#include "base/duration.h"
#include "base/instant.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "queue/fold.h"

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

/* "sent 01:12 UTC, 2 h 31 min ago"; NULL when it is not late. */
static char *say_late(const struct late_mark_rule *rule, const struct message *message,
                      msec_t now_at)
{
    char time[INSTANT_LONGEST_TEXT], ago[DURATION_LONGEST_TEXT];
    msec_t meant_at = message_meant_at(message);
    msec_t late_ms = now_at - meant_at;
    if (late_ms <= rule->after_ms)
        return NULL;
    instant_say_time(meant_at, time);
    duration_say(late_ms, ago);
    return xasprintf("sent %s, %s ago", time, ago);
}

/* Of either what there is; NULL when there is neither, or no room. */
static char *bracket(const struct late_mark_rule *rule, const struct message *message,
                     const char *number, const char *late)
{
    if (!number && !late)
        return NULL;
    char *mark =
        xasprintf("[%s%s%s]", number ? number : "", number && late ? "; " : "", late ? late : "");
    if (fits(rule, message, mark))
        return mark;
    free(mark);
    return NULL;
}

char *late_mark_compose(const struct late_mark_rule *rule, const struct message *message,
                        msec_t now_at)
{
    if (!may_be_marked(message))
        return NULL;
    CLEANUP(free_memory) char *number = fold_say(message);
    CLEANUP(free_memory) char *late = say_late(rule, message, now_at);
    char *mark = bracket(rule, message, number, late);
    if (!mark && number && late)
        mark = bracket(rule, message, number, NULL);
    return mark ? mark : bracket(rule, message, NULL, late);
}

char *late_mark_prepend(const char *mark, const char *content)
{
    return xasprintf("%s %s", mark, content);
}
