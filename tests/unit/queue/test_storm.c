#include "base/memory.h"
#include "queue/storm.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const msec_t noon_at = 1795262400000; /* 2026-11-21 12:00 UTC, a Saturday */
static const msec_t minute_ms = 60000, day_ms = 24 * 60 * 60000;

static void set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void in_utc(void)
{
    set_zone("UTC");
}

TestSuite(storm, .init = in_utc);

static void expect(unsigned causes, msec_t lasted_ms, int64_t waited, int64_t expired,
                   const char *expected)
{
    struct storm storm = { .since_at = noon_at + minute_ms,
                           .until_at = noon_at + minute_ms + lasted_ms,
                           .causes = causes };
    char *said = storm_say(&storm, waited, expired);
    cr_expect_str_eq(said, expected);
    free(said);
}

Test(storm, says_when_why_and_what_it_did)
{
    expect(STORM_UNREACHABLE, 39 * minute_ms, 214, 2,
           "relay: 12:01 to 12:40 UTC the chat was unreachable; 214 messages waited, 2 expired");
    expect(STORM_THROTTLED, 6 * minute_ms, 1, 0,
           "relay: 12:01 to 12:07 UTC the chat throttled us; 1 message waited");
    expect(STORM_REFUSED, 6 * minute_ms, 3, 3,
           "relay: 12:01 to 12:07 UTC the chat refused us; 3 messages waited, 3 expired");
    expect(STORM_TOKEN, 6 * minute_ms, 2, 0,
           "relay: 12:01 to 12:07 UTC we had no valid access token; 2 messages waited");
}

Test(storm, says_all_that_came_together)
{
    expect(
        STORM_UNREACHABLE | STORM_THROTTLED, 6 * minute_ms, 2, 0,
        "relay: 12:01 to 12:07 UTC the chat was unreachable and throttled us; 2 messages waited");
    expect(STORM_REFUSED | STORM_TOKEN, 6 * minute_ms, 2, 0,
           "relay: 12:01 to 12:07 UTC the chat refused us and we had no valid access token; "
           "2 messages waited");
}

Test(storm, says_days_where_they_differ)
{
    expect(STORM_UNREACHABLE, 2 * day_ms, 2, 0,
           "relay: Sat 12:01 to Mon 12:01 UTC the chat was unreachable; 2 messages waited");
    expect(STORM_UNREACHABLE, 10 * day_ms, 2, 0,
           "relay: 2026-11-21 12:01 to 2026-12-01 12:01 UTC the chat was unreachable; "
           "2 messages waited");
}

Test(storm, names_the_zone)
{
    set_zone("Asia/Tokyo");
    expect(STORM_THROTTLED, 6 * minute_ms, 2, 0,
           "relay: 21:01 to 21:07 JST the chat throttled us; 2 messages waited");
}

Test(storm, knows_the_cause_by_the_scope_and_the_answer)
{
    static const struct {
        enum scope scope;
        int http;
        enum storm_cause cause;
    } cases[] = {
        { SCOPE_ENDPOINT, 0, STORM_UNREACHABLE }, { SCOPE_ENDPOINT, 503, STORM_UNREACHABLE },
        { SCOPE_ENDPOINT, 429, STORM_THROTTLED }, { SCOPE_THREAD, 429, STORM_THROTTLED },
        { SCOPE_THREAD, 403, STORM_REFUSED },     { SCOPE_THREAD, 404, STORM_REFUSED },
        { SCOPE_SENDER, 401, STORM_TOKEN },       { SCOPE_SENDER, 0, STORM_TOKEN },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scope_record record = { .scope = cases[i].scope, .http = cases[i].http };
        cr_expect_eq(storm_cause_of(&record), cases[i].cause, "%zu", i);
    }
}

Test(storm, survives_as_a_text)
{
    struct storm storm = { .since_at = noon_at,
                           .causes = STORM_TOKEN | STORM_REFUSED,
                           .before = { .ended = 1234567890123, .expired = 7 } };
    char *text = storm_format(&storm);
    struct storm again = storm_parse(text);
    cr_expect(again.since_at == storm.since_at && again.causes == storm.causes);
    cr_expect(again.before.ended == storm.before.ended && again.before.expired == 7);
    free(text);

    static const char *const none[] = { NULL, "", "x", "12 3", "12 3 4" };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        cr_expect_eq(storm_parse(none[i]).since_at, 0, "%zu", i);
    text = storm_format(&(struct storm){ 0 });
    cr_expect_str_eq(text, "");
    free(text);
}
