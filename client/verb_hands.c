/*
 * chatrelay cancel, hold, release, retry - hands on messages
 *
 * Which ones is said by ids, by filters, or by ALL in capitals: never by
 * leaving it out. Large numbers are done a turn's worth at a time.
 */
#include "client/change.h"
#include "client/filter.h"
#include "client/identifier.h"
#include "client/line.h"
#include "client/member.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hands_options {
    struct common_options common;
    struct filter filter;
};

static bool is_all(const struct strings *arguments)
{
    return arguments->count == 1 && strcmp(arguments->items[0], "ALL") == 0;
}

static bool are_ids(const char *verb, const struct strings *words)
{
    int64_t id;
    for (size_t i = 0; i < words->count; i++)
        if (!identifier_parse(words->items[i], &id)) {
            say_usage(verb, "\"%s\" is not the id of a message", words->items[i]);
            return false;
        }
    return true;
}

/* Exactly one way of saying which. */
static bool says_which(enum request_op op, const struct hands_options *options,
                       const struct strings *arguments)
{
    const char *name = request_op_name(op);
    if (arguments->count == 0 && !filter_is_set(&options->filter))
        say_usage(name, "which messages? give ids, a filter, or ALL in capitals");
    else if (arguments->count > 0 && filter_is_set(&options->filter))
        say_usage(name, "give ids or filters, not both");
    else
        return is_all(arguments) || are_ids(name, arguments);
    return false;
}

/* ---- what is asked ------------------------------------------------------------------------- */

/* `look` tells what was done when no answer comes. */
static bool ask(struct relay *relay, const struct text *line, const char *look, bool json,
                struct change *change, int64_t *next, enum exit_code *code)
{
    struct answer answer CLEANUP(answer_clear) = { 0 };
    if (!relay_ask_change(relay, line, look, json, &answer, code))
        return false;
    change_add(change, answer.root);
    *next = member_integer(answer.root, "next");
    return true;
}

static void add_look(struct text *look, const struct strings *ids)
{
    if (ids->count == 1)
        text_printf(look, "chatrelay show %s", ids->items[0]);
    else
        text_add(look, "chatrelay list");
}

/* They are ids. */
static enum exit_code ask_by_ids(struct relay *relay, enum request_op op, bool json,
                                 const struct strings *ids, struct change *change)
{
    enum exit_code code = EXIT_CODE_DONE;
    int64_t next = 0;
    struct text look CLEANUP(text_clear) = { 0 };
    add_look(&look, ids);
    for (size_t i = 0; i < ids->count && code == EXIT_CODE_DONE;) {
        struct text line CLEANUP(text_clear) = { 0 };
        line_begin(&line, op);
        text_add(&line, ",\"ids\":[");
        for (size_t last = i + REQUEST_MOST_IDS; i < ids->count && i < last; i++)
            text_printf(&line, "%s%lld", line.bytes[line.length - 1] == '[' ? "" : ",",
                        strtoll(ids->items[i], NULL, 10));
        text_add(&line, "]");
        line_end(&line);
        ask(relay, &line, look.bytes, json, change, &next, &code);
    }
    return code;
}

static enum exit_code ask_by_filter(struct relay *relay, enum request_op op,
                                    const struct hands_options *options, struct change *change)
{
    enum exit_code code = EXIT_CODE_DONE;
    int64_t next = 0;
    do {
        struct text line CLEANUP(text_clear) = { 0 };
        line_begin(&line, op);
        filter_add(&options->filter, &line);
        if (!filter_is_set(&options->filter))
            text_add(&line, ",\"all\":true");
        line_add_integer(&line, "after", next);
        line_end(&line);
        if (!ask(relay, &line, "chatrelay list", options->common.json, change, &next, &code))
            return code;
    } while (next > 0);
    return code;
}

static enum exit_code run(enum request_op op, const void *given, const struct strings *arguments)
{
    const struct hands_options *options = given;
    struct relay relay CLEANUP(relay_close) = relay_named_by(&options->common);
    struct change change CLEANUP(change_clear) = { .op = op };
    struct text out CLEANUP(text_clear) = { 0 };
    bool by_ids = arguments->count > 0 && !is_all(arguments);

    if (!says_which(op, options, arguments))
        return EXIT_CODE_USAGE;
    enum exit_code code = by_ids ? ask_by_ids(&relay, op, options->common.json, arguments, &change)
                                 : ask_by_filter(&relay, op, options, &change);
    if (code != EXIT_CODE_DONE && !change_has_begun(&change))
        return code;
    if (options->common.json)
        change_as_json(&change, &out);
    else
        change_describe(&change, &out);
    fputs(out.bytes, stdout);
    return code == EXIT_CODE_DONE && by_ids ? change_exit_code(&change) : code;
}

static enum exit_code cancel_run(const void *given, const struct strings *arguments)
{
    return run(REQUEST_CANCEL, given, arguments);
}

static enum exit_code hold_run(const void *given, const struct strings *arguments)
{
    return run(REQUEST_HOLD, given, arguments);
}

static enum exit_code release_run(const void *given, const struct strings *arguments)
{
    return run(REQUEST_RELEASE, given, arguments);
}

static enum exit_code retry_run(const void *given, const struct strings *arguments)
{
    return run(REQUEST_RETRY, given, arguments);
}

#define MEMBER(name) offsetof(struct hands_options, name)

/* clang-format off */
static const struct option options[] = {
    { "thread", 't', OPTION_STRING, "THREAD", MEMBER(filter.thread), "all of this thread" },
    { "state", 's', OPTION_STRING, "STATE", MEMBER(filter.state), "all in this state" },
    { "user", 'u', OPTION_STRING, "USER", MEMBER(filter.user), "all from this user" },
    { "priority", 'p', OPTION_STRING, "PRIORITY", MEMBER(filter.priority), "all of this priority" },
    { "older-than", 0, OPTION_STRING, "DURATION", MEMBER(filter.older_than), "all accepted longer ago" },
};
/* clang-format on */

static const struct hands_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
};

#define ARGUMENTS "ID...|ALL"
#define WHICH                                                                  \
    .arguments = ARGUMENTS, .options = options,                                \
    .option_count = sizeof options / sizeof options[0], .defaults = &defaults, \
    .options_size = sizeof defaults

const struct verb verb_cancel = {
    .name = "cancel",
    .summary = "Take messages back that are not sent yet",
    .example = "chatrelay cancel 42",
    WHICH,
    .run = cancel_run,
};

const struct verb verb_hold = {
    .name = "hold",
    .summary = "Hold messages back until they are released",
    .example = "chatrelay hold --thread ops",
    WHICH,
    .run = hold_run,
};

const struct verb verb_release = {
    .name = "release",
    .summary = "Let held messages go on from their old place",
    .example = "chatrelay release ALL",
    WHICH,
    .run = release_run,
};

const struct verb verb_retry = {
    .name = "retry",
    .summary = "Bring back what is dead, expired or cancelled",
    .example = "chatrelay retry --thread ops --state dead",
    WHICH,
    .run = retry_run,
};
