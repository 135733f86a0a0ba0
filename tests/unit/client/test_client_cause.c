#include "client/cause.h"
#include "tests/unit/client/saying.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

TestSuite(client_cause, .init = saying_start, .fini = saying_finish);

static const char *took(void)
{
    static char taken[512];
    snprintf(taken, sizeof taken, "%s", out.bytes ? out.bytes : "");
    text_empty(&out);
    return taken;
}

/* Members of an answer about thread db, whose scope has failed seven times since 11:50. */
static json_t *answer(const char *cause, int http, const char *code)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[s, s]}", "thread", "db", "cause", cause,
                  "sender", "alerts", "identity", "8:acs:1b5c2f6e-0000-4000-8000-000000002a41",
                  "endpoint", "https://x.example", "remote_thread", "19:db@thread.v2", "pace",
                  "10/10s", "verbs", "resume", "flush");
    if (http >= 0)
        json_object_set_new(object, "trouble",
                            json_pack("{s:i, s:I, s:i, s:s, s:s}", "failures", 7, "since_at",
                                      (json_int_t)noon_at - 600000, "http", http, "code", code,
                                      "reason", "as it was said"));
    return object;
}

static void expect(const char *cause, int http, const char *code, const char *clause,
                   const char *advice)
{
    json_t *object = answer(cause, http, code);
    cr_expect(cause_clause(&out, object, noon_at) == (clause != NULL), "%s %d", cause, http);
    const char *said = took();
    cr_expect_str_eq(said, clause ? clause : "");
    cr_expect(cause_advice(&out, object) == (advice != NULL), "%s %d", cause, http);
    said = took();
    cr_expect_str_eq(said, advice ? advice : "");
    json_decref(object);
}

Test(client_cause, each_trouble_of_a_thread_has_its_sentence)
{
    expect("thread", 403, "Forbidden",
           "db refuses us since 11:50 UTC (403, 7 times): sender alerts (8:acs:...2a41) is not a "
           "participant",
           "have a participant add 8:acs:1b5c2f6e-0000-4000-8000-000000002a41, then  chatrelay "
           "flush db");
    expect("thread", 404, "NotFound",
           "db refuses us since 11:50 UTC (404, 7 times): the chat knows no thread 19:db@thread.v2",
           "correct id in [thread db] of the settings, reload, then  chatrelay flush db");
    expect("thread", 400, "BadRequest",
           "db refuses us since 11:50 UTC (400, 7 times): the chat does not take the thread's id "
           "19:db@thread.v2",
           "correct id in [thread db] of the settings, reload, then  chatrelay flush db");
    expect("thread", 429, "TooManyRequests",
           "we are throttled since 11:50 UTC (429, 7 times): the chat wants fewer messages for "
           "now; others may share our budget",
           NULL);
    expect("thread", 499, "", "db refuses us since 11:50 UTC (499, 7 times): as it was said", NULL);
}

Test(client_cause, each_trouble_on_the_way_has_its_sentence)
{
    expect("sender", 401, "Unauthorized",
           "the service refuses us since 11:50 UTC (401, 7 times): the token of sender alerts "
           "(8:acs:...2a41) is refused",
           "see where [sender alerts] has its token from (its key may be revoked, its file old), "
           "then  chatrelay flush db");
    expect("sender", 0, "token",
           "there is no access token since 11:50 UTC (7 times): sender alerts (8:acs:...2a41) "
           "cannot get one",
           "see where [sender alerts] has its token from (its key may be revoked, its file old), "
           "then  chatrelay flush db");
    expect("endpoint", 0, "name",
           "the service cannot be used since 11:50 UTC (7 times): the name in https://x.example "
           "cannot be resolved",
           "see whether this machine can resolve names (DNS), and that https://x.example is "
           "right, then  chatrelay flush db");
    expect("endpoint", 0, "connect",
           "the service cannot be used since 11:50 UTC (7 times): nothing answers at "
           "https://x.example",
           "see whether this machine reaches https://x.example (network, firewall, proxy), then  "
           "chatrelay flush db");
    expect("endpoint", 0, "tls",
           "the service cannot be used since 11:50 UTC (7 times): no secure connection to "
           "https://x.example",
           "see whether this machine's clock is right and the certificate is valid (setting "
           "ca_file), then  chatrelay flush db");
    expect("endpoint", 0, "timeout",
           "the service cannot be used since 11:50 UTC (7 times): https://x.example does not "
           "answer in time",
           "see whether this machine reaches https://x.example (network, firewall, proxy), then  "
           "chatrelay flush db");
    expect("endpoint", 503, "ServiceUnavailable",
           "the service cannot be used since 11:50 UTC (503, 7 times): the service at "
           "https://x.example fails",
           NULL);
    expect("endpoint", 407, "",
           "the service cannot be used since 11:50 UTC (407, 7 times): what answers at "
           "https://x.example is not the chat; perhaps a gateway on the way",
           "see whether this machine reaches https://x.example (network, firewall, proxy), then  "
           "chatrelay flush db");
    expect("endpoint", 0, "garbled",
           "the service cannot be used since 11:50 UTC (7 times): as it was said", NULL);
}

