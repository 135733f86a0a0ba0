#include "queue/digest.h"

#include "base/instant.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "queue/markup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What our own words take at most. All of them are ASCII: as many units as bytes. */
enum {
    HEAD_MOST = 3 * INSTANT_LONGEST_TEXT,
    TIME_SIZE = sizeof "03:12 " - 1,
    COUNT_MOST = sizeof " (x1000 until 03:19)" - 1,
    FOLD_MOST = sizeof " (x9223372036854775807 since Sun 22 Nov 03:12)" - 1,
    DAY_MOST = sizeof "Sun 22 Nov" - 1,
    NAME_END = sizeof ": " - 1,
    TEXT_END = 1, /* a newline */
    HTML_ENDS = sizeof "<div></div>" - 1,
};

static const char indentation[] = "    ";

/* A message, or identical neighbours. */
struct line {
    msec_t at, last_at;
    int64_t count;
    int64_t fold_count; /* of messages with its name that it replaced */
    msec_t fold_since;  /* of these the first */
    char *name;         /* NULL for none */
    char *content;
};

struct digest {
    struct digest_rule rule;
    msec_t now_at;
    enum message_type type; /* of the first, as of all */
    struct line *lines;
    size_t line_count, capacity;
    size_t messages;
    bool names_differ;
    size_t size, names_size; /* in the rule's units; of the names, in case they differ */
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

static msec_t time_of(const struct message *message)
{
    return msec_max(message->accepted_at, message->due_at);
}

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
    size_t size = TIME_SIZE + units(digest, message->content) + end;
    if (message->fold_count > 0)
        size += FOLD_MOST;
    if (message->type == MESSAGE_TEXT)
        size += count_newlines(message->content) * (sizeof indentation - 1);
    const struct line *last =
        digest->line_count > 0 ? &digest->lines[digest->line_count - 1] : NULL;
    if (last && !instant_is_same_day(last->last_at, time_of(message)))
        size += DAY_MOST + end;
    return size;
}

static struct line *add_line(struct digest *digest, const struct message *message)
{
    if (digest->line_count == digest->capacity) {
        digest->capacity = digest->capacity ? 2 * digest->capacity : 16;
        digest->lines = xreallocarray(digest->lines, digest->capacity, sizeof *digest->lines);
    }
    struct line *line = &digest->lines[digest->line_count++];
    *line = (struct line){ .at = time_of(message),
                           .fold_count = message->fold_count,
                           .fold_since = message->fold_since,
                           .name = xstrdup_or_null(message->display_name),
                           .content = xstrdup(message->content) };
    return line;
}

