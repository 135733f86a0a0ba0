/*
 * chatrelay check - ask the service itself: tokens and threads
 */
#include "base/duration.h"
#include "base/harmless.h"
#include "base/memory.h"
#include "client/describe.h"
#include "client/line.h"
#include "client/member.h"
#include "client/question.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/verb.h"

#include <string.h>

/* The relay asks the chat first, and keeps within its limits. */
enum { CHAT_TAKES_MS = 5 * 60 * 1000 };

struct check_options {
    struct common_options common;
    const char *sender;
};

static void add_distance(struct text *out, const char *words, msec_t at, msec_t now_at)
{
    if (at == 0)
        return;
    text_add(out, words);
    describe_distance(out, at, now_at);
}

static void add_reason(struct text *out, const json_t *object)
{
    const char *reason = member_string(object, "reason");
    if (!reason[0])
        return;
    text_add(out, ": ");
    harmless_add(out, reason);
}

static void add_life(struct text *out, const json_t *token, msec_t now_at)
{
    bool renewed = json_is_true(json_object_get(token, "renewed"));
    add_distance(out, renewed ? "fetched " : "read ", member_integer(token, "obtained_at"), now_at);
    text_add(out, member_integer(token, "obtained_at") ? ", " : "");
    if (member_integer(token, "expires_at") == 0) {
        text_add(out, "it does not say when it dies");
        return;
    }
    text_add(out, renewed ? "renewed before it dies, " : "dies ");
    describe_distance(out, member_integer(token, "expires_at"), now_at);
    text_add(out, renewed ? "" : ", and nobody renews it");
}

/* "look  token of alerts: read 3 h ago, dies in 21 h, and nobody renews it" */
static void describe_token(struct text *out, const json_t *token, msec_t now_at)
{
    text_printf(out, "%-5s token of ", member_string(token, "level"));
    harmless_add(out, member_string(token, "sender"));
    text_add(out, ": ");
    if (json_is_true(json_object_get(token, "has_token")))
        add_life(out, token, now_at);
    else
        text_add(out, "there is none");
    add_reason(out, token);
    text_add(out, "\n");
}

static void add_facts(struct text *out, const json_t *thread)
{
    const json_t *reads = json_object_get(thread, "reads"),
                 *sends = json_object_get(thread, "sends");
    if (json_is_false(reads))
        text_add(out, "refuses us");
    else if (!reads)
        text_add(out, "did not tell");
    else if (json_is_false(sends))
        text_add(out, "may be read, not written to");
    else
        text_add(out, sends ? "may be read and written to" : "may be read");
}

static void add_retention(struct text *out, const json_t *thread, msec_t now_at)
{
    const char *kind = member_string(json_object_get(thread, "retention"), "kind");
    if (member_integer(thread, "deletes_at")) {
        add_distance(out, ", deletes itself ", member_integer(thread, "deletes_at"), now_at);
    } else if (kind[0] && strcmp(kind, "none") != 0) {
        text_add(out, ", retention ");
        describe_first_line(out, kind, 40);
    }
}

static void describe_thread(struct text *out, const json_t *thread, msec_t now_at)
{
    const char *topic = member_string(thread, "topic"), *creator = member_string(thread, "creator");
    text_printf(out, "%-5s ", member_string(thread, "level"));
    harmless_add(out, member_string(thread, "thread"));
    text_add(out, ": ");
    add_facts(out, thread);
    if (topic[0]) {
        text_add(out, ", \"");
        describe_first_line(out, topic, 40);
        text_add(out, "\"");
    }
    add_distance(out, ", made ", member_integer(thread, "created_at"), now_at);
    if (creator[0]) {
        text_add(out, " by ");
        describe_first_line(out, creator, 120);
    }
    add_distance(out, ", deleted ", member_integer(thread, "deleted_at"), now_at);
    add_retention(out, thread, now_at);
    add_reason(out, thread);
    text_add(out, "\n");
}

static void describe(struct text *out, const json_t *answer, msec_t now_at)
{
    const json_t *item = NULL;
    size_t i = 0;
    json_array_foreach(json_object_get(answer, "tokens"), i, item)
        describe_token(out, item, now_at);
    json_array_foreach(json_object_get(answer, "threads"), i, item)
        describe_thread(out, item, now_at);
}

static enum exit_code check_run(const void *given, const struct strings *arguments)
{
    const struct check_options *options = given;
    struct relay relay CLEANUP(relay_close) = relay_named_by(&options->common);
    struct text line CLEANUP(text_clear) = { 0 };
    struct answer answer CLEANUP(answer_clear) = { 0 };
    enum exit_code code;

    if (arguments->count > 1 || (arguments->count == 1 && options->sender))
        return say_usage("check", "give one thread or sender, or none for all");
    line_begin(&line, REQUEST_CHECK);
    line_add_string(&line, "thread", arguments->count > 0 ? arguments->items[0] : NULL);
    line_add_string(&line, "sender", options->sender);
    line_end(&line);
    if (!relay_ask_chat(&relay, &line, CHAT_TAKES_MS, options->common.json, &answer, &code))
        return exit_code_of_no_level(code);
    question_print(&options->common, answer.root, describe);
    return exit_code_of_level(member_string(answer.root, "level"));
}

#define MEMBER(name) offsetof(struct check_options, name)

static const struct option options[] = {
    { "sender", 0, OPTION_STRING, "SENDER", MEMBER(sender),
      "all threads of this sender, also if a thread has its name" },
};

static const struct check_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
};

const struct verb verb_check = {
    .name = "check",
    .arguments = "[THREAD|SENDER]",
    .summary = "Ask the service: are tokens and threads well? (exit 0, 1 or 2 as status)",
    .example = "chatrelay check ops",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = check_run,
};
