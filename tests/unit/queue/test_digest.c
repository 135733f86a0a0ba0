#include "base/memory.h"
#include "base/utf8.h"
#include "queue/digest.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const msec_t second_ms = 1000, minute_ms = 60000, hour_ms = 3600000;

static const msec_t now_at = 1795328100000; /* Sun 22 Nov 2026, 06:15 UTC */

static struct digest *digest;
static struct digest_rule rule;
static char *composed;

static void set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void begin(void)
{
    digest_free(digest);
    digest = digest_new(&rule, now_at);
}

static void set_up(void)
{
    set_zone("UTC");
    rule = (struct digest_rule){ .mode = DIGEST_BACKLOG,
                                 .after_ms = minute_ms,
                                 .messages = DIGEST_MOST_MESSAGES,
                                 .limit = 28672 };
    begin();
}

static void tear_down(void)
{
    digest_free(digest);
    free(composed);
}

TestSuite(digest, .init = set_up, .fini = tear_down);

static struct message message_of(const char *content, msec_t ago_ms)
{
    return (struct message){ .state = MESSAGE_PENDING,
                             .accepted_at = now_at - ago_ms,
                             .content = (char *)(uintptr_t)content,
                             .content_bytes = strlen(content) };
}

static bool join_named(const char *name, const char *content, msec_t ago_ms)
{
    struct message message = message_of(content, ago_ms);
    message.display_name = (char *)(uintptr_t)name;
    return digest_join(digest, &message);
}

static bool join(const char *content, msec_t ago_ms)
{
    return join_named(NULL, content, ago_ms);
}

static bool join_html(const char *name, const char *content)
{
    struct message message = message_of(content, 0);
    message.type = MESSAGE_HTML;
    message.display_name = (char *)(uintptr_t)name;
    return digest_join(digest, &message);
}

static void expect_reads(const char *expected)
{
    free(composed);
    composed = digest_compose(digest);
    cr_expect_str_eq(composed, expected);
}

/* ---- how it reads --------------------------------------------------------------------------- */

Test(digest, a_line_each_with_its_time_below_how_many_and_from_when_to_when)
{
    cr_expect(join("disk full on db01", 15 * minute_ms));
    cr_expect(join("disk full on db02", 15 * minute_ms));
    cr_expect(join("web03 does not answer", 8 * minute_ms));
    expect_reads(
        "3 messages, 06:00 to 06:07 UTC\n"
        "06:00 disk full on db01\n"
        "06:00 disk full on db02\n"
        "06:07 web03 does not answer");
    cr_expect(digest_count(digest) == 3 && digest_since_at(digest) == now_at - 15 * minute_ms);
    cr_expect(digest_type(digest) == MESSAGE_TEXT && !digest_display_name(digest));
}

Test(digest, of_one_minute_it_is_named_once_and_in_the_zone_of_the_readers)
{
    set_zone("Asia/Tokyo");
    cr_expect(join("a", 2 * second_ms) && join("b", 1 * second_ms));
    expect_reads("2 messages, 15:14 JST\n15:14 a\n15:14 b");
}

Test(digest, the_time_is_that_for_which_it_was_meant)
{
    struct message message = message_of("wake up", hour_ms);
    message.due_at = now_at - 5 * minute_ms;
    cr_expect(digest_join(digest, &message) && join("b", 0));
    expect_reads("2 messages, 06:10 to 06:15 UTC\n06:10 wake up\n06:15 b");
}

Test(digest, another_day_than_today_is_named_where_it_begins)
{
    cr_expect(join("a", 7 * hour_ms) && join("b", 6 * hour_ms) && join("c", 6 * hour_ms));
    expect_reads(
        "3 messages, Sat 21 Nov 23:15 to Sun 22 Nov 00:15 UTC\n"
        "23:15 a\n"
        "Sun 22 Nov\n"
        "00:15 b\n"
        "00:15 c");
    begin();
    cr_expect(join("a", 31 * hour_ms) && join("b", 30 * hour_ms + minute_ms));
    expect_reads(
        "2 messages, Fri 20 Nov 23:15 to Sat 21 Nov 00:14 UTC\n23:15 a\nSat 21 Nov\n"
        "00:14 b");
    begin();
    cr_expect(join("a", 12 * hour_ms) && join("b", 11 * hour_ms));
    expect_reads("2 messages, Sat 21 Nov 18:15 to 19:15 UTC\n18:15 a\n19:15 b");
}

