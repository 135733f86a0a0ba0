/*
 * chatrelay read - what a thread shows in the chat, or with -f what comes
 */
#include "base/memory.h"
#include "client/chat_message.h"
#include "client/line.h"
#include "client/member.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/verb.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct read_options {
    struct common_options common;
    int64_t limit;
    bool follow;
};

/* How messages are shown. */
struct view {
    bool json;
    char *relay; /* the identity that the relay has in the thread; NULL: not known */
};

static void view_clear(struct view *view)
{
    free(view->relay);
}

static void print_message(const json_t *message, const struct view *view)
{
    struct text out CLEANUP(text_clear) = { 0 };
    if (view->json) {
        say_json(message);
        return;
    }
    chat_message_describe(&out, message, view->relay ? view->relay : "");
    fputs(out.bytes, stdout);
}

/* The newest last, as people read. */
static void print_messages(const json_t *messages, int64_t most, const struct view *view)
{
    size_t count = json_array_size(messages);
    if (count > (size_t)most)
        count = (size_t)most;
    for (size_t i = count; i-- > 0;)
        print_message(json_array_get(messages, i), view);
}

/* Who the relay is, so that it need not be shown by its identity. */
static void take_view_of(const json_t *answer, struct view *view)
{
    free(view->relay);
    view->relay = xstrdup(member_string(answer, "identity"));
}

static void make_line(const struct read_options *options, const char *thread, int64_t limit,
                      int64_t after, struct text *line)
{
    line_begin(line, REQUEST_READ);
    line_add_string(line, "thread", thread);
    line_add_integer(line, "limit", limit);
    line_add_integer(line, "after", after);
    if (options->follow)
        text_add(line, ",\"follow\":true");
    line_end(line);
}

/* ---- what was -------------------------------------------------------------------------------- */

/* Put the page behind those that came before; `*after` is where the next begins, 0 at the end. */
static enum exit_code fetch_page(struct relay *relay, const struct read_options *options,
                                 const char *thread, json_t *messages, int64_t *after,
                                 struct view *view)
{
    struct text line CLEANUP(text_clear) = { 0 };
    struct answer answer CLEANUP(answer_clear) = { 0 };
    enum exit_code code;
    int64_t left = options->limit - (int64_t)json_array_size(messages);

    make_line(options, thread, left < REQUEST_LARGEST_PAGE ? left : REQUEST_LARGEST_PAGE, *after,
              &line);
    if (!relay_ask_chat(relay, &line, RELAY_CHAT_TAKES_MS, options->common.json, &answer, &code))
        return code;
    take_view_of(answer.root, view);
    json_array_extend(messages, json_object_get(answer.root, "messages"));
    *after = member_integer(answer.root, "next");
    return EXIT_CODE_DONE;
}

static enum exit_code print_pages(struct relay *relay, const struct read_options *options,
                                  const char *thread)
{
    CLEANUP(view_clear) struct view view = { .json = options->common.json };
    json_t *messages = json_array();
    int64_t after = 0;
    enum exit_code code;
    do {
        code = fetch_page(relay, options, thread, messages, &after, &view);
    } while (code == EXIT_CODE_DONE && after > 0 &&
             (int64_t)json_array_size(messages) < options->limit);
    if (code == EXIT_CODE_DONE)
        print_messages(messages, options->limit, &view);
    json_decref(messages);
    return code;
}

/* ---- what comes ------------------------------------------------------------------------------ */

static void say_of_stream(const json_t *event)
{
    if (member_string(event, "trouble")[0])
        say("the chat cannot be read at the moment: %s", member_string(event, "trouble"));
    if (json_is_true(json_object_get(event, "gap")))
        say("more messages came than were read; some are left out here");
    if (member_integer(event, "missed") > 0)
        say("%" PRId64 " messages were left out because they were not read in time",
            member_integer(event, "missed"));
}

/* One line of the stream; false when that was the last. */
static bool take_line(const char *bytes, size_t length, const struct view *view,
                      enum exit_code *code)
{
    struct answer event CLEANUP(answer_clear) = { 0 };
    struct error err;
    if (!answer_parse(bytes, length, &event, &err)) {
        say("%s", err.text);
        *code = EXIT_CODE_PROTOCOL;
        return false;
    }
    if (!event.ok) {
        *code = say_refusal(&event, view->json);
        return false;
    }
    const json_t *message = json_object_get(event.root, "message");
    if (message)
        print_message(message, view);
    say_of_stream(event.root);
    *code = EXIT_CODE_PROTOCOL;
    return fflush(stdout) == 0;
}

static enum exit_code follow(struct relay *relay, const struct read_options *options,
                             const char *thread)
{
    CLEANUP(view_clear) struct view view = { .json = options->common.json };
    struct text line CLEANUP(text_clear) = { 0 };
    struct answer answer CLEANUP(answer_clear) = { 0 };
    struct error err;
    enum exit_code code;
    const char *bytes;
    size_t length;

    make_line(options, thread,
              options->limit < REQUEST_LARGEST_PAGE ? options->limit : REQUEST_LARGEST_PAGE, 0,
              &line);
    if (!relay_ask_chat(relay, &line, RELAY_CHAT_TAKES_MS, options->common.json, &answer, &code))
        return code;
    take_view_of(answer.root, &view);
    print_messages(json_object_get(answer.root, "messages"), options->limit, &view);
    fflush(stdout);
    while (connection_receive(&relay->connection, MSEC_NEVER, &bytes, &length, &err) ==
           CONNECTION_DONE)
        if (!take_line(bytes, length, &view, &code))
            return code;
    say("%s", err.text);
    return EXIT_CODE_UNREACHABLE;
}

static enum exit_code read_run(const void *given, const struct strings *arguments)
{
    const struct read_options *options = given;
    struct relay relay CLEANUP(relay_close) = relay_named_by(&options->common);

    if (arguments->count > 1)
        return say_usage("read", "give one thread, or none for the default");
    const char *thread = arguments->count > 0 ? arguments->items[0] : NULL;
    return options->follow ? follow(&relay, options, thread) : print_pages(&relay, options, thread);
}

#define MEMBER(name) offsetof(struct read_options, name)

/* clang-format off */
static const struct option options[] = {
    { "limit", 'n', OPTION_COUNT, "N", MEMBER(limit), "the latest N messages (20)" },
    { "follow", 'f', OPTION_FLAG, NULL, MEMBER(follow), "then print what comes, as it comes" },
};
/* clang-format on */

static const struct read_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
    .limit = 20,
};

const struct verb verb_read = {
    .name = "read",
    .arguments = "[THREAD]",
    .summary = "Show what a thread shows in the chat, the newest last",
    .example = "chatrelay read ops -f",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = read_run,
};
