/*
 * chatrelay stats - how many messages are in which state
 */
#include "client/describe.h"
#include "client/line.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/verb.h"

#include <stdio.h>

struct stats_options {
    struct common_options common;
};

static void print(const struct answer *answer, bool json)
{
    struct text out CLEANUP(text_clear) = { 0 };
    if (json) {
        say_json(answer->root);
        return;
    }
    describe_stats(&out, answer->root);
    fputs(out.bytes, stdout);
}

static enum exit_code stats_run(const void *given, const struct strings *arguments)
{
    const struct stats_options *options = given;
    struct relay relay CLEANUP(relay_close) = relay_named_by(&options->common);
    struct text line CLEANUP(text_clear) = { 0 };
    struct answer answer CLEANUP(answer_clear) = { 0 };
    enum exit_code code;

    if (arguments->count > 0)
        return say_usage("stats", "stats has no arguments");
    line_begin(&line, REQUEST_STATS);
    line_end(&line);
    if (relay_ask_simply(&relay, &line, options->common.json, &answer, &code))
        print(&answer, options->common.json);
    return code;
}

static const struct stats_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
};

const struct verb verb_stats = {
    .name = "stats",
    .arguments = "",
    .summary = "Count the messages of each thread in each state",
    .example = "chatrelay stats",
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = stats_run,
};
