/*
 * chatrelay send - hand over one message and print its id
 *
 * A hand-over whose answer got lost is repeated with the same `once`, so it is
 * stored once. The exit code never claims more than is known: "not stored" is
 * said only if no try can have been stored.
 */
#include "client/verb_send.h"

#include "base/quote.h"
#include "client/batch.h"
#include "client/check.h"
#include "client/content.h"
#include "client/line.h"
#include "client/member.h"
#include "client/message_input.h"
#include "client/once.h"
#include "client/relay.h"
#include "client/result.h"
#include "client/say.h"
#include "client/wait.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_html(const struct send_options *options)
{
    return options->type && strcmp(options->type, "html") == 0;
}

static void compose(const struct send_options *options, const struct text *raw,
                    struct text *content)
{
    size_t repaired = content_repair(content, raw->bytes, raw->length);
    if (repaired > 0)
        say_repaired(repaired);

    size_t title_bytes = options->title ? content_title_bytes(options->title, is_html(options)) : 0;
    if (options->cut_lines > 0 && title_bytes < CONTENT_USUAL_LIMIT)
        content_cut(content, (size_t)options->cut_lines, CONTENT_USUAL_LIMIT - title_bytes);
    if (options->title)
        content_put_title(content, options->title, is_html(options));
}

/* Whether one of the first `count` pairs has the same key as `pair`, its "=" included. */
static bool has_key(const struct strings *pairs, size_t count, const char *pair, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(pairs->items[i], pair, length) == 0)
            return true;
    return false;
}

static bool add_metadata(struct text *line, const struct strings *pairs, struct error *err)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const char *pair = pairs->items[i], *equals = strchr(pair, '=');
        if (!equals || equals == pair)
            return error_set(err, "--meta: \"%s\" is not KEY=VALUE", pair);
        if (has_key(pairs, i, pair, (size_t)(equals - pair) + 1))
            return error_set(err, "--meta: the key of \"%s\" was given before", pair);

        struct text key CLEANUP(text_clear) = { 0 };
        text_append(&key, pair, (size_t)(equals - pair));
        text_add(line, i == 0 ? ",\"metadata\":{" : ",");
        quote_json(line, key.bytes);
        text_add(line, ":");
        quote_json(line, equals + 1);
    }
    if (pairs->count > 0)
        text_add(line, "}");
    return true;
}

static bool make_line(const struct send_options *options, const char *content, const char *once,
                      struct text *line, struct error *err)
{
    line_begin(line, REQUEST_SEND);
    line_add_string(line, "to", options->to);
    line_add_string(line, "content", content);
    line_add_string(line, "type", options->type);
    line_add_string(line, "priority", options->priority);
    line_add_string(line, "ttl", options->ttl);
    line_add_string(line, "at", options->at);
    line_add_string(line, "senderDisplayName", options->name);
    line_add_string(line, "fold", options->fold);
    line_add_string(line, "once", once);
    if (!add_metadata(line, &options->metadata, err))
        return false;
    line_end(line);
    return true;
}

static enum exit_code say_unknown(const struct send_options *options, const char *why,
                                  const char *once)
{
    if (options->common.json)
        result_print_own(true, why, once);
    say("%s", why);
    say("it may have stored the message. Repeating it is safe with  --once %s", once);
    return EXIT_CODE_UNKNOWN;
}

static enum exit_code say_unreachable(const struct send_options *options, const char *why,
                                      const char *once, enum relay_result result)
{
    if (options->common.json)
        result_print_own(false, why, once);
    say("%s; the message was not sent", why);
    return relay_exit_code(result);
}

