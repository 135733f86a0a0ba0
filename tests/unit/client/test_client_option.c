#include "client/option.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct target {
    const char *to;
    struct strings metadata;
    msec_t timeout_ms;
    msec_t wait_ms;
    int64_t cut;
    bool json;
};

#define MEMBER(name) offsetof(struct target, name)

static const struct option options[] = {
    { "to", 't', OPTION_STRING, "THREAD", MEMBER(to), "" },
    { "meta", 0, OPTION_STRINGS, "KEY=VALUE", MEMBER(metadata), "" },
    { "timeout", 0, OPTION_DURATION, "DURATION", MEMBER(timeout_ms), "" },
    { "wait", 0, OPTION_DURATION_OR_EVER, "DURATION", MEMBER(wait_ms), "" },
    { "cut", 0, OPTION_COUNT, "N", MEMBER(cut), "" },
    { "json", 'j', OPTION_FLAG, NULL, MEMBER(json), "" },
};

enum { OPTIONS = sizeof options / sizeof options[0] };

static struct target target;
static struct strings arguments;
static struct error err;

static void start(void)
{
    target = (struct target){ .wait_ms = -1, .to = "default" };
    arguments = (struct strings){ 0 };
}

static void finish(void)
{
    option_clear(options, OPTIONS, &target);
    strings_clear(&arguments);
}

TestSuite(client_option, .init = start, .fini = finish);

/* Words separated by blanks. */
static bool parse(const char *line)
{
    static char words[200];
    char *argv[20] = { NULL };
    size_t count = 0;
    snprintf(words, sizeof words, "%s", line);
    for (char *rest = words, *word; (word = strsep(&rest, " ")) && count < 19;)
        argv[count++] = word;
    finish();
    start();
    return option_parse(options, OPTIONS, argv, &target, &arguments, &err);
}

static void expect_error(const char *line, const char *message)
{
    cr_expect_not(parse(line), "%s", line);
    cr_expect_str_eq(err.text, message);
}

Test(client_option, every_form)
{
    cr_assert(parse("--to ops --json"));
    cr_expect_str_eq(target.to, "ops");
    cr_expect(target.json);
    cr_assert(parse("--to=ops"));
    cr_expect_str_eq(target.to, "ops");
    cr_assert(parse("-t ops -j"));
    cr_expect_str_eq(target.to, "ops");
    cr_expect(target.json);
    cr_assert(parse("-tops"));
    cr_expect_str_eq(target.to, "ops");
    cr_assert(parse("--to="));
    cr_expect_str_eq(target.to, "");
    cr_assert(parse("--to --json"));
    cr_expect_str_eq(target.to, "--json", "a value may look like anything");
}

Test(client_option, what_is_not_said_stays)
{
    cr_assert(parse("x"));
    cr_expect_str_eq(target.to, "default");
    cr_expect_eq(target.wait_ms, -1);
    cr_expect_not(target.json);
}

Test(client_option, arguments_may_stand_anywhere)
{
    cr_assert(parse("a --json b -t ops c - -- --json -x"));
    cr_assert_eq(arguments.count, 6);
    cr_expect_str_eq(arguments.items[0], "a");
    cr_expect_str_eq(arguments.items[2], "c");
    cr_expect_str_eq(arguments.items[3], "-");
    cr_expect_str_eq(arguments.items[4], "--json");
    cr_expect_str_eq(arguments.items[5], "-x");
}

Test(client_option, strings_are_collected)
{
    cr_assert(parse("--meta a=1 --meta=b=2"));
    cr_assert_eq(target.metadata.count, 2);
    cr_expect_str_eq(target.metadata.items[0], "a=1");
    cr_expect_str_eq(target.metadata.items[1], "b=2");
}

Test(client_option, durations_and_counts)
{
    cr_assert(parse("--timeout 1m30s --cut 20"));
    cr_expect_eq(target.timeout_ms, 90000);
    cr_expect_eq(target.cut, 20);
}

Test(client_option, a_duration_that_may_stand_alone)
{
    cr_assert(parse("--wait done"));
    cr_expect_eq(target.wait_ms, MSEC_NEVER);
    cr_expect_eq(arguments.count, 1, "what follows is text");
    cr_assert(parse("--wait -- 10s"));
    cr_expect_eq(target.wait_ms, MSEC_NEVER);
    cr_expect_str_eq(arguments.items[0], "10s");
    cr_assert(parse("done --wait"));
    cr_expect_eq(target.wait_ms, MSEC_NEVER);
    expect_error("--wait 10s done", "--wait takes its time with \"=\": --wait=10s");
    cr_assert(parse("--wait=10s"));
    cr_expect_eq(target.wait_ms, 10000);
}

Test(client_option, mistakes_are_named)
{
    expect_error("--tto ops", "there is no option --tto; did you mean --to?");
    expect_error("--colour", "there is no option --colour");
    expect_error("-x", "there is no option -x; put -- before text that begins so");
    expect_error("--to", "--to wants a value: THREAD");
    expect_error("-t", "--to wants a value: THREAD");
    expect_error("--json=yes", "--json takes no value");
    expect_error("--cut 0", "--cut: \"0\" is not a number from 1");
    expect_error("--cut 2x", "--cut: \"2x\" is not a number from 1");
    expect_error("--cut 99999999999999999999",
                 "--cut: \"99999999999999999999\" is not a number from 1");
    cr_expect_not(parse("--timeout soon"));
    cr_expect(strstr(err.text, "--timeout: \"soon\" is not a duration"), "%s", err.text);
    cr_expect_not(parse("--wait="));
}
