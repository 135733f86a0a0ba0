/*
 * chatrelay log - what was tried and how it went, or with -f what happens now
 */
#include "client/event.h"
#include "client/line.h"
#include "client/member.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/verb.h"

#include <stdio.h>
#include <stdlib.h>

struct log_options {
    struct common_options common;
    const char *thread;
    int64_t limit;
    bool follow;
};

static void print_event(const json_t *event, bool json)
{
    struct text out CLEANUP(text_clear) = { 0 };
    if (json) {
        say_json(event);
        return;
    }
    event_describe(&out, event);
    fputs(out.bytes, stdout);
}

static void make_line(const struct log_options *options, int64_t limit, int64_t after,
                      struct text *line)
{
    line_begin(line, REQUEST_LOG);
    line_add_string(line, "thread", options->thread);
    line_add_integer(line, "limit", limit);
    line_add_integer(line, "after", after);
    if (options->follow)
        text_add(line, ",\"follow\":true");
    line_end(line);
}

/* ---- what was ------------------------------------------------------------------------------ */

/* Put the page behind those that came before; `*after` is where the next begins, 0 at the end. */
static enum exit_code fetch_page(struct relay *relay, const struct log_options *options,
                                 json_t *events, int64_t *after)
{
    struct text line CLEANUP(text_clear) = { 0 };
    struct answer answer CLEANUP(answer_clear) = { 0 };
    enum exit_code code;
    int64_t left = options->limit - (int64_t)json_array_size(events);

    make_line(options, left < REQUEST_LARGEST_PAGE ? left : REQUEST_LARGEST_PAGE, *after, &line);
    if (!relay_ask_simply(relay, &line, options->common.json, &answer, &code))
        return code;
    json_array_extend(events, json_object_get(answer.root, "events"));
    *after = member_integer(answer.root, "next");
    return EXIT_CODE_DONE;
}

/* The newest last, as in every log. */
static enum exit_code print_pages(struct relay *relay, const struct log_options *options)
{
    json_t *events = json_array();
    int64_t after = 0;
    enum exit_code code;
    do {
        code = fetch_page(relay, options, events, &after);
    } while (code == EXIT_CODE_DONE && after > 0 &&
             (int64_t)json_array_size(events) < options->limit);
    size_t count = json_array_size(events);
    if (count > (size_t)options->limit)
        count = (size_t)options->limit;
    for (size_t i = count; i-- > 0 && code == EXIT_CODE_DONE;)
        print_event(json_array_get(events, i), options->common.json);
    json_decref(events);
    return code;
}

/* ---- what happens -------------------------------------------------------------------------- */

/* One line of the stream; false when it was no event. */
static bool print_line(const char *bytes, size_t length, bool json)
{
    struct answer event CLEANUP(answer_clear) = { 0 };
    struct error err;
    if (!answer_parse(bytes, length, &event, &err)) {
        say("%s", err.text);
        return false;
    }
    if (event.ok)
        print_event(event.root, json);
    else
        say("%s", event.refusal.message);
    return fflush(stdout) == 0;
}

static enum exit_code follow(struct relay *relay, const struct log_options *options)
{
    struct text line CLEANUP(text_clear) = { 0 };
    struct answer answer CLEANUP(answer_clear) = { 0 };
    struct error err;
    enum exit_code code;
    const char *bytes;
    size_t length;

    make_line(options, 0, 0, &line);
    if (!relay_ask_simply(relay, &line, options->common.json, &answer, &code))
        return code;
    while (connection_receive(&relay->connection, MSEC_NEVER, &bytes, &length, &err) ==
           CONNECTION_DONE)
        if (!print_line(bytes, length, options->common.json))
            return EXIT_CODE_PROTOCOL;
    say("%s", err.text);
    return EXIT_CODE_UNREACHABLE;
}

static enum exit_code log_run(const void *given, const struct strings *arguments)
{
    const struct log_options *options = given;
    struct relay relay CLEANUP(relay_close) = relay_named_by(&options->common);

    if (arguments->count > 0)
        return say_usage("log", "log has no arguments, only options");
    return options->follow ? follow(&relay, options) : print_pages(&relay, options);
}

#define MEMBER(name) offsetof(struct log_options, name)

/* clang-format off */
static const struct option options[] = {
    { "thread", 't', OPTION_STRING, "THREAD", MEMBER(thread), "only of this thread" },
    { "limit", 'n', OPTION_COUNT, "N", MEMBER(limit), "the latest N attempts (100)" },
    { "follow", 'f', OPTION_FLAG, NULL, MEMBER(follow), "print what happens from now on, as it happens" },
};
/* clang-format on */

static const struct log_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
    .limit = 100,
};

const struct verb verb_log = {
    .name = "log",
    .arguments = "",
    .summary = "Show the latest attempts, the newest last, or follow what happens",
    .example = "chatrelay log -f",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = log_run,
};
