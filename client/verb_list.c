/*
 * chatrelay list - messages, one a line, oldest first
 */
#include "client/describe.h"
#include "client/filter.h"
#include "client/line.h"
#include "client/member.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/verb.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct list_options {
    struct common_options common;
    struct filter filter;
    int64_t limit;
    int64_t after;
};

enum { WIDTH_OF_NO_TERMINAL = 120 };

static size_t width_of_output(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return WIDTH_OF_NO_TERMINAL;
}

static void make_line(const struct list_options *options, int64_t limit, int64_t after,
                      struct text *line)
{
    line_begin(line, REQUEST_LIST);
    filter_add(&options->filter, line);
    line_add_integer(line, "limit", limit);
    line_add_integer(line, "after", after);
    line_end(line);
}

static void print(const json_t *messages, bool json)
{
    struct text out CLEANUP(text_clear) = { 0 };
    msec_t now_at = clock_now(&clock_system).at;
    size_t width = width_of_output(), index;
    json_t *message;

    json_array_foreach(messages, index, message)
    {
        if (json)
            say_json(message);
        else
            describe_row(&out, message, now_at, width);
    }
    if (out.bytes)
        fputs(out.bytes, stdout);
}

/* Print one page of at most `*left`. `*after` becomes where the next begins, 0 after the last. */
static enum exit_code print_page(struct relay *relay, const struct list_options *options,
                                 int64_t *left, int64_t *after)
{
    struct text line CLEANUP(text_clear) = { 0 };
    struct answer answer CLEANUP(answer_clear) = { 0 };
    enum exit_code code;

    make_line(options, *left < REQUEST_LARGEST_PAGE ? *left : REQUEST_LARGEST_PAGE, *after, &line);
    if (!relay_ask_simply(relay, &line, options->common.json, &answer, &code))
        return code;

    const json_t *messages = json_object_get(answer.root, "messages");
    print(messages, options->common.json);
    *left -= (int64_t)json_array_size(messages);
    *after = member_integer(answer.root, "next");
    return EXIT_CODE_DONE;
}

static enum exit_code list_run(const void *given, const struct strings *arguments)
{
    const struct list_options *options = given;
    struct relay relay CLEANUP(relay_close) = relay_named_by(&options->common);
    int64_t left = options->limit, after = options->after;
    enum exit_code code;

    if (arguments->count > 0)
        return say_usage("list", "list has no arguments, only options");
    do {
        code = print_page(&relay, options, &left, &after);
    } while (code == EXIT_CODE_DONE && after > 0 && left > 0);
    if (code == EXIT_CODE_DONE && after > 0)
        say("there are more: go on with  --after %" PRId64, after);
    return code;
}

#define MEMBER(name) offsetof(struct list_options, name)

/* clang-format off */
static const struct option options[] = {
    { "thread", 't', OPTION_STRING, "THREAD", MEMBER(filter.thread), "only of this thread" },
    { "state", 's', OPTION_STRING, "STATE", MEMBER(filter.state), "only in this state" },
    { "user", 'u', OPTION_STRING, "USER", MEMBER(filter.user), "only from this user" },
    { "priority", 'p', OPTION_STRING, "PRIORITY", MEMBER(filter.priority), "only of this priority" },
    { "older-than", 0, OPTION_STRING, "DURATION", MEMBER(filter.older_than), "only accepted longer ago" },
    { "limit", 'n', OPTION_COUNT, "N", MEMBER(limit), "at most N (100)" },
    { "after", 0, OPTION_COUNT, "ID", MEMBER(after), "begin behind this message" },
};
/* clang-format on */

static const struct list_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
    .limit = 100,
};

const struct verb verb_list = {
    .name = "list",
    .arguments = "",
    .summary = "List messages, one a line, oldest first",
    .example = "chatrelay list --thread ops --state pending",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = list_run,
};
