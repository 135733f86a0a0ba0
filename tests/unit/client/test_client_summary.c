#include "client/summary.h"
#include "tests/unit/client/saying.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(client_summary, .init = saying_start, .fini = saying_finish);

static void expect_status(const char *answer, const char *expected)
{
    json_t *status = saying_parse(answer);
    summary_status(&out, status, noon_at);
    cr_expect_str_eq(out.bytes, expected);
    text_empty(&out);
    json_decref(status);
}

/* Three threads with this cause, of which the first has an endpoint of its own. */
static void summarize_three(const char *cause, const char *endpoint)
{
    struct text line CLEANUP(text_clear) = { 0 };
    text_empty(&out);
    text_add(&line, "{\"level\":\"look\",\"threads\":{\"well\":0,\"look\":3},\"troubles\":[");
    for (int i = 1; i <= 3; i++)
        text_printf(&line, "%s{\"thread\":\"t%d\",\"cause\":\"%s\",\"endpoint\":\"%s\"}",
                    i > 1 ? "," : "", i, cause, i > 1 ? endpoint : "https://a.example");
    text_add(&line, "]}");
    json_t *status = saying_parse(line.bytes);
    summary_status(&out, status, noon_at);
    json_decref(status);
}

Test(client_summary, what_many_threads_suffer_from_is_said_once)
{
    summarize_three("endpoint", "https://a.example");
    cr_expect(strstr(out.bytes, "t1:") && !strstr(out.bytes, "t2:"), "%s", out.bytes);
    cr_expect(strstr(out.bytes, "\n      and 2 more for the same reason: chatrelay threads\n"));
    summarize_three("endpoint", "https://b.example");
    cr_expect(strstr(out.bytes, "t1:") && strstr(out.bytes, "t2:") && !strstr(out.bytes, "t3:"),
              "%s", out.bytes);
    cr_expect(strstr(out.bytes, "\n      and 1 more for the same reason: chatrelay threads\n"));
    summarize_three("paused", "https://a.example");
    cr_expect(strstr(out.bytes, "t1:") && strstr(out.bytes, "t2:") && strstr(out.bytes, "t3:"),
              "%s", out.bytes);
}

Test(client_summary, status_is_a_line_and_one_for_each_trouble)
{
    expect_status(
        "{\"level\":\"look\",\"room\":true,\"pending\":3,\"held\":1,\"threads\":{\"well\":4,"
        "\"look\":2,\"act\":0},\"troubles\":[{\"thread\":\"ops\",\"level\":\"look\",\"pending\":3,"
        "\"held\":1,\"cause\":\"paused\",\"paused_until_at\":1795266000000,\"pace_percent\":50}],"
        "\"lost\":{\"count\":2,\"latest_id\":9,\"latest_at\":1795262340000}}",
        "look  4 of 6 threads well, 3 waiting, 1 held\n"
        "look  ops: 3 wait, 1 held; ops is paused until 13:00 UTC; at 50 % of its "
        "pace since a 429, as others may share the budget\n"
        "      and 1 more: chatrelay threads\n"
        "look  2 lost since the start, the latest 9 at 11:59 UTC: chatrelay why 9, "
        "to send it after all  chatrelay retry 9\n");
}

Test(client_summary, status_without_threads)
{
    expect_status("{\"level\":\"look\",\"threads\":{\"well\":0},\"sent_today\":0}",
                  "look  no threads yet: run chatrelay setup\n");
    expect_status("{\"level\":\"look\",\"threads\":{\"well\":0}}",
                  "look  no thread that you may send to\n");
}

Test(client_summary, tokens_that_expire_and_nobody_renews)
{
    expect_status(
        "{\"level\":\"act\",\"room\":true,\"pending\":0,\"threads\":"
        "{\"well\":1,\"look\":0,\"act\":0},\"troubles\":[],\"tokens\":["
        "{\"sender\":\"a\",\"level\":\"act\",\"token\":{\"failures\":2,\"reason\":\"no key\"}},"
        "{\"sender\":\"b\",\"level\":\"look\",\"token\":{\"expires_at\":1795269600000,"
        "\"renewed_at\":1795262460000,\"failures\":1,\"reason\":\"503\"}},"
        "{\"sender\":\"c\",\"level\":\"well\",\"token\":{\"expires_at\":1795338000000}}]}",
        "act   1 of 1 threads well, nothing waiting\n"
        "act   sender a: no token: no key\n"
        "look  sender b: token expires in 2 h: 503\n"
        "well  sender c: token expires in 21 h and nobody renews it\n");
}

Test(client_summary, a_thread_tells_of_a_token_that_nobody_renews)
{
    json_t *thread = saying_parse(
        "{\"thread\":\"db\",\"level\":\"well\",\"pending\":0,"
        "\"cause\":\"nothing\",\"token\":{\"expires_at\":1795338000000}}");
    summary_thread(&out, thread, noon_at);
    cr_expect_str_eq(out.bytes,
                     "well  db: nothing waits; token expires in 21 h and nobody renews it\n");
    json_object_set_new(json_object_get(thread, "token"), "renewed_at", json_integer(noon_at));
    text_empty(&out);
    summary_thread(&out, thread, noon_at);
    cr_expect_str_eq(out.bytes, "well  db: nothing waits\n");
    json_decref(thread);
}

Test(client_summary, status_of_a_full_disk)
{
    expect_status(
        "{\"level\":\"act\",\"room\":false,\"pending\":0,\"threads\":"
        "{\"well\":1,\"look\":0,\"act\":0},\"troubles\":[]}",
        "act   1 of 1 threads well, nothing waiting\n"
        "act   the file system of the outbox is nearly full: nothing is taken in\n");
}

Test(client_summary, status_of_a_disk_that_takes_nothing)
{
    expect_status(
        "{\"level\":\"act\",\"room\":true,\"writable\":false,\"pending\":0,\"threads\":"
        "{\"well\":1,\"look\":0,\"act\":0},\"troubles\":[]}",
        "act   1 of 1 threads well, nothing waiting\n"
        "act   the outbox cannot be written: nothing is taken in or sent; the relay's "
        "log says why\n");
}
