/*
 * digest_text.c - how a digest reads
 */
#include "base/instant.h"
#include "base/text.h"
#include "queue/digest_state.h"
#include "queue/markup.h"

#include <inttypes.h>
#include <string.h>

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

/*
 * Hundreds of lines that differ in numbers alone hide the few that do not: so the
 * first of each kind is marked, unless nearly each would be.
 */
static bool is_worth_marks(const struct digest *digest)
{
    return digest->kinds > 1 && digest->kinds <= digest->line_count / 2;
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
    if (is_worth_marks(digest))
        text_printf(text, "; " DIGEST_MARK "marks the first of each of %zu kinds", digest->kinds);
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
            text_add(text, DIGEST_INDENTATION);
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
    if (line->is_new && is_worth_marks(digest))
        text_add(text, DIGEST_MARK);
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
