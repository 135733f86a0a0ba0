#include "queue/digest.h"

#include "base/instant.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "queue/digest_state.h"
#include "queue/likeness.h"
#include "queue/markup.h"

#include <stdlib.h>
#include <string.h>

/* What our own words take at most. All of them are ASCII: as many units as bytes. */
enum {
    KINDS_MOST = sizeof "; * marks the first of each of 1000 kinds" - 1,
    HEAD_MOST = 3 * INSTANT_LONGEST_TEXT + (int)KINDS_MOST,
    MARK_SHARE = (sizeof DIGEST_MARK - 1) / 2, /* no more than every second line has one */
    TIME_SIZE = sizeof "03:12 " - 1,
    COUNT_MOST = sizeof " (x1000 until 03:19)" - 1,
    FOLD_MOST = sizeof " (x9223372036854775807 since Sun 22 Nov 03:12)" - 1,
    DAY_MOST = sizeof "Sun 22 Nov" - 1,
    NAME_END = sizeof ": " - 1,
    TEXT_END = 1, /* a newline */
    HTML_ENDS = sizeof "<div></div>" - 1,
};

bool digest_is_due(const struct digest_rule *rule, enum priority priority, msec_t wait_ms)
{
    if (priority == PRIORITY_URGENT || rule->mode == DIGEST_OFF)
        return false;
    return rule->mode == DIGEST_ALWAYS || wait_ms > rule->after_ms;
}

struct digest *digest_new(const struct digest_rule *rule, msec_t now_at)
{
    struct digest *digest = xcalloc(1, sizeof *digest);
    digest->rule = *rule;
    digest->now_at = now_at;
    digest->size = HEAD_MOST;
    return digest;
}

void digest_free(struct digest *digest)
{
    if (!digest)
        return;
    for (size_t i = 0; i < digest->line_count; i++) {
        free(digest->lines[i].name);
        free(digest->lines[i].content);
    }
    free(digest->lines);
    free(digest);
}

/* ---- joining -------------------------------------------------------------------------------- */

static bool may_join(const struct digest *digest, const struct message *message)
{
    if (message->kind != MESSAGE_SEND || !message->content || message->metadata ||
        message->doubted_at)
        return false;
    if (message->expires_at && message->expires_at <= digest->now_at)
        return false;
    if (digest->messages == (size_t)digest->rule.messages ||
        digest->messages == DIGEST_MOST_MESSAGES)
        return false;
    if (digest->messages > 0 && message->type != digest->type)
        return false;
    return message->type == MESSAGE_TEXT || markup_is_closed(message->content);
}

static bool is_same(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

static size_t units(const struct digest *digest, const char *text)
{
    size_t length = strlen(text);
    return digest->rule.utf16 ? utf8_utf16_units(text, length) : length;
}

static size_t count_newlines(const char *text)
{
    size_t count = 0;
    for (; (text = strchr(text, '\n')); text++)
        count++;
    return count;
}

/* In front of the text; escaped at its longest. */
static size_t size_of_name(const struct digest *digest, const char *name, enum message_type type)
{
    if (!name)
        return 0;
    struct text escaped CLEANUP(text_clear) = { 0 };
    if (type == MESSAGE_HTML)
        markup_add_text(&escaped, name);
    return units(digest, type == MESSAGE_HTML ? escaped.bytes : name) + NAME_END;
}

/* A line of its own, with the day before it if that changes. */
static size_t size_of_line(const struct digest *digest, const struct message *message)
{
    size_t end = message->type == MESSAGE_HTML ? HTML_ENDS : TEXT_END;
    size_t size = MARK_SHARE + TIME_SIZE + units(digest, message->content) + end;
    if (message->fold_count > 0)
        size += FOLD_MOST;
    if (message->type == MESSAGE_TEXT)
        size += count_newlines(message->content) * (sizeof DIGEST_INDENTATION - 1);
    const struct line *last =
        digest->line_count > 0 ? &digest->lines[digest->line_count - 1] : NULL;
    if (last && !instant_is_same_day(last->last_at, message_meant_at(message)))
        size += DAY_MOST + end;
    return size;
}

static bool is_new(const struct digest *digest, uint64_t likeness)
{
    for (size_t i = 0; i < digest->line_count; i++)
        if (digest->lines[i].likeness == likeness)
            return false;
    return true;
}

static struct line *add_line(struct digest *digest, const struct message *message)
{
    uint64_t likeness = likeness_of(message->content);
    bool is_first = is_new(digest, likeness);
    if (digest->line_count == digest->capacity) {
        digest->capacity = digest->capacity ? 2 * digest->capacity : 16;
        digest->lines = xreallocarray(digest->lines, digest->capacity, sizeof *digest->lines);
    }
    struct line *line = &digest->lines[digest->line_count++];
    *line = (struct line){ .at = message_meant_at(message),
                           .fold_count = message->fold_count,
                           .fold_since = message->fold_since,
                           .name = xstrdup_or_null(message->display_name),
                           .content = xstrdup(message->content),
                           .likeness = likeness,
                           .is_new = is_first };
    digest->kinds += is_first;
    return line;
}

/* The last line, if the message is the same once more on the same day. */
static struct line *repeated(const struct digest *digest, const struct message *message)
{
    struct line *last = digest->line_count > 0 ? &digest->lines[digest->line_count - 1] : NULL;
    return last && strcmp(last->content, message->content) == 0 && last->fold_count == 0 &&
                   message->fold_count == 0 && is_same(last->name, message->display_name) &&
                   instant_is_same_day(last->at, message_meant_at(message))
               ? last
               : NULL;
}

bool digest_join(struct digest *digest, const struct message *message)
{
    if (!may_join(digest, message))
        return false;
    struct line *line = repeated(digest, message);
    size_t more = 0, more_names = 0;
    if (!line) {
        more = size_of_line(digest, message);
        more_names = size_of_name(digest, message->display_name, message->type);
    } else if (line->count == 1) {
        more = COUNT_MOST;
    }
    bool differ = digest->names_differ || (digest->line_count > 0 &&
                                           !is_same(digest->lines[0].name, message->display_name));
    size_t names = differ ? digest->names_size + more_names : 0;
    if (digest->size + more + names > (size_t)digest->rule.limit)
        return false;

    if (!line)
        line = add_line(digest, message);
    line->count++;
    line->last_at = message_meant_at(message);
    digest->type = message->type;
    digest->messages++;
    digest->size += more;
    digest->names_size += more_names;
    digest->names_differ = differ;
    return true;
}

size_t digest_count(const struct digest *digest)
{
    return digest->messages;
}

enum message_type digest_type(const struct digest *digest)
{
    return digest->type;
}

const char *digest_display_name(const struct digest *digest)
{
    return digest->names_differ ? NULL : digest->lines[0].name;
}

/* ---- how long it takes ---------------------------------------------------------------------- */

int64_t digest_sends_before(const struct digest_rule *rule, int64_t position, int64_t waiting,
                            int64_t bytes, int64_t singly)
{
    int64_t line_size = waiting > 0 ? bytes / waiting + TIME_SIZE + TEXT_END : 1;
    int64_t in_one = msec_max((rule->limit - HEAD_MOST) / line_size, 1);
    in_one = msec_min(in_one, rule->messages);
    int64_t beyond = msec_max(waiting - singly, 0);
    int64_t digests = (beyond + in_one - 1) / in_one;
    int64_t covered = msec_min(digests * in_one, waiting);
    return position <= covered ? (position - 1) / in_one : digests + position - covered - 1;
}
