#include "client/relay.h"

#include "client/check.h"
#include "client/line.h"
#include "client/member.h"
#include "client/say.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    FIRST_PAUSE_MS = 20,
    LONGEST_PAUSE_MS = 500,
    HELD_MS = 100, /* who closes sooner than that has not really taken us */
};

#define USUAL_SOCKET "/run/chatrelay/socket"

/* One question under way. */
struct question {
    struct relay *relay;
    const struct text *line;
    void (*make)(void *context, struct text *line); /* NULL: the line stays */
    void *context;
    struct text made;
    msec_t answer_by;
    msec_t reach_by;     /* renewed by a connection that held */
    msec_t connected_at; /* steady */
    msec_t pause_ms;
    bool handed_over; /* some of it, at least once */
    struct error *err;
};

static msec_t steady_now(void)
{
    return clock_now(&clock_system).steady_at;
}

struct relay relay_named_by(const struct common_options *options)
{
    const char *path = options->socket;
    if (!path)
        path = getenv("CHATRELAY_SOCKET"); /* one thread: NOLINT(concurrency-mt-unsafe) */
    if (!path || !path[0])
        path = USUAL_SOCKET;
    return (struct relay){ path, options->timeout_ms, 0, { .fd = -1 } };
}

msec_t relay_deadline(const struct relay *relay)
{
    return msec_add(steady_now(), relay->timeout_ms);
}

/* False when there is no time left to try again. */
static bool pause_before_next_try(struct question *question)
{
    msec_t until = msec_min(question->reach_by, question->answer_by);
    if (steady_now() + question->pause_ms >= until)
        return false;
    poll(NULL, 0, (int)question->pause_ms);
    question->pause_ms = msec_min(2 * question->pause_ms, LONGEST_PAUSE_MS);
    return true;
}

/* A person at a terminal shall know what takes so long. */
static void tell_that_we_wait(const struct question *question)
{
    if (question->pause_ms == FIRST_PAUSE_MS && isatty(STDERR_FILENO))
        say("%s; trying again", question->err->text);
}

static void advise(struct error *err)
{
    const struct error what = *err;
    error_set(err,
              "%s (is it running? systemctl status chatrelayd; "
              "another relay: --socket or CHATRELAY_SOCKET)",
              what.text);
}

static enum relay_result connect_to(struct question *question)
{
    struct relay *relay = question->relay;
    for (;;) {
        switch (connection_open(&relay->connection, relay->path, question->err)) {
        case CONNECTION_OPEN:
            question->connected_at = steady_now();
            return RELAY_ANSWERED;
        case CONNECTION_FORBIDDEN:
            return RELAY_FORBIDDEN;
        case CONNECTION_IMPOSSIBLE:
            return RELAY_IMPOSSIBLE;
        case CONNECTION_REFUSED:
            break;
        }
        tell_that_we_wait(question);
        if (!pause_before_next_try(question)) {
            advise(question->err);
            return RELAY_UNREACHABLE;
        }
    }
}

/* Hand over and listen, on an open connection. */
static enum connection_result try_once(struct question *question, const char **answer_line,
                                       size_t *length)
{
    struct connection *connection = &question->relay->connection;
    size_t sent;
    if (question->make) {
        text_empty(&question->made);
        question->make(question->context, &question->made);
    }
    connection->passes_fd = question->relay->passes_fd;
    enum connection_result result =
        connection_send(connection, question->line->bytes, question->line->length,
                        question->answer_by, &sent, question->err);
    question->handed_over = question->handed_over || sent > 0;
    /* Who closes on us may have said why: an answer may be there although we could not finish. */
    if (result != CONNECTION_LATE)
        result =
            connection_receive(connection, question->answer_by, answer_line, length, question->err);
    if (result == CONNECTION_LATE)
        error_set(question->err, "the relay at %s did not answer in time", question->relay->path);
    return result;
}

static enum relay_result settle(const struct question *question, enum relay_result result)
{
    return question->handed_over ? RELAY_SILENT : result;
}

static bool try_again(struct question *question)
{
    if (steady_now() - question->connected_at >= HELD_MS) {
        question->reach_by = relay_deadline(question->relay);
        question->pause_ms = FIRST_PAUSE_MS;
    }
    connection_close(&question->relay->connection);
    return pause_before_next_try(question);
}

static enum relay_result ask(struct question *question, struct answer *answer, bool *repeated)
{
    struct relay *relay = question->relay;
    for (;;) {
        enum relay_result connected = RELAY_ANSWERED;
        if (relay->connection.fd < 0)
            connected = connect_to(question);
        if (connected != RELAY_ANSWERED)
            return settle(question, connected);

        const char *line;
        size_t length;
        *repeated = question->handed_over;
        enum connection_result result = try_once(question, &line, &length);
        if (result == CONNECTION_DONE)
            return answer_parse(line, length, answer, question->err) ? RELAY_ANSWERED
                                                                     : RELAY_GARBLED;
        if (result == CONNECTION_LATE || !try_again(question))
            return settle(question, RELAY_UNREACHABLE);
    }
}