static enum exit_code wait_after_send(struct relay *relay, const struct send_options *options,
                                      int64_t id)
{
    struct answer answer CLEANUP(answer_clear) = { 0 };
    struct wait wait = { id, options->goal, options->wait_ms };
    struct error err;

    if (wait_ask(relay, &wait, &answer, &err) != RELAY_ANSWERED) {
        say("%" PRId64 " is stored, but how it ended is not known: %s", id, err.text);
        return EXIT_CODE_WAIT_RAN_OUT;
    }
    if (options->common.json)
        say_json(answer.root);
    if (answer.ok)
        return wait_say(&answer);
    say("%" PRId64 " is stored, but how it ended is not known: %s", id, answer.refusal.message);
    return EXIT_CODE_WAIT_RAN_OUT;
}

/* The message is on disk. */
static enum exit_code stored(struct relay *relay, const struct send_options *options,
                             const struct answer *answer, int64_t id)
{
    if (options->common.json)
        say_json(answer->root);
    else
        printf("%" PRId64 "\n", id);
    if (options->wait_ms < 0)
        return EXIT_CODE_DONE;
    fflush(stdout); /* whoever kills us while we wait has the id */
    return wait_after_send(relay, options, id);
}

static enum exit_code settle(struct relay *relay, const struct send_options *options,
                             const struct answer *answer, bool repeated, const char *once)
{
    int64_t id = member_integer(answer->root, "id");
    if (answer->ok && id > 0)
        return stored(relay, options, answer, id);
    if (answer->ok)
        return say_unknown(options, "the relay's answer has no id", once);
    if (repeated && check_leaves_doubt(&answer->refusal))
        return say_unknown(options, answer->refusal.message, once);
    return say_refusal(answer, options->common.json);
}

static enum exit_code hand_over(const struct send_options *options, const struct text *line,
                                const char *once)
{
    struct relay relay CLEANUP(relay_close) = relay_named_by(&options->common);
    struct answer answer CLEANUP(answer_clear) = { 0 };
    struct error err;
    bool repeated;

    enum relay_result result =
        relay_ask(&relay, line, relay_deadline(&relay), &answer, &repeated, &err);
    if (result == RELAY_ANSWERED)
        return settle(&relay, options, &answer, repeated, once);
    if (result == RELAY_SILENT || result == RELAY_GARBLED)
        return say_unknown(options, err.text, once);
    return say_unreachable(options, err.text, once, result);
}

/* The relay would speak of its line, which is ours to make. */
static bool fits_a_line(const struct send_options *options, const struct text *content,
                        const struct text *line, enum exit_code *code)
{
    struct refusal refusal;
    if (line->length <= REQUEST_LONGEST_LINE || content->length <= CONTENT_USUAL_LIMIT)
        return true;
    refusal_set(&refusal, REFUSAL_INVALID, "content",
                "the message has %zu bytes, and no thread takes so many (%d as a rule: setting "
                "content_limit); --cut N keeps its first and last N lines",
                content->length, CONTENT_USUAL_LIMIT);
    *code = check_say(&refusal, options->common.json);
    return false;
}

/* Better said now than when the message is stored. */
static bool goal_is_known(const struct send_options *options, enum exit_code *code)
{
    struct text line CLEANUP(text_clear) = { 0 };
    wait_line(&(struct wait){ 1, options->goal, MSEC_NEVER }, &line);
    return check_line(&line, options->common.json, code);
}

static enum exit_code send_one(const struct send_options *options, const struct strings *arguments)
{
    struct text raw CLEANUP(text_clear) = { 0 }, content CLEANUP(text_clear) = { 0 },
                    line CLEANUP(text_clear) = { 0 };
    struct error err;
    char made[ONCE_LENGTH + 1];
    const char *once = options->once;
    enum exit_code code = EXIT_CODE_BAD_DATA;

    if (!message_input_read(arguments, 0, options->file, &raw, &err)) {
        say("%s", err.text);
        return EXIT_CODE_BAD_DATA;
    }
    if (options->if_not_empty && content_is_empty(&raw))
        return EXIT_CODE_DONE;

