/*
 * chatrelay pause, resume, flush - hands on a thread
 */
#include "base/harmless.h"
#include "client/cause.h"
#include "client/line.h"
#include "client/member.h"
#include "client/question.h"
#include "client/say.h"
#include "client/verb.h"

#include <inttypes.h>

struct thread_options {
    struct common_options common;
};

static const struct thread_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
};

static void add_thread(struct text *out, const json_t *answer)
{
    const char *thread = json_string_value(json_object_get(answer, "thread"));
    harmless_add(out, thread ? thread : "?");
}

static void describe_pause(struct text *out, const json_t *answer, msec_t now_at)
{
    add_thread(out, answer);
    text_add(out, " is paused until ");
    cause_time(out, member_integer(answer, "paused_until_at"), now_at);
    text_add(out, "\n");
}

static void describe_resume(struct text *out, const json_t *answer, msec_t now_at)
{
    (void)now_at;
    bool was_paused = json_is_true(json_object_get(answer, "was_paused"));
    add_thread(out, answer);
    text_add(out, was_paused ? " goes on\n" : " was not paused\n");
}

/* What is asked about the thread. */
static enum exit_code ask(const struct thread_options *options, const struct text *line,
                          const char *thread,
                          void (*describe)(struct text *out, const json_t *answer, msec_t now_at))
{
    struct text look CLEANUP(text_clear) = { 0 };
    text_printf(&look, "chatrelay why %s", thread);
    return question_change(&options->common, line, look.bytes, describe);
}

static enum exit_code pause_run(const void *given, const struct strings *arguments)
{
    const struct thread_options *options = given;
    struct text line CLEANUP(text_clear) = { 0 };

    if (arguments->count < 1 || arguments->count > 2)
        return say_usage("pause", "give a thread, and perhaps for how long");
    line_begin(&line, REQUEST_PAUSE);
    line_add_string(&line, "thread", arguments->items[0]);
    if (arguments->count == 2)
        line_add_string(&line, "duration", arguments->items[1]);
    line_end(&line);
    return ask(options, &line, arguments->items[0], describe_pause);
}

static enum exit_code resume_run(const void *given, const struct strings *arguments)
{
    const struct thread_options *options = given;
    struct text line CLEANUP(text_clear) = { 0 };

    if (arguments->count != 1)
        return say_usage("resume", "give a thread");
    line_begin(&line, REQUEST_RESUME);
    line_add_string(&line, "thread", arguments->items[0]);
    line_end(&line);
    return ask(options, &line, arguments->items[0], describe_resume);
}

static void describe_flush(struct text *out, const json_t *answer, msec_t now_at)
{
    int64_t forgotten = member_integer(answer, "forgotten");
    int64_t kept = member_integer(answer, "kept");
    (void)now_at;
    if (forgotten == 0)
        text_add(out, "there was no wait of ours to forget\n");
    else
        text_printf(out, "%" PRId64 " %s forgotten: trying again now\n", forgotten,
                    forgotten == 1 ? "wait" : "waits");
    if (kept > 0)
        text_printf(out, "%" PRId64 " %s on, as the chat asked\n", kept,
                    kept == 1 ? "thread waits" : "threads wait");
}

static enum exit_code flush_run(const void *given, const struct strings *arguments)
{
    const struct thread_options *options = given;
    struct text line CLEANUP(text_clear) = { 0 };

    if (arguments->count > 1)
        return say_usage("flush", "give one thread, or none for all");
    line_begin(&line, REQUEST_FLUSH);
    if (arguments->count == 1)
        line_add_string(&line, "thread", arguments->items[0]);
    line_end(&line);
    return question_change(&options->common, &line, "chatrelay threads", describe_flush);
}

const struct verb verb_pause = {
    .name = "pause",
    .arguments = "THREAD [DURATION]",
    .summary = "Send nothing to a thread for a while (1h)",
    .example = "chatrelay pause ops 30m",
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = pause_run,
};

const struct verb verb_resume = {
    .name = "resume",
    .arguments = "THREAD",
    .summary = "End a pause",
    .example = "chatrelay resume ops",
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = resume_run,
};

const struct verb verb_flush = {
    .name = "flush",
    .arguments = "[THREAD]",
    .summary = "Try again now what waits after a failure",
    .example = "chatrelay flush ops",
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = flush_run,
};
