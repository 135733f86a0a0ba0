#include "base/memory.h"
#include "wire/headline.h"

#include <criterion/criterion.h>

static const msec_t now_at = 1795262400000;
static struct text out;

static void finish(void)
{
    text_clear(&out);
}

TestSuite(wire_headline, .fini = finish);

static void expect(const char *status, const char *line)
{
    json_t *object = json_loads(status, 0, NULL);
    cr_assert(object);
    text_empty(&out);
    headline_add(&out, object, now_at);
    cr_expect_str_eq(out.bytes, line);
    json_decref(object);
}

Test(wire_headline, all_is_well)
{
    expect(
        "{\"level\":\"well\",\"room\":true,\"pending\":0,\"threads\":{\"well\":3},"
        "\"sent_today\":1204}",
        "ok: nothing waiting; 1204 sent today");
}

Test(wire_headline, some_wait)
{
    expect(
        "{\"level\":\"well\",\"room\":true,\"pending\":2,\"oldest_at\":1795262396000,"
        "\"threads\":{\"well\":3},\"sent_today\":0}",
        "ok: 2 waiting (oldest 4 s); 0 sent today");
}

Test(wire_headline, who_is_no_operator_is_told_less)
{
    expect("{\"level\":\"well\",\"pending\":2,\"threads\":{\"well\":3}}", "ok: 2 waiting");
}

Test(wire_headline, there_is_no_thread)
{
    expect("{\"level\":\"look\",\"pending\":0,\"threads\":{\"well\":0},\"sent_today\":0}",
           "look: no threads yet: run chatrelay setup");
}

Test(wire_headline, the_worst_comes_first)
{
    expect(
        "{\"level\":\"act\",\"pending\":15,\"threads\":{\"well\":1,\"look\":1,\"act\":1},"
        "\"troubles\":[{\"thread\":\"db\",\"level\":\"act\",\"pending\":14,"
        "\"oldest_at\":1795255200000,\"cause\":\"thread\",\"trouble\":{\"http\":403}},"
        "{\"thread\":\"ops\",\"level\":\"look\"}]}",
        "ACT: db refuses us (403), 14 waiting, oldest 2 h; 1 more");
}

Test(wire_headline, a_thread_that_gives_no_good_answer_does_not_refuse_us)
{
    static const char *const http[] = { "\"code\":\"closed\"", "\"http\":408", "\"http\":200",
                                        "\"http\":503" };
    for (size_t i = 0; i < sizeof http / sizeof http[0]; i++) {
        CLEANUP(free_memory)
        char *thread =
            xasprintf("{\"thread\":\"db\",\"cause\":\"thread\",\"trouble\":{%s}}", http[i]);
        json_t *object = json_loads(thread, 0, NULL);
        bool of_thread = false;
        cr_expect_str_eq(headline_matter(object, &of_thread), "gives no good answer");
        cr_expect(of_thread);
        json_decref(object);
    }
}

Test(wire_headline, trouble_of_more_than_a_thread)
{
    expect(
        "{\"level\":\"look\",\"threads\":{\"look\":1},\"troubles\":[{\"thread\":\"db\","
        "\"pending\":1,\"cause\":\"endpoint\",\"trouble\":{\"code\":\"name\"}}]}",
        "look: db: the service cannot be used, 1 waiting");
}

Test(wire_headline, a_token_that_is_refused_is_not_one_that_is_not_there)
{
    expect(
        "{\"level\":\"act\",\"troubles\":[{\"thread\":\"db\",\"pending\":1,\"cause\":\"sender\","
        "\"trouble\":{\"http\":401}}]}",
        "ACT: db: the service refuses us (401), 1 waiting");
    expect(
        "{\"level\":\"act\",\"troubles\":[{\"thread\":\"db\",\"pending\":1,\"cause\":\"sender\","
        "\"trouble\":{\"code\":\"token\"}}]}",
        "ACT: db: there is no access token, 1 waiting");
}

Test(wire_headline, throttled_is_throttled_whoever_says_so)
{
    expect(
        "{\"level\":\"look\",\"threads\":{\"look\":1},\"troubles\":[{\"thread\":\"db\","
        "\"pending\":1,\"cause\":\"thread\",\"trouble\":{\"http\":429}}]}",
        "look: db: we are throttled (429), 1 waiting");
}

Test(wire_headline, paused)
{
    expect(
        "{\"level\":\"look\",\"threads\":{\"look\":1},\"troubles\":[{\"thread\":\"db\","
        "\"pending\":0,\"held\":2,\"cause\":\"paused\"}]}",
        "look: db is paused, 0 waiting, 2 held");
}

Test(wire_headline, a_full_disk_is_worse)
{
    expect(
        "{\"level\":\"act\",\"room\":false,\"threads\":{\"act\":1},\"troubles\":"
        "[{\"thread\":\"db\"}]}",
        "ACT: the file system of the outbox is nearly full, nothing is taken in");
}

Test(wire_headline, a_disk_that_takes_nothing)
{
    expect("{\"level\":\"act\",\"room\":true,\"writable\":false,\"threads\":{\"well\":1}}",
           "ACT: the outbox cannot be written, nothing is taken in or sent");
}

Test(wire_headline, losses)
{
    expect(
        "{\"level\":\"look\",\"threads\":{\"well\":1},\"troubles\":[],"
        "\"lost\":{\"count\":3,\"latest_id\":42}}",
        "look: 3 lost since the start, the latest is 42");
    expect("{\"level\":\"look\",\"threads\":{\"well\":1},\"troubles\":[],\"lost\":{\"count\":2}}",
           "look: 2 lost since the start");
}
