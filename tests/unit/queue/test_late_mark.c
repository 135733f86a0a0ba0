#include "base/memory.h"
#include "queue/late_mark.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const msec_t accepted_at = 1795223520000; /* 2026-11-21 01:12 UTC */
static const msec_t minute_ms = 60000, late_ms = 151 * 60000;

static struct late_mark_rule rule;
static struct message message;

static void set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void make(void)
{
    static char content[] = "disk full";
    set_zone("UTC");
    rule = (struct late_mark_rule){ .after_ms = 5 * minute_ms, .limit = 28672 };
    message = (struct message){ .accepted_at = accepted_at,
                                .content = content,
                                .content_bytes = strlen(content) };
}

TestSuite(late_mark, .init = make);

static void expect_mark(msec_t now_at, const char *expected)
{
    CLEANUP(free_memory) char *mark = late_mark_compose(&rule, &message, now_at);
    if (expected)
        cr_expect_str_eq(mark ? mark : "(none)", expected);
    else
        cr_expect_null(mark);
}

Test(late_mark, says_when_it_was_meant_and_how_long_ago)
{
    expect_mark(accepted_at + late_ms, "[sent 01:12 UTC, 2 h 31 min ago]");
    CLEANUP(free_memory) char *content = late_mark_prepend("[sent]", "disk full");
    cr_expect_str_eq(content, "[sent] disk full");
}

Test(late_mark, only_what_is_later_than_the_setting_is_late)
{
    expect_mark(accepted_at + 5 * minute_ms, NULL);
    expect_mark(accepted_at + 5 * minute_ms + 1, "[sent 01:12 UTC, 5 min ago]");
    expect_mark(accepted_at - late_ms, NULL);
    rule.after_ms = MSEC_NEVER;
    expect_mark(accepted_at + late_ms, NULL);
}

Test(late_mark, counts_from_the_time_that_was_asked_for)
{
    message.due_at = accepted_at + 60 * minute_ms;
    expect_mark(message.due_at + minute_ms, NULL);
    expect_mark(message.due_at + 10 * minute_ms, "[sent 02:12 UTC, 10 min ago]");
}

Test(late_mark, names_the_time_zone)
{
    set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    expect_mark(accepted_at + late_ms, "[sent 02:12 CET, 2 h 31 min ago]");
}

Test(late_mark, is_left_out_where_the_limit_does_not_allow_it)
{
    enum { MARK = sizeof "[sent 01:12 UTC, 2 h 31 min ago] " - 1 };
    rule.limit = MARK + 9;
    expect_mark(accepted_at + late_ms, "[sent 01:12 UTC, 2 h 31 min ago]");
    rule.limit = MARK + 8;
    expect_mark(accepted_at + late_ms, NULL);

    /* Nine characters of three bytes. */
    static char wide[] =
        "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
        "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac";
    message.content = wide;
    message.content_bytes = strlen(wide);
    rule.limit = MARK + 9;
    expect_mark(accepted_at + late_ms, NULL);
    rule.utf16 = true;
    expect_mark(accepted_at + late_ms, "[sent 01:12 UTC, 2 h 31 min ago]");
}

Test(late_mark, leaves_alone_what_a_program_may_read_and_what_is_our_own)
{
    static char metadata[] = "{\"k\":\"v\"}";
    message.metadata = metadata;
    expect_mark(accepted_at + late_ms, NULL);
    message.metadata = NULL;
    message.kind = MESSAGE_REPORT;
    expect_mark(accepted_at + late_ms, NULL);
}

Test(late_mark, one_that_stands_for_several_says_so)
{
    message.fold_count = 36;
    message.fold_since = accepted_at - 11 * minute_ms;
    expect_mark(accepted_at, "[x37 since 01:01 UTC]");
    expect_mark(accepted_at + late_ms, "[x37 since 01:01 UTC; sent 01:12 UTC, 2 h 31 min ago]");
    rule.limit = 9 + 1 + 40;
    expect_mark(accepted_at + late_ms, "[x37 since 01:01 UTC]");
    rule.limit = 9 + 1 + 10;
    expect_mark(accepted_at + late_ms, NULL);
    rule.limit = 28672;
    message.metadata = (char[]){ "{}" };
    expect_mark(accepted_at, NULL);
}
