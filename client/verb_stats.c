/*
 * chatrelay stats - how many messages are in which state
 */
#include "client/describe.h"
#include "client/line.h"
#include "client/question.h"
#include "client/say.h"
#include "client/verb.h"

struct stats_options {
    struct common_options common;
};

static void describe(struct text *out, const json_t *answer, msec_t now_at)
{
    (void)now_at;
    describe_stats(out, answer);
}

static enum exit_code stats_run(const void *given, const struct strings *arguments)
{
    const struct stats_options *options = given;
    struct text line CLEANUP(text_clear) = { 0 };

    if (arguments->count > 0)
        return say_usage("stats", "stats has no arguments");
    line_begin(&line, REQUEST_STATS);
    line_end(&line);
    return question_ask(&options->common, &line, describe);
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
