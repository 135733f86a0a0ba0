/*
 * chatrelay audit - do the books balance?
 */
#include "base/harmless.h"
#include "client/line.h"
#include "client/member.h"
#include "client/question.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/verb.h"

#include <inttypes.h>

struct audit_options {
    struct common_options common;
};

static void describe_difference(struct text *out, const json_t *difference)
{
    static const char *const words[] = { "thread", "priority", "state" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *word = json_string_value(json_object_get(difference, words[i]));
        harmless_add(out, word ? word : "?");
        text_add(out, " ");
    }
    text_printf(out, "of uid %" PRId64 ": %" PRId64 " in the books, %" PRId64 " counted\n",
                member_integer(difference, "uid"), member_integer(difference, "booked"),
                member_integer(difference, "counted"));
}

static void describe_verdict(struct text *out, const json_t *answer, msec_t now_at)
{
    size_t index;
    json_t *difference;
    (void)now_at;
    text_printf(out, "%" PRId64 " messages counted: the books %s\n", member_integer(answer, "rows"),
                json_is_true(json_object_get(answer, "balanced")) ? "balance" : "do not balance");
    json_array_foreach(json_object_get(answer, "differences"), index, difference)
        describe_difference(out, difference);
}

static bool ask_slice(struct relay *relay, bool json, int64_t after, struct answer *answer,
                      enum exit_code *code)
{
    struct text line CLEANUP(text_clear) = { 0 };
    line_begin(&line, REQUEST_AUDIT);
    line_add_integer(&line, "after", after);
    line_end(&line);
    return relay_ask_simply(relay, &line, json, answer, code);
}

static enum exit_code audit_run(const void *given, const struct strings *arguments)
{
    const struct audit_options *options = given;
    struct relay relay CLEANUP(relay_close) = relay_named_by(&options->common);
    struct answer answer CLEANUP(answer_clear) = { 0 };
    int64_t after = 0;
    enum exit_code code;

    if (arguments->count > 0)
        return say_usage("audit", "audit has no arguments");
    do {
        answer_clear(&answer);
        if (!ask_slice(&relay, options->common.json, after, &answer, &code))
            return code;
        after = member_integer(answer.root, "next");
    } while (after > 0);
    question_print(&options->common, answer.root, describe_verdict);
    return json_is_true(json_object_get(answer.root, "balanced")) ? EXIT_CODE_DONE : EXIT_CODE_ACT;
}

static const struct audit_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
};

const struct verb verb_audit = {
    .name = "audit",
    .arguments = "",
    .summary = "Count all messages and hold them against the books (exit 0 or 2)",
    .example = "chatrelay audit",
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = audit_run,
};