Test(digest, identical_neighbours_are_one_line_with_a_count)
{
    for (int i = 0; i < 16; i++)
        cr_expect(join("connection refused", 15 * minute_ms - i * 10 * second_ms));
    cr_expect(join("connection refused", 3 * minute_ms) && join("up again", 2 * minute_ms));
    cr_expect(join("down", minute_ms) && join("down", minute_ms) && join("up", minute_ms));
    cr_expect(join("down", minute_ms));
    expect_reads(
        "22 messages, 06:00 to 06:14 UTC\n"
        "06:00 (x17 until 06:12) connection refused\n"
        "06:13 up again\n"
        "06:14 (x2) down\n"
        "06:14 up\n"
        "06:14 down");
}

Test(digest, the_latest_of_a_name_says_how_many_there_were)
{
    struct message message = message_of("disk at 97 %", minute_ms);
    message.fold_count = 36;
    message.fold_since = now_at - 15 * minute_ms;
    cr_expect(digest_join(digest, &message) && join("disk at 97 %", 0));
    message.fold_since = now_at - 24 * hour_ms;
    message.accepted_at = now_at;
    cr_expect(digest_join(digest, &message));
    expect_reads(
        "3 messages, 06:14 to 06:15 UTC\n"
        "06:14 (x37 since 06:00) disk at 97 %\n"
        "06:15 disk at 97 %\n"
        "06:15 (x37 since Sat 21 Nov 06:15) disk at 97 %");
}

Test(digest, what_is_the_same_on_two_days_stands_below_each)
{
    cr_expect(join("a", 7 * hour_ms) && join("a", 6 * hour_ms) && join("a", 5 * hour_ms));
    expect_reads(
        "3 messages, Sat 21 Nov 23:15 to Sun 22 Nov 01:15 UTC\n"
        "23:15 a\nSun 22 Nov\n00:15 (x2 until 01:15) a");
}

Test(digest, further_lines_of_a_message_are_set_in)
{
    cr_expect(join("Traceback (most recent call last):\r\n  File \"x.py\", line 7\n\n06:14 no!\n\n",
                   minute_ms));
    cr_expect(join("\n\nnext", minute_ms) && join("\n", minute_ms));
    expect_reads(
        "3 messages, 06:14 UTC\n"
        "06:14 Traceback (most recent call last):\n"
        "      File \"x.py\", line 7\n"
        "\n"
        "    06:14 no!\n"
        "06:14 next\n"
        "06:14 ");
}

Test(digest, a_name_stands_before_each_text_where_they_differ)
{
    cr_expect(join_named("db01", "disk full", 0) && join_named("db01", "disk fuller", 0));
    expect_reads("2 messages, 06:15 UTC\n06:15 disk full\n06:15 disk fuller");
    cr_expect_str_eq(digest_display_name(digest), "db01");
    cr_expect(join_named("db02", "disk fuller", 0) && join("and I?", 0));
    expect_reads(
        "4 messages, 06:15 UTC\n06:15 db01: disk full\n06:15 db01: disk fuller\n"
        "06:15 db02: disk fuller\n06:15 and I?");
    cr_expect(!digest_display_name(digest));
}

Test(digest, every_script_and_sign_comes_through_as_it_is)
{
    cr_expect(join("\u05e9\u05dc\u05d5\u05dd \u202e!", 0) && join("e\u0301a\U0001f525", 0));
    expect_reads(
        "2 messages, 06:15 UTC\n06:15 \u05e9\u05dc\u05d5\u05dd \u202e!\n"
        "06:15 e\u0301a\U0001f525");
}

Test(digest, html_is_joined_with_html_alone_and_stays_whole)
{
    cr_expect(join_html("a<b", "<b>disk</b> full<br>") && !join("text", 0));
    cr_expect(join_html("c&d", "<p class=\"x > y\">fine</p>"));
    expect_reads(
        "<div>2 messages, 06:15 UTC</div>"
        "<div>06:15 a&lt;b: <b>disk</b> full<br></div>"
        "<div>06:15 c&amp;d: <p class=\"x > y\">fine</p></div>");
    cr_expect(digest_type(digest) == MESSAGE_HTML);
    cr_expect(!join_html(NULL, "<b>for ever"));
    begin();
    cr_expect(join("<b>text", 0) && !join_html(NULL, "html"));
}

