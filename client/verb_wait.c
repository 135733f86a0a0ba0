/*
 * chatrelay wait - wait for a message to end, and print how
 */
#include "client/check.h"
#include "client/identifier.h"
#include "client/say.h"
#include "client/verb.h"
#include "client/wait.h"

#include <stdio.h>

struct wait_options {
    struct common_options common;
    const char *goal;
    msec_t within_ms;
};

static void print_state(const struct answer *answer, bool json)
{
    const char *state = json_string_value(json_object_get(answer->root, "state"));
    if (json)
        say_json(answer->root);
    else if (state)
        puts(state);
}

static enum exit_code ask(const struct wait_options *options, const struct wait *wait)
{
    struct relay relay CLEANUP(relay_close) = relay_named_by(&options->common);
    struct answer answer CLEANUP(answer_clear);
    struct error err;

    enum relay_result result = wait_ask(&relay, wait, &answer, &err);
    if (result != RELAY_ANSWERED) {
        say("%s", err.text);
        return relay_exit_code(result);
    }
    if (!answer.ok)
        return say_refusal(&answer, options->common.json);
    print_state(&answer, options->common.json);
    return wait_say(&answer);
}

static enum exit_code wait_run(const void *given, const struct strings *arguments)
{
    const struct wait_options *options = given;
    struct wait wait = { .goal = options->goal, .within_ms = options->within_ms };
    struct text line CLEANUP(text_clear) = { 0 };
    struct error err;
    enum exit_code code;

    if (!identifier_read(arguments, &wait.id, &err))
        return say_usage("wait", "%s", err.text);
    wait_line(&wait, &line);
    if (!check_line(&line, options->common.json, &code))
        return code;
    return ask(options, &wait);
}

#define MEMBER(name) offsetof(struct wait_options, name)

/* clang-format off */
static const struct option options[] = {
    { "for", 0, OPTION_STRING, "GOAL", MEMBER(goal), "wait for: end (default), sent or visible" },
    { "within", 0, OPTION_DURATION, "DURATION", MEMBER(within_ms), "wait no longer than this (for ever)" },
};
/* clang-format on */

static const struct wait_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
    .within_ms = MSEC_NEVER,
};

const struct verb verb_wait = {
    .name = "wait",
    .arguments = "ID",
    .summary = "Wait until a message has ended and print its state",
    .example = "chatrelay wait --within 1m 42",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .is_said_by_code = true,
    .run = wait_run,
};