/* The last line, if the message is the same once more on the same day. */
static struct line *repeated(const struct digest *digest, const struct message *message)
{
    struct line *last = digest->line_count > 0 ? &digest->lines[digest->line_count - 1] : NULL;
    return last && strcmp(last->content, message->content) == 0 && last->fold_count == 0 &&
                   message->fold_count == 0 && is_same(last->name, message->display_name) &&
                   instant_is_same_day(last->at, time_of(message))
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
    line->last_at = time_of(message);
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

/* ---- composing ------------------------------------------------------------------------------ */

/* The earliest and the latest: what was brought back is older than those before it. */
struct span {
    msec_t from_at, to_at;
};

static struct span span_of(const struct digest *digest)
{
    struct span span = { MSEC_NEVER, 0 };
    for (const struct line *line = digest->lines; line < digest->lines + digest->line_count;
         line++) {
        span.from_at = msec_min(span.from_at, msec_min(line->at, line->last_at));
        span.to_at = msec_max(span.to_at, msec_max(line->at, line->last_at));
    }
    return span;
}

msec_t digest_since_at(const struct digest *digest)
{
    return span_of(digest).from_at;
}

static void add_clock(struct text *text, msec_t at)
{
    char clock[INSTANT_LONGEST_TEXT];
    instant_say_clock(at, clock);
    text_add(text, clock);
}

static void add_day(struct text *text, msec_t at)
{
    char day[INSTANT_LONGEST_TEXT];
    instant_say_day(at, day);
    text_add(text, day);
}

static bool is_same_minute(msec_t one_at, msec_t other_at)
{
    enum { MINUTE_MS = 60000 };
    return one_at / MINUTE_MS == other_at / MINUTE_MS;
}

/* "03:12 to 03:19", once when both are the same minute. */
static void add_clocks(struct text *text, msec_t from_at, msec_t to_at)
{
    add_clock(text, from_at);
    if (is_same_minute(from_at, to_at))
        return;
    text_add(text, " to ");
    add_clock(text, to_at);
}

/* The days are named when they are not all today. */
static void add_head(struct text *text, const struct digest *digest)
{
    struct span span = span_of(digest);
    char zone[INSTANT_LONGEST_TEXT];
    instant_say_zone(span.to_at, zone);
    text_printf(text, "%zu messages, ", digest->messages);
    if (!instant_is_same_day(span.from_at, span.to_at)) {
        add_day(text, span.from_at);
        text_add(text, " ");
        add_clock(text, span.from_at);
        text_add(text, " to ");
        add_day(text, span.to_at);
        text_add(text, " ");
        add_clock(text, span.to_at);
    } else {
        if (!instant_is_same_day(span.to_at, digest->now_at)) {
            add_day(text, span.to_at);
            text_add(text, " ");
        }
        add_clocks(text, span.from_at, span.to_at);
    }
    text_printf(text, " %s", zone);
}

/* Further lines are set in, so that none can be taken for another message. */
static void add_indented(struct text *text, const char *content)
{
    content += strspn(content, "\r\n");
    size_t length = strlen(content);
    while (length > 0 && (content[length - 1] == '\n' || content[length - 1] == '\r'))
        length--;
    for (size_t i = 0; i < length; i++) {
        if (content[i] == '\r' && content[i + 1] == '\n')
            continue;
        text_append(text, &content[i], 1);
        if (content[i] == '\n' && content[i + 1] != '\n' && content[i + 1] != '\r')
            text_add(text, indentation);
    }
}

static void add_name(struct text *text, const struct digest *digest, const struct line *line)
{
    if (!digest->names_differ || !line->name)
        return;
    if (digest->type == MESSAGE_HTML)
        markup_add_text(text, line->name);
    else
        text_add(text, line->name);
    text_add(text, ": ");
}

/* Identical neighbours, the first of which has its time before. */
static void add_count(struct text *text, const struct line *line)
{
    text_printf(text, " (x%" PRId64, line->count);
    if (!is_same_minute(line->at, line->last_at)) {
        text_add(text, " until ");
        add_clock(text, line->last_at);
    }
    text_add(text, ")");
}

/* The latest of its name, with how many there were; see fold.h. */
static void add_fold(struct text *text, const struct line *line)
{
    text_printf(text, " (x%" PRId64 " since ", line->fold_count + 1);
    if (!instant_is_same_day(line->fold_since, line->at)) {
        add_day(text, line->fold_since);
        text_add(text, " ");
    }
    add_clock(text, line->fold_since);
    text_add(text, ")");
}

static void add_line_text(struct text *text, const struct digest *digest, const struct line *line)
{
    add_clock(text, line->at);
    if (line->count > 1)
        add_count(text, line);
    if (line->fold_count > 0)
        add_fold(text, line);
    text_add(text, " ");
    add_name(text, digest, line);
    if (digest->type == MESSAGE_HTML)
        text_add(text, line->content);
    else
        add_indented(text, line->content);
}

/* Lines are paragraphs of their own, so that a direction of writing ends with each. */
static void begin_line(struct text *text, const struct digest *digest)
{
    if (digest->type == MESSAGE_HTML)
        text_add(text, "<div>");
    else if (text->length > 0)
        text_add(text, "\n");
}

static void end_line(struct text *text, const struct digest *digest)
{
    if (digest->type == MESSAGE_HTML)
        text_add(text, "</div>");
}

char *digest_compose(const struct digest *digest)
{
    struct text text = { 0 };
    begin_line(&text, digest);
    add_head(&text, digest);
    end_line(&text, digest);
    for (size_t i = 0; i < digest->line_count; i++) {
        const struct line *line = &digest->lines[i];
        if (i > 0 && !instant_is_same_day(line->at, digest->lines[i - 1].last_at)) {
            begin_line(&text, digest);
            add_day(&text, line->at);
            end_line(&text, digest);
        }
        begin_line(&text, digest);
        add_line_text(&text, digest, line);
        end_line(&text, digest);
    }
    return text_take(&text);
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