/* ---- what joins ----------------------------------------------------------------------------- */

Test(digest, among_many_that_are_alike_the_first_of_each_kind_is_marked)
{
    cr_expect(join("sshd[1]: failed from 218.188.2.4", 15 * minute_ms));
    cr_expect(join("sshd[2]: failed from 218.188.2.4", 14 * minute_ms));
    cr_expect(join("logrotate: ALERT exited abnormally", 13 * minute_ms));
    expect_reads(
        "3 messages, 06:00 to 06:02 UTC\n"
        "06:00 sshd[1]: failed from 218.188.2.4\n"
        "06:01 sshd[2]: failed from 218.188.2.4\n"
        "06:02 logrotate: ALERT exited abnormally");
    cr_expect(join("sshd[3]: failed from 10.0.0.7", 12 * minute_ms));
    expect_reads(
        "4 messages, 06:00 to 06:03 UTC; * marks the first of each of 2 kinds\n"
        "* 06:00 sshd[1]: failed from 218.188.2.4\n"
        "06:01 sshd[2]: failed from 218.188.2.4\n"
        "* 06:02 logrotate: ALERT exited abnormally\n"
        "06:03 sshd[3]: failed from 10.0.0.7");
}

Test(digest, nothing_is_marked_where_all_are_alike)
{
    cr_expect(join("db01 is down", 0) && join("db02 is down", 0) && join("db03 is down", 0));
    expect_reads(
        "3 messages, 06:15 UTC\n06:15 db01 is down\n06:15 db02 is down\n"
        "06:15 db03 is down");
}

Test(digest, marks_stand_in_html_as_well)
{
    cr_expect(join_html(NULL, "<b>1</b>") && join_html(NULL, "<b>2</b>") &&
              join_html(NULL, "<i>3</i>") && join_html(NULL, "<b>4</b>"));
    expect_reads(
        "<div>4 messages, 06:15 UTC; * marks the first of each of 2 kinds</div>"
        "<div>* 06:15 <b>1</b></div><div>06:15 <b>2</b></div>"
        "<div>* 06:15 <i>3</i></div><div>06:15 <b>4</b></div>");
}

Test(digest, what_must_go_by_itself_ends_it)
{
    struct message message = message_of("x", 0);
    cr_expect(digest_join(digest, &message));
    message.metadata = (char *)(uintptr_t) "{\"k\":\"v\"}";
    cr_expect(!digest_join(digest, &message));
    message.metadata = NULL;
    message.doubted_at = 1;
    cr_expect(!digest_join(digest, &message));
    message.doubted_at = 0;
    message.expires_at = now_at;
    cr_expect(!digest_join(digest, &message));
    message.expires_at = now_at + 1;
    cr_expect(digest_join(digest, &message));
    static const enum message_kind kinds[] = { MESSAGE_UPDATE, MESSAGE_DELETE, MESSAGE_DIGEST,
                                               MESSAGE_REPORT };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        message.kind = kinds[i];
        cr_expect(!digest_join(digest, &message));
    }
    cr_expect(digest_count(digest) == 2);
}

Test(digest, no_more_than_are_allowed)
{
    rule.messages = 3;
    begin();
    cr_expect(join("a", 0) && join("a", 0) && join("b", 0) && !join("c", 0));
    rule.messages = DIGEST_MOST_MESSAGES;
    begin();
    for (int i = 0; i < DIGEST_MOST_MESSAGES; i++)
        cr_expect(join("a", 0));
    cr_expect(!join("a", 0));
    expect_reads("1000 messages, 06:15 UTC\n06:15 (x1000) a");
}

static size_t units_of(const char *text)
{
    return rule.utf16 ? utf8_utf16_units(text, strlen(text)) : strlen(text);
}

static void fill(const char *(*content)(int i), const char *(*name)(int i), enum message_type type)
{
    begin();
    bool more = true;
    for (int i = 0; i < DIGEST_MOST_MESSAGES && more; i++) {
        struct message message = message_of(content(i), (1000 - i) * 2 * minute_ms);
        message.type = type;
        message.display_name = (char *)(uintptr_t)name(i);
        more = digest_join(digest, &message);
    }
    free(composed);
    composed = digest_compose(digest);
    cr_expect(units_of(composed) <= (size_t)rule.limit, "%zu of %" PRId64, units_of(composed),
              rule.limit);
}

