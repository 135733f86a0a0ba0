/*
 * chatrelay status - is all well, and what is not? For people, and for monitoring by its exit code
 */
#include "client/line.h"
#include "client/member.h"
#include "client/question.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/summary.h"
#include "client/verb.h"

struct status_options {
    struct common_options common;
};

static enum exit_code status_run(const void *given, const struct strings *arguments)
{
    const struct status_options *options = given;
    struct relay relay CLEANUP(relay_close) = relay_named_by(&options->common);
    struct text line CLEANUP(text_clear) = { 0 };
    struct answer answer CLEANUP(answer_clear) = { 0 };
    enum exit_code code;

    if (arguments->count > 0)
        return say_usage("status", "status has no arguments");
    line_begin(&line, REQUEST_STATUS);
    line_end(&line);
    if (!relay_ask_simply(&relay, &line, options->common.json, &answer, &code))
        return exit_code_of_no_level(code);
    question_print(&options->common, answer.root, summary_status);
    return exit_code_of_level(member_string(answer.root, "level"));
}

static const struct status_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
};

const struct verb verb_status = {
    .name = "status",
    .arguments = "",
    .summary = "Say whether all is well (exit 0), worth a look (1) or needs somebody (2)",
    .example = "chatrelay status",
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = status_run,
};
