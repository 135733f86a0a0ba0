/*
 * chatrelay why - why a message or a thread waits, what happens next, what one can do
 */
#include "client/explain.h"
#include "client/identifier.h"
#include "client/line.h"
#include "client/question.h"
#include "client/say.h"
#include "client/verb.h"

struct why_options {
    struct common_options common;
};

static enum exit_code why_run(const void *given, const struct strings *arguments)
{
    const struct why_options *options = given;
    struct text line CLEANUP(text_clear) = { 0 };
    int64_t id;

    if (arguments->count != 1)
        return say_usage("why", "give the id of one message, or the name of one thread");
    line_begin(&line, REQUEST_WHY);
    if (identifier_read(arguments, &id, NULL))
        line_add_integer(&line, "id", id);
    else
        line_add_string(&line, "thread", arguments->items[0]);
    line_end(&line);
    return question_ask(&options->common, &line, explain_why);
}

static const struct why_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
};

const struct verb verb_why = {
    .name = "why",
    .arguments = "ID|THREAD",
    .summary = "Say why a message or a thread waits, and what to do about it",
    .example = "chatrelay why 42",
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = why_run,
};
