/*
 * chatrelay edit, unsend - change what was sent, or take it back
 */
#include "client/check.h"
#include "client/content.h"
#include "client/describe.h"
#include "client/identifier.h"
#include "client/line.h"
#include "client/member.h"
#include "client/message_input.h"
#include "client/question.h"
#include "client/say.h"
#include "client/verb.h"

#include <inttypes.h>

struct edit_options {
    struct common_options common;
};

static const struct edit_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
};

static void add_outcome(struct text *out, const json_t *answer, const char *now, const char *later)
{
    int64_t id = member_integer(answer, "id"), change = member_integer(answer, "change");
    if (change)
        text_printf(out, "%" PRId64 " %s: that is %" PRId64 "\n", id, later, change);
    else
        text_printf(out, "%" PRId64 " %s\n", id, now);
}

static void describe_edit(struct text *out, const json_t *answer, msec_t now_at)
{
    (void)now_at;
    add_outcome(out, answer, "is changed, and was not sent yet", "will be edited in the chat");
}

static void describe_unsend(struct text *out, const json_t *answer, msec_t now_at)
{
    (void)now_at;
    add_outcome(out, answer, "is cancelled, and was not sent", "will be removed from the chat");
}

static bool read_content(const struct strings *arguments, struct text *content, struct error *err)
{
    struct text raw CLEANUP(text_clear) = { 0 };
    if (!message_input_read(arguments, 1, NULL, &raw, err))
        return false;
    size_t repaired = content_repair(content, raw.bytes ? raw.bytes : "", raw.length);
    if (repaired > 0)
        say_repaired(repaired);
    return true;
}

static bool read_id(const struct strings *arguments, int64_t *id, struct error *err)
{
    const struct strings first = { .items = arguments->items,
                                   .count = arguments->count > 0 ? 1 : 0 };
    return identifier_read(&first, id, err);
}

static enum exit_code ask(const struct edit_options *options, const struct text *line, int64_t id,
                          void (*describe)(struct text *out, const json_t *answer, msec_t now_at))
{
    struct text look CLEANUP(text_clear) = { 0 };
    text_printf(&look, "chatrelay show %" PRId64, id);
    return question_change(&options->common, line, look.bytes, describe);
}

static enum exit_code edit_run(const void *given, const struct strings *arguments)
{
    const struct edit_options *options = given;
    struct text line CLEANUP(text_clear) = { 0 }, content CLEANUP(text_clear) = { 0 };
    struct error err;
    int64_t id = 0;

    if (!read_id(arguments, &id, &err))
        return say_usage("edit", "%s", err.text);
    if (!read_content(arguments, &content, &err)) {
        say("%s", err.text);
        return EXIT_CODE_BAD_DATA;
    }
    line_begin(&line, REQUEST_EDIT);
    line_add_integer(&line, "id", id);
    line_add_string(&line, "content", content.bytes ? content.bytes : "");
    line_end(&line);
    return ask(options, &line, id, describe_edit);
}

static enum exit_code unsend_run(const void *given, const struct strings *arguments)
{
    const struct edit_options *options = given;
    struct text line CLEANUP(text_clear) = { 0 };
    struct error err;
    int64_t id = 0;

    if (!identifier_read(arguments, &id, &err))
        return say_usage("unsend", "%s", err.text);
    line_begin(&line, REQUEST_UNSEND);
    line_add_integer(&line, "id", id);
    line_end(&line);
    return ask(options, &line, id, describe_unsend);
}

const struct verb verb_edit = {
    .name = "edit",
    .arguments = "ID [TEXT...]",
    .summary = "Change the text of a message, also in the chat",
    .example = "chatrelay edit 42 \"disk full on db02\"",
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = edit_run,
};

const struct verb verb_unsend = {
    .name = "unsend",
    .arguments = "ID",
    .summary = "Take a message back, also out of the chat",
    .example = "chatrelay unsend 42",
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = unsend_run,
};
