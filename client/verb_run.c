/*
 * chatrelay run - run a command, and report how it failed
 *
 * What the relay does or does not never changes the exit status: that is the
 * command's own.
 */
#include "base/duration.h"
#include "base/memory.h"
#include "client/content.h"
#include "client/line.h"
#include "client/once.h"
#include "client/relay.h"
#include "client/run.h"
#include "client/say.h"
#include "client/verb.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct run_options {
    struct common_options common;
    const char *to;
    const char *on;
    const char *priority;
    const char *fold;
    int64_t lines;
};

/* ---- the report ------------------------------------------------------------------------------ */

enum { LONGEST_COMMAND = 300, LONGEST_HOST = 256 };

static void add_command_line(struct text *out, const struct strings *words)
{
    CLEANUP(text_clear) struct text line = { 0 }, sound = { 0 };
    for (size_t i = 0; i < words->count; i++) {
        text_add(&line, i > 0 ? " " : "");
        text_add(&line, words->items[i]);
    }
    content_repair(&sound, line.bytes, line.length);
    content_cut(&sound, sound.length, LONGEST_COMMAND);
    text_append(out, sound.bytes, sound.length);
}

/* Real-time signals have numbers alone. */
static void add_signal(struct text *out, int signal)
{
    const char *description = sigdescr_np(signal);
    text_printf(out, ": ended by signal %d", signal);
    if (description)
        text_printf(out, " (%s)", description);
}

/* "failed on db01 after 2 min 5 s: exit status 3" */
static void add_verdict(struct text *out, const struct run *run)
{
    char host[LONGEST_HOST] = "this machine", lasted[DURATION_LONGEST_TEXT];
    gethostname(host, sizeof host - 1);
    duration_say(run->lasted_ms, lasted);
    text_printf(out, "%s on %s after %s", run->status == 0 ? "done" : "failed", host, lasted);
    if (run->error)
        text_printf(out, ": could not be run: %s", strerrordesc_np(run->error));
    else if (run->signal)
        add_signal(out, run->signal);
    else
        text_printf(out, ": exit status %d", run->status);
}

static void compose(const struct run_options *options, const struct strings *words,
                    const struct run *run, struct text *content)
{
    CLEANUP(text_clear) struct text tail = { 0 };
    add_command_line(content, words);
    text_add(content, "\n");
    add_verdict(content, run);
    tail_say(&run->tail, (size_t)options->lines, &tail);
    if (tail.length > 0)
        text_printf(content, "\n%s", tail.bytes);
}

static void hand_over(const struct run_options *options, const char *content)
{
    CLEANUP(text_clear) struct text line = { 0 };
    CLEANUP(answer_clear) struct answer answer = { 0 };
    CLEANUP(relay_close) struct relay relay = relay_named_by(&options->common);
    char once[ONCE_LENGTH + 1];
    struct error err;
    bool repeated;

    once_make_now(once);
    line_begin(&line, REQUEST_SEND);
    line_add_string(&line, "to", options->to);
    line_add_string(&line, "content", content);
    line_add_string(&line, "priority", options->priority);
    line_add_string(&line, "fold", options->fold);
    line_add_string(&line, "once", once);
    line_end(&line);
    enum relay_result result =
        relay_ask(&relay, &line, relay_deadline(&relay), &answer, &repeated, &err);
    if (result == RELAY_SILENT || result == RELAY_GARBLED)
        say("whether the report was stored is not known: %s", err.text);
    else if (result != RELAY_ANSWERED)
        say("the report was not sent: %s", err.text);
    else if (!answer.ok)
        say("the report was not sent: %s", answer.refusal.message);
}

/* ---- the verb -------------------------------------------------------------------------------- */

static bool is_to_be_told(const struct run_options *options, const struct run *run)
{
    return run->status != 0 || strcmp(options->on, "always") == 0;
}

static void say_if_not_run(const struct run *run, const char *name)
{
    if (run->error)
        say("%s: %s", name, strerrordesc_np(run->error));
}

static enum exit_code run_run(const void *given, const struct strings *words)
{
    const struct run_options *options = given;
    CLEANUP(text_clear) struct text content = { 0 };
    CLEANUP(run_clear) struct run run = { 0 };
    if (words->count == 0)
        return say_usage("run", "which command?");
    if (strcmp(options->on, "fail") != 0 && strcmp(options->on, "always") != 0)
        return say_usage("run", "--on is fail or always, not \"%s\"", options->on);

    const char **line = (const char **)xcalloc(words->count + 1, sizeof *line);
    memcpy(line, words->items, words->count * sizeof *line);
    run_command(line, &run);
    free(line);
    say_if_not_run(&run, words->items[0]);
    if (is_to_be_told(options, &run)) {
        compose(options, words, &run, &content);
        hand_over(options, content.bytes);
    }
    return (enum exit_code)run.status;
}

#define MEMBER(name) offsetof(struct run_options, name)

/* clang-format off */
static const struct option options[] = {
    { "to", 't', OPTION_STRING, "THREAD", MEMBER(to), "the thread to report to" },
    { "on", 0, OPTION_STRING, "WHEN", MEMBER(on), "report when it fails: fail (default), or always" },
    { "lines", 0, OPTION_COUNT, "N", MEMBER(lines), "how many of its last lines to report (20)" },
    { "priority", 'p', OPTION_STRING, "PRIORITY", MEMBER(priority), "urgent, normal (default) or bulk" },
    { "fold", 0, OPTION_STRING, "NAME", MEMBER(fold), "take the place of a report of this NAME that still waits" },
};
/* clang-format on */

static const struct run_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
    .on = "fail",
    .lines = 20,
};

const struct verb verb_run = {
    .name = "run",
    .arguments = "[--] COMMAND [ARGUMENT ...]",
    .summary = "Run a command and report its failure; the exit status is the command's",
    .example = "chatrelay run --to ops -- /usr/local/bin/backup --all",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .takes_command = true,
    .is_said_by_code = true,
    .run = run_run,
};
