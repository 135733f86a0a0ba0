#include "queue/storm.h"

#include "base/instant.h"
#include "base/memory.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum storm_cause storm_cause_of(const struct scope_record *record)
{
    enum { TOO_MANY_REQUESTS = 429, SERVER_ERROR = 500 };
    if (record->scope == SCOPE_SENDER)
        return STORM_TOKEN;
    if (record->http == TOO_MANY_REQUESTS)
        return STORM_THROTTLED;
    bool is_answer = record->http > 0 && record->http < SERVER_ERROR;
    return scope_is_of_thread(record->scope) && is_answer ? STORM_REFUSED : STORM_UNREACHABLE;
}

/* ---- for people ----------------------------------------------------------------------------- */

static struct tm local(msec_t instant_at)
{
    time_t seconds = (time_t)(instant_at / 1000);
    struct tm date = { 0 };
    localtime_r(&seconds, &date);
    return date;
}

/* How much of a date people need to know which it is. */
enum span { SPAN_OF_A_DAY, SPAN_OF_DAYS, SPAN_OF_WEEKS };

static enum span span_between(const struct tm *since, const struct tm *until, msec_t span_ms)
{
    static const msec_t days_that_a_name_tells_ms = (msec_t)6 * 24 * 60 * 60 * 1000;
    if (since->tm_yday == until->tm_yday && since->tm_year == until->tm_year)
        return SPAN_OF_A_DAY;
    return span_ms < days_that_a_name_tells_ms ? SPAN_OF_DAYS : SPAN_OF_WEEKS;
}

static void add_instant(struct text *text, const struct tm *date, enum span span)
{
    char said[INSTANT_LONGEST_TEXT] = "";
    if (span == SPAN_OF_A_DAY)
        strftime(said, sizeof said, "%H:%M", date);
    else if (span == SPAN_OF_DAYS)
        strftime(said, sizeof said, "%a %H:%M", date);
    else
        strftime(said, sizeof said, "%Y-%m-%d %H:%M", date);
    text_add(text, said);
}

/* "12:01 to 12:40 UTC"; with days where they differ. */
static void say_span(struct text *text, msec_t since_at, msec_t until_at)
{
    char zone[INSTANT_LONGEST_TEXT] = "";
    struct tm since = local(since_at), until = local(until_at);
    enum span span = span_between(&since, &until, until_at - since_at);
    add_instant(text, &since, span);
    text_add(text, " to ");
    add_instant(text, &until, span);
    strftime(zone, sizeof zone, " %Z", &until);
    text_add(text, zone);
}

/* "the chat was unreachable and throttled us" */
static void say_causes(struct text *text, unsigned causes)
{
    static const struct {
        enum storm_cause cause;
        const char *words;
    } of_chat[] = { { STORM_UNREACHABLE, "was unreachable" },
                    { STORM_THROTTLED, "throttled us" },
                    { STORM_REFUSED, "refused us" } };
    const char *before = " the chat ";
    for (size_t i = 0; i < sizeof of_chat / sizeof of_chat[0]; i++) {
        if ((causes & of_chat[i].cause) == 0)
            continue;
        text_add(text, before);
        text_add(text, of_chat[i].words);
        before = " and ";
    }
    if (causes & STORM_TOKEN)
        text_add(text, causes == STORM_TOKEN ? " we had no valid access token"
                                             : " and we had no valid access token");
}

char *storm_say(const struct storm *storm, int64_t waited, int64_t expired)
{
    CLEANUP(text_clear) struct text text = { 0 };
    text_add(&text, "relay: ");
    say_span(&text, storm->since_at, storm->until_at);
    say_causes(&text, storm->causes);
    text_printf(&text, "; %" PRId64 " message%s waited", waited, waited == 1 ? "" : "s");
    if (expired > 0)
        text_printf(&text, ", %" PRId64 " expired", expired);
    return xstrdup(text.bytes);
}

/* ---- on disk -------------------------------------------------------------------------------- */

/* Four numbers: never change their order; a new one is added behind them. */
char *storm_format(const struct storm *storm)
{
    if (storm->since_at == 0)
        return xstrdup("");
    return xasprintf("%" PRId64 " %u %" PRId64 " %" PRId64, storm->since_at, storm->causes,
                     storm->before.ended, storm->before.expired);
}

struct storm storm_parse(const char *text)
{
    struct storm storm = { 0 };
    /* NOLINTNEXTLINE(cert-err34-c): we wrote it ourselves, and what makes no sense is none */
    if (text && sscanf(text, "%" SCNd64 " %u %" SCNd64 " %" SCNd64, &storm.since_at, &storm.causes,
                       &storm.before.ended, &storm.before.expired) == 4)
        return storm;
    return (struct storm){ 0 };
}
