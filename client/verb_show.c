/*
 * chatrelay show - all that is known about a message
 */
#include "client/identifier.h"
#include "client/line.h"
#include "client/message.h"
#include "client/question.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/verb.h"

struct show_options {
    struct common_options common;
    bool remote;
};

static enum exit_code show_run(const void *given, const struct strings *arguments)
{
    const struct show_options *options = given;
    struct relay relay CLEANUP(relay_close) = relay_named_by(&options->common);
    struct text line CLEANUP(text_clear) = { 0 };
    struct answer answer CLEANUP(answer_clear) = { 0 };
    struct error err;
    enum exit_code code;
    int64_t id;

    if (!identifier_read(arguments, &id, &err))
        return say_usage("show", "%s", err.text);
    line_begin(&line, REQUEST_SHOW);
    line_add_integer(&line, "id", id);
    if (options->remote)
        text_add(&line, ",\"remote\":true");
    line_end(&line);
    bool done = options->remote
                    ? relay_ask_chat(&relay, &line, RELAY_CHAT_TAKES_MS, options->common.json,
                                     &answer, &code)
                    : relay_ask_simply(&relay, &line, options->common.json, &answer, &code);
    if (done)
        question_print(&options->common, answer.root, message_describe);
    return code;
}

#define MEMBER(name) offsetof(struct show_options, name)

static const struct option options[] = {
    { "remote", 0, OPTION_FLAG, NULL, MEMBER(remote), "with what the chat has of it by now" },
};

static const struct show_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
};

const struct verb verb_show = {
    .name = "show",
    .arguments = "ID",
    .summary = "Show a message: its state, its attempts, its content",
    .example = "chatrelay show 42",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = show_run,
};