static const char *no_name(int i)
{
    (void)i;
    return NULL;
}

static const char *late_names(int i)
{
    static const char *const names[] = { "a<&>", "\u00e4&\U0001f525" };
    return names[i > 100 && i % 2];
}

static const char *plain(int i)
{
    static char text[256];
    memset(text, 'x', 200);
    snprintf(text + 190, sizeof text - 190, "%09d.", i);
    return text;
}

static const char *pairs(int i)
{
    return i / 2 % 2 ? "up \U0001f525" : "down\n\n\u20ac\r\n\n";
}

static const char *lines(int i)
{
    return i % 2 ? "\n\n\n\n\n" : "a\nb\nc\nd";
}

static const char *elements(int i)
{
    return i % 2 ? "<b>x</b>" : "<i>\u20ac</i>";
}

Test(digest, it_is_never_longer_than_allowed)
{
    static const int64_t limits[] = { 300, 1001, 4000, 28672 };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        for (int utf16 = 0; utf16 < 2; utf16++) {
            rule.limit = limits[i];
            rule.utf16 = utf16;
            fill(plain, no_name, MESSAGE_TEXT);
            fill(plain, late_names, MESSAGE_TEXT);
            fill(pairs, no_name, MESSAGE_TEXT);
            fill(pairs, late_names, MESSAGE_TEXT);
            fill(lines, late_names, MESSAGE_TEXT);
            fill(elements, late_names, MESSAGE_HTML);
        }
}

Test(digest, one_that_fills_a_message_by_itself_is_left_as_it_is)
{
    char *large = xcalloc(28672 + 1, 1);
    memset(large, 'x', 28672);
    cr_expect(!join(large, 0), "with a head above it, it would be cut");
    cr_expect(join("a", 0) && !join(large, 0) && join("b", 0));
    free(large);
}

Test(digest, of_alerts_of_200_bytes_137_go_into_one)
{
    int count = 0;
    while (join(plain(count), 0))
        count++;
    cr_expect(count >= 137, "%d", count);
}

/* ---- when ----------------------------------------------------------------------------------- */

Test(digest, one_is_due_when_the_last_would_wait_too_long)
{
    cr_expect(!digest_is_due(&rule, PRIORITY_NORMAL, minute_ms));
    cr_expect(digest_is_due(&rule, PRIORITY_NORMAL, minute_ms + 1));
    cr_expect(digest_is_due(&rule, PRIORITY_BULK, minute_ms + 1));
    cr_expect(!digest_is_due(&rule, PRIORITY_URGENT, hour_ms), "never what is urgent");
    rule.mode = DIGEST_ALWAYS;
    cr_expect(digest_is_due(&rule, PRIORITY_BULK, 0));
    cr_expect(!digest_is_due(&rule, PRIORITY_URGENT, hour_ms));
    rule.mode = DIGEST_OFF;
    cr_expect(!digest_is_due(&rule, PRIORITY_BULK, hour_ms));
}

Test(digest, what_goes_before_is_counted_in_digests_and_then_singly)
{
    /* 137 of 200 bytes go into one; 30 are not worth one. */
    cr_expect(digest_sends_before(&rule, 1, 10000, 2000000, 30) == 0);
    cr_expect(digest_sends_before(&rule, 137, 10000, 2000000, 30) == 0);
    cr_expect(digest_sends_before(&rule, 138, 10000, 2000000, 30) == 1);
    cr_expect(digest_sends_before(&rule, 10000, 10000, 2000000, 30) == 72);
    cr_expect(digest_sends_before(&rule, 10001, 10000, 2000000, 30) == 73, "all of them");
    cr_expect(digest_sends_before(&rule, 150, 150, 30000, 30) == 1 + 12, "13 are left singly");
    cr_expect(digest_sends_before(&rule, 20, 20, 4000, 30) == 19, "no digest any more");
    cr_expect(digest_sends_before(&rule, 5000, 5000, 50000, 1) == 4, "1000 at most in one");
    cr_expect(digest_sends_before(&rule, 10, 10, 280000, 1) == 9, "large ones go singly");
}