Test(client_cause, what_is_no_trouble_has_its_sentence)
{
    expect("no-such-thread", -1, NULL, "there is no thread db in the settings any more",
           "put [thread db] back into the settings, or  was = db  into the section of the one that "
           "it is now, or  chatrelay cancel --thread db");
    expect("doubt", -1, NULL,
           "an answer to the first message was lost: we look whether it appeared", NULL);
    expect("pace", -1, NULL, "the budget of its thread (10/10s) is spent for now", NULL);
    expect("busy", -1, NULL, "as many requests as may be are under way", NULL);
    expect("under-way", -1, NULL, NULL, NULL);
    expect("nothing", -1, NULL, NULL, NULL);
    expect("a word of a newer relay", -1, NULL, NULL, NULL);
}

Test(client_cause, a_pause_says_until_when)
{
    json_t *object = answer("paused", -1, NULL);
    json_object_set_new(object, "paused_until_at", json_integer(noon_at + 3600000));
    cr_expect(cause_clause(&out, object, noon_at));
    cr_expect_str_eq(out.bytes, "db is paused until 13:00 UTC");
    text_empty(&out);
    cr_expect(cause_advice(&out, object));
    cr_expect_str_eq(out.bytes, "chatrelay resume db");
    json_decref(object);
}

Test(client_cause, what_would_be_refused_is_not_advised)
{
    json_t *object = answer("thread", 403, "Forbidden");
    json_object_del(object, "verbs");
    cr_expect(cause_advice(&out, object));
    cr_expect_str_eq(took(), "have a participant add 8:acs:1b5c2f6e-0000-4000-8000-000000002a41");
    json_object_set_new(object, "cause", json_string("paused"));
    cr_expect(!cause_advice(&out, object));
    cr_expect_str_eq(took(), "");
    json_decref(object);
}

Test(client_cause, times_say_as_much_as_is_needed)
{
    static const msec_t day_ms = 86400000;
    cause_time(&out, noon_at - 60000, noon_at);
    cr_expect_str_eq(out.bytes, "11:59 UTC");
    text_empty(&out);
    cause_time(&out, noon_at + 3 * day_ms, noon_at);
    cr_expect_str_eq(out.bytes, "Tue 12:00 UTC");
    text_empty(&out);
    cause_time(&out, noon_at - 30 * day_ms, noon_at);
    cr_expect_str_eq(out.bytes, "2026-10-22 12:00 UTC");
}

Test(client_cause, what_others_wrote_cannot_command_a_terminal)
{
    json_t *object = json_pack("{s:s, s:s, s:I}", "cause", "paused", "thread", "d\x1b[31mb",
                               "paused_until_at", (json_int_t)noon_at);
    cause_clause(&out, object, noon_at);
    cr_expect(strchr(out.bytes, '\x1b') == NULL);
    json_decref(object);
}

Test(client_cause, a_message_in_doubt_itself)
{
    json_t *object = answer("doubt", -1, NULL);
    json_object_set_new(object, "doubted_at", json_integer(noon_at));
    cr_expect(cause_clause(&out, object, noon_at));
    cr_expect_str_eq(out.bytes,
                     "an answer was lost, so that it may have appeared: we look before we post");
    json_decref(object);
}

Test(client_cause, times_are_in_the_zone_of_the_process)
{
    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    cause_time(&out, noon_at - 60 * 1000, noon_at);
    cr_expect_str_eq(took(), "20:59 JST");
    cause_time(&out, noon_at + 3 * 60 * 60 * 1000, noon_at); /* tomorrow there */
    cr_expect_str_eq(took(), "Sun 00:00 JST");
}