    compose(options, &raw, &content);
    if (!once) {
        once_make_now(made);
        once = made;
    }
    if (!make_line(options, content.bytes ? content.bytes : "", once, &line, &err))
        return say_usage("send", "%s", err.text);
    if (!fits_a_line(options, &content, &line, &code) || !goal_is_known(options, &code) ||
        !check_line(&line, options->common.json, &code))
        return code;
    return hand_over(options, &line, once);
}

/* What is wrong with the options as a whole; NULL if nothing is. */
static const char *what_is_wrong(const struct send_options *options,
                                 const struct strings *arguments)
{
    if (arguments->count > 0 && (options->file || options->json_lines))
        return "a message comes from the command line or from a file, not from both";
    if (options->goal && options->wait_ms < 0)
        return "--for is what --wait waits for";
    if (options->json_lines &&
        (options->once || options->title || options->metadata.count > 0 || options->cut_lines > 0 ||
         options->if_not_empty || options->wait_ms >= 0))
        return "with --json-lines, --once, --title, --meta, --cut, --if-not-empty and --wait "
               "have no meaning";
    return NULL;
}

static enum exit_code send_run(const void *given, const struct strings *arguments)
{
    const struct send_options *options = given;
    const char *wrong = what_is_wrong(options, arguments);

    if (wrong)
        return say_usage("send", "%s", wrong);
    return options->json_lines ? batch_run(options) : send_one(options, arguments);
}

#define MEMBER(name) offsetof(struct send_options, name)

/* clang-format off */
static const struct option options[] = {
    { "to", 't', OPTION_STRING, "THREAD", MEMBER(to), "the thread, by its name in the settings" },
    { "file", 'f', OPTION_STRING, "FILE", MEMBER(file), "read the message from FILE (-: standard input)" },
    { "type", 0, OPTION_STRING, "TYPE", MEMBER(type), "text (default) or html" },
    { "title", 0, OPTION_STRING, "TEXT", MEMBER(title), "a first line" },
    { "name", 0, OPTION_STRING, "NAME", MEMBER(name), "who the chat shows as its sender" },
    { "priority", 'p', OPTION_STRING, "PRIORITY", MEMBER(priority), "urgent, normal (default) or bulk" },
    { "ttl", 0, OPTION_STRING, "DURATION", MEMBER(ttl), "worthless after this time: 1h30m, 3d" },
    { "at", 0, OPTION_STRING, "TIME", MEMBER(at), "not before: 2026-11-21T22:30:00Z or +10m" },
    { "meta", 0, OPTION_STRINGS, "KEY=VALUE", MEMBER(metadata), "metadata of the message; may be repeated" },
    { "once", 0, OPTION_STRING, "KEY", MEMBER(once), "the same KEY within a day is stored once" },
    { "fold", 0, OPTION_STRING, "NAME", MEMBER(fold), "take the place of your message of this NAME that still waits" },
    { "wait", 0, OPTION_DURATION_OR_EVER, "DURATION", MEMBER(wait_ms), "wait for its end, no longer than DURATION" },
    { "for", 0, OPTION_STRING, "GOAL", MEMBER(goal), "wait for: end (default), sent or visible" },
    { "cut", 0, OPTION_COUNT, "N", MEMBER(cut_lines), "if it is too long, its first and last N lines" },
    { "if-not-empty", 0, OPTION_FLAG, NULL, MEMBER(if_not_empty), "do nothing if there is no message" },
    { "json-lines", 0, OPTION_FLAG, NULL, MEMBER(json_lines), "send many: a JSON object a line, as in chatrelay-protocol(7)" },
};
/* clang-format on */

static const struct send_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
    .wait_ms = -1,
};

const struct verb verb_send = {
    .name = "send",
    .arguments = "[TEXT...]",
    .summary = "Store a message for a thread and print its id",
    .example = "df -h / | chatrelay send --to ops --title \"disk of db01\"",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .is_said_by_code = true,
    .run = send_run,
};
