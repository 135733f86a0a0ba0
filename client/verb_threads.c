/*
 * chatrelay threads - each thread: what waits, and why
 */
#include "client/line.h"
#include "client/member.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/summary.h"
#include "client/verb.h"

#include <stdio.h>

struct threads_options {
    struct common_options common;
};

static void print(const json_t *threads, bool json)
{
    struct text out CLEANUP(text_clear) = { 0 };
    msec_t now_at = clock_now(&clock_system).at;
    size_t index;
    json_t *thread;
    json_array_foreach(threads, index, thread)
    {
        if (json)
            say_json(thread);
        else
            summary_thread(&out, thread, now_at);
    }
    if (out.bytes)
        fputs(out.bytes, stdout);
}

/* One page; `*after` becomes where the next begins, 0 after the last. */
static enum exit_code print_page(struct relay *relay, bool json, int64_t *after)
{
    struct text line CLEANUP(text_clear) = { 0 };
    struct answer answer CLEANUP(answer_clear) = { 0 };
    enum exit_code code;

    line_begin(&line, REQUEST_THREADS);
    line_add_integer(&line, "after", *after);
    line_end(&line);
    if (!relay_ask_simply(relay, &line, json, &answer, &code))
        return code;
    print(json_object_get(answer.root, "threads"), json);
    *after = member_integer(answer.root, "next");
    return EXIT_CODE_DONE;
}

static enum exit_code threads_run(const void *given, const struct strings *arguments)
{
    const struct threads_options *options = given;
    struct relay relay CLEANUP(relay_close) = relay_named_by(&options->common);
    enum exit_code code;
    int64_t after = 0;

    if (arguments->count > 0)
        return say_usage("threads", "threads has no arguments");
    do {
        code = print_page(&relay, options->common.json, &after);
    } while (code == EXIT_CODE_DONE && after > 0);
    return code;
}

static const struct threads_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
};

const struct verb verb_threads = {
    .name = "threads",
    .arguments = "",
    .summary = "List the threads: what waits for each, and why",
    .example = "chatrelay threads",
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = threads_run,
};
