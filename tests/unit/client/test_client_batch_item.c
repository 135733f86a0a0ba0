#include "client/batch_item.h"

#include <criterion/criterion.h>
#include <string.h>

static struct batch_item item;
static size_t repaired;

static void finish(void)
{
    batch_item_clear(&item);
}

TestSuite(client_batch_item, .fini = finish);

static void make(const char *input)
{
    json_t *defaults = json_pack("{s:s, s:s}", "to", "ops", "priority", "bulk");
    batch_item_clear(&item);
    repaired = 0;
    batch_item_make(&item, input, strlen(input), defaults, "ONCE", &repaired);
    json_decref(defaults);
}

static void expect_line(const char *input, const char *line)
{
    make(input);
    cr_assert(item.line.bytes, "%s", item.answer.bytes);
    cr_expect_str_eq(item.line.bytes, line);
    cr_expect_eq(item.answer.length, 0);
}

Test(client_batch_item, takes_what_is_missing_from_the_defaults)
{
    expect_line("{\"content\":\"x\",\"to\":\"dev\"}",
                "{\"content\":\"x\",\"to\":\"dev\",\"priority\":\"bulk\",\"once\":\"ONCE\"}\n");
    cr_expect_str_eq(item.once, "ONCE");
}

Test(client_batch_item, keeps_a_once_of_its_own)
{
    expect_line(
        "{\"op\":\"send\",\"content\":\"x\",\"once\":\"mine\",\"to\":\"a\","
        "\"priority\":\"normal\"}",
        "{\"op\":\"send\",\"content\":\"x\",\"once\":\"mine\",\"to\":\"a\","
        "\"priority\":\"normal\"}\n");
    cr_expect_str_eq(item.once, "mine");
}

Test(client_batch_item, repairs)
{
    make("{\"content\":\"caf\xe9\"}");
    cr_expect_eq(repaired, 1);
    cr_expect(strstr(item.line.bytes, "caf\xef\xbf\xbd"));
}

static void expect_refusal(const char *input, const char *phrase)
{
    make(input);
    cr_expect_eq(item.line.length, 0);
    cr_assert(item.answer.bytes, "%s", input);
    cr_expect(strstr(item.answer.bytes, phrase), "%s", item.answer.bytes);
    cr_expect_eq(item.answer.bytes[item.answer.length - 1], '\n');
}

Test(client_batch_item, refuses_what_the_relay_would)
{
    expect_refusal("", "not JSON");
    expect_refusal("nonsense", "not JSON");
    expect_refusal("[]", "an array");
    expect_refusal("{\"content\":\"a\",\"content\":\"b\"}", "not JSON: duplicate");
    expect_refusal("{\"content\":\"\",\"ref\":\"7\"}",
                   "\"content is empty\",\"retry\":false,"
                   "\"ref\":\"7\"");
    expect_refusal("{\"op\":\"wait\",\"ref\":\"8\"}", "only send has a place here");
    expect_refusal("{\"op\":7}", "only send has a place here");
    expect_refusal("{\"content\":\"x\",\"once\":7}", "once must be a string");
}