/* Times are shown as the relay's settings want them. */
static void use_time_zone_of(const struct answer *answer)
{
    const char *zone = member_string(answer->root, "time_zone");
    if (!zone[0])
        return;
    setenv("TZ", zone, 1); /* NOLINT(concurrency-mt-unsafe): there is one thread */
    tzset();
}

static enum relay_result begin(struct question *question, struct answer *answer, bool *repeated)
{
    question->reach_by = relay_deadline(question->relay);
    question->connected_at = steady_now();
    question->pause_ms = FIRST_PAUSE_MS;
    *answer = (struct answer){ 0 };
    enum relay_result result = ask(question, answer, repeated);
    if (result != RELAY_ANSWERED)
        connection_close(&question->relay->connection);
    else
        use_time_zone_of(answer);
    return result;
}

enum relay_result relay_ask(struct relay *relay, const struct text *line, msec_t answer_by,
                            struct answer *answer, bool *repeated, struct error *err)
{
    struct question question = { .relay = relay, .line = line, .answer_by = answer_by, .err = err };
    return begin(&question, answer, repeated);
}

enum relay_result relay_ask_anew(struct relay *relay,
                                 void (*make)(void *context, struct text *line), void *context,
                                 msec_t answer_by, struct answer *answer, struct error *err)
{
    bool repeated;
    struct question question = {
        .relay = relay, .make = make, .context = context, .answer_by = answer_by, .err = err
    };
    question.line = &question.made;
    enum relay_result result = begin(&question, answer, &repeated);
    text_clear(&question.made);
    return result;
}

enum exit_code relay_exit_code(enum relay_result result)
{
    switch (result) {
    case RELAY_ANSWERED:
        return EXIT_CODE_DONE;
    case RELAY_UNREACHABLE:
    case RELAY_SILENT:
        return EXIT_CODE_UNREACHABLE;
    case RELAY_FORBIDDEN:
        return EXIT_CODE_DENIED;
    case RELAY_IMPOSSIBLE:
        return EXIT_CODE_BAD_SETTINGS;
    case RELAY_GARBLED:
        break;
    }
    return EXIT_CODE_PROTOCOL;
}

static enum exit_code say_unknown(const char *what, const char *look)
{
    say("%s; see  %s", what, look);
    return EXIT_CODE_UNKNOWN;
}

/* A refusal proves nothing when an earlier try changed what it is about, or was taken. */
static enum exit_code take_refusal(const struct answer *answer, bool repeated, const char *look,
                                   bool json)
{
    enum exit_code code = say_refusal(answer, json);
    if (!look || !repeated ||
        (answer->refusal.word != REFUSAL_WRONG_STATE && !check_leaves_doubt(&answer->refusal)))
        return code;
    return say_unknown("an earlier try may have done it, as its answer was lost", look);
}

static enum exit_code take_silence(enum relay_result result, const char *look,
                                   const struct error *err)
{
    say("%s", err->text);
    if (look && (result == RELAY_SILENT || result == RELAY_GARBLED))
        return say_unknown("it may have been done", look);
    return relay_exit_code(result);
}

/* Without `look` it only reads. */
static bool ask_and_say(struct relay *relay, const struct text *line, const char *look,
                        msec_t answer_by, bool json, struct answer *answer, enum exit_code *code)
{
    struct error err;
    bool repeated = false;
    if (!check_line(line, json, code))
        return false;
    enum relay_result result = relay_ask(relay, line, answer_by, answer, &repeated, &err);
    *code = EXIT_CODE_DONE;
    if (result != RELAY_ANSWERED)
        *code = take_silence(result, look, &err);
    else if (!answer->ok)
        *code = take_refusal(answer, repeated, look, json);
    if (*code != EXIT_CODE_DONE)
        answer_clear(answer);
    return *code == EXIT_CODE_DONE;
}

bool relay_ask_simply(struct relay *relay, const struct text *line, bool json,
                      struct answer *answer, enum exit_code *code)
{
    return ask_and_say(relay, line, NULL, relay_deadline(relay), json, answer, code);
}

bool relay_ask_change(struct relay *relay, const struct text *line, const char *look, bool json,
                      struct answer *answer, enum exit_code *code)
{
    return ask_and_say(relay, line, look, relay_deadline(relay), json, answer, code);
}

bool relay_greet(struct relay *relay, bool json, enum exit_code *code)
{
    struct text line CLEANUP(text_clear) = { 0 };
    struct answer answer CLEANUP(answer_clear) = { 0 };
    if (relay->connection.fd >= 0)
        return true;
    line_begin(&line, REQUEST_HELLO);
    line_end(&line);
    return relay_ask_simply(relay, &line, json, &answer, code);
}

bool relay_ask_chat(struct relay *relay, const struct text *line, msec_t chat_takes_ms, bool json,
                    struct answer *answer, enum exit_code *code)
{
    if (!relay_greet(relay, json, code))
        return false;
    msec_t answer_by = msec_add(relay_deadline(relay), chat_takes_ms);
    return ask_and_say(relay, line, NULL, answer_by, json, answer, code);
}

void relay_close(struct relay *relay)
{
    connection_close(&relay->connection);
}
