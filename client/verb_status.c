/*
 * chatrelay status - is all well, and what is not? For people, and for monitoring by its exit code
 */
#include "client/explain.h"
#include "client/line.h"
#include "client/question.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/verb.h"

#include <string.h>

struct status_options {
    struct common_options common;
};

static enum exit_code code_of(const json_t *status)
{
    const char *level = json_string_value(json_object_get(status, "level"));
    if (!level)
        return EXIT_CODE_PROTOCOL;
    if (strcmp(level, "well") == 0)
        return EXIT_CODE_DONE;
    return strcmp(level, "look") == 0 ? EXIT_CODE_LOOK : EXIT_CODE_ACT;
}

/* A relay that is not there, or cannot use its disk, is no smaller matter than what it would say.
 */
static enum exit_code code_of_failure(enum exit_code code)
{
    return code == EXIT_CODE_UNREACHABLE || code == EXIT_CODE_TRY_LATER ? EXIT_CODE_ACT : code;
}

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
        return code_of_failure(code);
    question_print(&options->common, answer.root, explain_status);
    return code_of(answer.root);
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
