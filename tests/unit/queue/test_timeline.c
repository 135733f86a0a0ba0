#include "queue/timeline.h"
#include "tests/fakes/outbox_memory.h"

#include <criterion/criterion.h>

static const char boot[] = "0123456789abcdef0123456789abcdef";
static const msec_t day_ms = 86400000;

static struct outbox_disk *disk;
static struct outbox *outbox;
static struct timeline timeline;
static struct moment now;

static void make(void)
{
    disk = outbox_disk_new();
    outbox = outbox_open_memory(disk, &(struct outbox_setup){ 0 }, NULL);
    now = (struct moment){ .at = 1700000000000, .steady_at = 60000 };
    timeline_open(&timeline, outbox, boot, now);
}

static void unmake(void)
{
    outbox_close(outbox);
    outbox_disk_free(disk);
}

TestSuite(timeline, .init = make, .fini = unmake);

static void pass(msec_t time_ms)
{
    now.at += time_ms;
    now.steady_at += time_ms;
}

/* An end is stored; where it is on the steady clock is known to the test alone. */
static struct moment end(void)
{
    timeline_keep(&timeline, outbox, now);
    return now;
}

/* An epoch that is over may have drifted by a second. */
static void expect_close(struct moment ended)
{
    msec_t later_ms = timeline_steady(&timeline, ended.at, now) - ended.steady_at;
    cr_expect(later_ms >= 0 && later_ms <= 1000, "%lld", (long long)later_ms);
}

static void expect_exact(struct moment ended)
{
    msec_t steady_at = timeline_steady(&timeline, ended.at, now);
    cr_expect(steady_at == ended.steady_at, "%lld instead of %lld", (long long)steady_at,
              (long long)ended.steady_at);
}

Test(timeline, knows_what_was_before_the_clock_was_set_and_after)
{
    struct moment first = end();
    pass(10000);
    now.at += day_ms;
    struct moment second = end();
    pass(10000);
    now.at -= 2 * day_ms;
    struct moment third = end();
    pass(10000);
    for (int start = 0; start < 2; start++) {
        expect_close(first);
        expect_close(second);
        expect_exact(third);
        timeline_open(&timeline, outbox, boot, now);
    }
    msec_t earliest_at = timeline_earliest(&timeline, first.steady_at, now);
    cr_expect(earliest_at <= first.at && earliest_at <= third.at);
    cr_expect(timeline_earliest(&timeline, third.steady_at + 1, now) > now.at - 20000);
}

Test(timeline, writes_only_when_there_is_news)
{
    end();
    size_t changes = outbox_changes(outbox);
    cr_expect(changes > 0);
    pass(day_ms);
    now.at += 900; /* drift */
    end();
    timeline_open(&timeline, outbox, boot, now);
    end();
    cr_expect(outbox_changes(outbox) == changes);
    now.at += 1000;
    end();
    cr_expect(outbox_changes(outbox) > changes);
}

Test(timeline, drift_makes_nothing_older)
{
    struct moment first = end();
    pass(10000);
    now.at += 900;
    struct moment second = end();
    cr_expect(timeline_steady(&timeline, first.at, now) == first.steady_at);
    cr_expect(timeline_steady(&timeline, second.at, now) == second.steady_at);
    pass(10000);
    now.at -= 900;
    cr_expect(timeline_steady(&timeline, first.at, now) == first.steady_at);
    cr_expect(timeline_steady(&timeline, second.at, now) == second.steady_at + 900);
}

Test(timeline, nor_does_drift_before_the_clock_was_set)
{
    struct moment first = end();
    pass(10000);
    now.at -= 900;
    struct moment second = end();
    pass(10000);
    now.at += day_ms;
    end();
    cr_expect(timeline_steady(&timeline, first.at, now) >= first.steady_at);
    cr_expect(timeline_steady(&timeline, second.at, now) >= second.steady_at);
    cr_expect(timeline_earliest(&timeline, second.steady_at, now) < second.at);
}

Test(timeline, without_a_clock_at_the_start_what_was_before_it_is_old)
{
    struct moment before = now;
    now = (struct moment){ .at = 5000, .steady_at = 5000 }; /* 1970 */
    timeline_open(&timeline, outbox, "another", now);
    struct moment early = end();
    pass(10000);
    now.at = before.at + day_ms;
    end();
    cr_expect(timeline_steady(&timeline, before.at, now) == now.steady_at - day_ms);
    expect_close(early);
}

Test(timeline, of_another_start_it_knows_only_the_wall_clock)
{
    struct moment ended = end();
    now.at += day_ms;
    end();
    now = (struct moment){ .at = ended.at + 5000, .steady_at = 7000 };
    timeline_open(&timeline, outbox, "another", now);
    cr_expect(timeline_steady(&timeline, ended.at, now) == 2000);
    cr_expect(timeline_steady(&timeline, ended.at - 60000, now) == -58000);
    cr_expect(timeline_steady(&timeline, ended.at + day_ms, now) == now.steady_at);
}

Test(timeline, of_a_start_that_nobody_knows_it_remembers_nothing)
{
    timeline_open(&timeline, outbox, "", now);
    end();
    now.at += day_ms;
    end();
    timeline_open(&timeline, outbox, "", now);
    cr_expect(timeline.count == 1);
}

Test(timeline, of_too_many_epochs_nothing_is_made_older)
{
    struct moment ends[3 * TIMELINE_MOST_EPOCHS];
    for (int i = 0; i < 3 * TIMELINE_MOST_EPOCHS; i++) {
        now.at += i % 3 == 0 ? 3 * day_ms : -day_ms;
        ends[i] = end();
        pass(1000);
    }
    timeline_open(&timeline, outbox, boot, now);
    msec_t earliest_at = timeline_earliest(&timeline, ends[0].steady_at, now);
    for (int i = 0; i < 3 * TIMELINE_MOST_EPOCHS; i++) {
        cr_expect(timeline_steady(&timeline, ends[i].at, now) >= ends[i].steady_at);
        cr_expect(ends[i].at >= earliest_at);
    }
    expect_exact(ends[3 * TIMELINE_MOST_EPOCHS - 1]);
}
