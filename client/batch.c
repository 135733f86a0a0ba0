/*
 * Many messages through one connection.
 *
 *     input -> [ window of items: sent ... | not yet sent ... ] -> output
 *                       ^ answers come for the oldest first
 *
 * When the connection breaks, all of the window is handed over again: every item
 * has its `once`. One poll() watches input and relay, so a slow source gets its
 * answers as they come.
 */
#include "client/batch.h"

#include "base/memory.h"
#include "client/batch_input.h"
#include "client/batch_item.h"
#include "client/content.h"
#include "client/input.h"
#include "client/once.h"
#include "client/relay.h"
#include "client/result.h"
#include "client/say.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WINDOW = 1024,                  /* items under way: enough to fill the relay's turns ... */
    WINDOW_BYTES = 4 * 1024 * 1024, /* ... and bytes of their lines, for the sake of memory */
    PAUSE_MS = 100,                 /* before a relay that is away is tried again */
};

struct batch {
    struct relay relay;
    json_t *defaults;
    struct batch_input input;
    struct batch_item items[WINDOW]; /* a ring; the oldest is items[first] */
    size_t first, count;
    size_t bytes;       /* of the lines of all items */
    size_t sent;        /* items of the window handed over on this connection ... */
    size_t sent_bytes;  /* ... and bytes of the one after them */
    msec_t progress_by; /* steady: give up if nothing moves until then */
    size_t repaired;    /* bytes of the input that were not UTF-8 */
    struct results results;
};

static struct batch_item *item_at(struct batch *batch, size_t index)
{
    return &batch->items[(batch->first + index) % WINDOW];
}

static void note_progress(struct batch *batch)
{
    batch->progress_by = relay_deadline(&batch->relay);
}

static void add_item(struct batch *batch, const char *line, size_t length)
{
    char once[ONCE_LENGTH + 1];
    if (length == 0)
        return;
    if (batch->count == 0)
        note_progress(batch);
    once_make_now(once);
    struct batch_item *item = item_at(batch, batch->count++);
    batch_item_make(item, line, length, batch->defaults, once, &batch->repaired);
    batch->bytes += item->line.length;
}

static bool has_room(const struct batch *batch)
{
    return batch->count < WINDOW && batch->bytes < WINDOW_BYTES;
}

/* Make items of the lines that were read, as far as the window has room. */
static void take_lines(struct batch *batch)
{
    const char *line;
    size_t length;
    while (has_room(batch) && batch_input_next(&batch->input, &line, &length))
        add_item(batch, line, length);
}

static void drop_oldest(struct batch *batch)
{
    batch->bytes -= item_at(batch, 0)->line.length;
    batch_item_clear(item_at(batch, 0));
    batch->first = (batch->first + 1) % WINDOW;
    batch->count--;
    if (batch->sent > 0)
        batch->sent--;
    note_progress(batch);
}

/* What was refused without asking the relay is answered when its turn comes. */
static void answer_refused_items(struct batch *batch)
{
    while (batch->count > 0 && item_at(batch, 0)->answer.length > 0) {
        results_take_refusal(&batch->results, item_at(batch, 0)->answer.bytes);
        drop_oldest(batch);
    }
}

/* The relay's answer to the oldest item. False if the connection is of no use any more. */
static bool take_answer(struct batch *batch, const char *line, size_t length, struct error *err)
{
    struct batch_item *item = item_at(batch, 0);
    struct answer answer CLEANUP(answer_clear) = { 0 };

    if (batch->count == 0)
        return error_set(err, "the relay answered what nobody asked");
    if (!answer_parse(line, length, &answer, err))
        return false;
    results_take_answer(&batch->results, &answer, line, length, item->doubted, item->once);
    bool was_handed_over = batch->sent > 0;
    drop_oldest(batch);
    answer_refused_items(batch);
    return was_handed_over || error_set(err, "the relay did not want to hear it all");
}

/* Hand over what the socket takes without waiting. */
static enum connection_result send_items(struct batch *batch, struct error *err)
{
    msec_t now = clock_now(&clock_system).steady_at;
    while (batch->sent < batch->count) {
        const struct text *line = &item_at(batch, batch->sent)->line;
        size_t sent = 0;
        enum connection_result result = CONNECTION_DONE;
        if (line->length > 0)
            result = connection_send(&batch->relay.connection, line->bytes + batch->sent_bytes,
                                     line->length - batch->sent_bytes, now, &sent, err);
        batch->sent_bytes += sent;
        if (result != CONNECTION_DONE)
            return result == CONNECTION_LATE ? CONNECTION_DONE : result;
        batch->sent++;
        batch->sent_bytes = 0;
    }
    return CONNECTION_DONE;
}

static enum connection_result read_answers(struct batch *batch, struct error *err)
{
    const char *line;
    size_t length;
    enum connection_result result = connection_read(&batch->relay.connection, err);

    while (connection_next_line(&batch->relay.connection, &line, &length))
        if (!take_answer(batch, line, length, err))
            return CONNECTION_BROKEN;
    return result;
}

/* Whatever was handed over and not answered is in doubt from now on. */
static void disconnect(struct batch *batch)
{
    size_t touched = batch->sent + (batch->sent_bytes > 0 ? 1 : 0);
    for (size_t i = 0; i < touched; i++)
        item_at(batch, i)->doubted = true;
    batch->sent = batch->sent_bytes = 0;
    connection_close(&batch->relay.connection);
}

static bool is_out_of_time(const struct batch *batch)
{
    return batch->count > 0 && connection_poll_timeout(batch->progress_by) == 0;
}

/* A connection, if there is work for it. False when it is hopeless. */
static bool reach(struct batch *batch, enum exit_code *code, struct error *err)
{
    while (batch->count > 0 && batch->relay.connection.fd < 0) {
        enum connection_opened opened =
            connection_open(&batch->relay.connection, batch->relay.path, err);
        if (opened == CONNECTION_OPEN)
            break;
        *code = opened == CONNECTION_FORBIDDEN    ? EXIT_CODE_DENIED
                : opened == CONNECTION_IMPOSSIBLE ? EXIT_CODE_BAD_SETTINGS
                                                  : EXIT_CODE_UNREACHABLE;
        if (opened != CONNECTION_REFUSED || is_out_of_time(batch))
            return false;
        poll(NULL, 0, PAUSE_MS);
    }
    return true;
}

/* Wait until something can be done, and do it. False to start over with a new connection. */
static bool turn(struct batch *batch, struct error *err)
{
    bool has_unsent = batch->sent < batch->count;
    bool wants_input = !batch->input.has_ended && has_room(batch);
    struct pollfd watched[] = {
        { .fd = wants_input ? batch->input.fd : -1, .events = POLLIN },
        { .fd = batch->relay.connection.fd,
          .events = (short)(has_unsent ? POLLIN | POLLOUT : POLLIN) },
    };
    int timeout = batch->count > 0 ? connection_poll_timeout(batch->progress_by) : -1;

    fflush(stdout);
    if (poll(watched, 2, timeout) <= 0)
        return true;
    if (watched[0].revents && !batch_input_read(&batch->input))
        results_note_lost_input(&batch->results);
    bool must_read = watched[1].revents & ~POLLOUT;
    if (watched[1].revents & POLLOUT) /* who closes on us may have said why */
        must_read = send_items(batch, err) != CONNECTION_DONE || must_read;
    return !must_read || read_answers(batch, err) == CONNECTION_DONE;
}

/* Results for all that is under way; what was not yet read from the input stays unread. */
static void give_up(struct batch *batch, enum exit_code code, const struct error *err)
{
    disconnect(batch);
    say("%s; gave up, and left the rest of the input unread", err->text);
    while (batch->count > 0) {
        const struct batch_item *item = item_at(batch, 0);
        results_take_silence(&batch->results, item->doubted, err->text, item->once, code);
        drop_oldest(batch);
        answer_refused_items(batch);
    }
}

static void work(struct batch *batch)
{
    struct error err = { "" };
    enum exit_code code = EXIT_CODE_UNREACHABLE;

    for (;;) {
        take_lines(batch);
        answer_refused_items(batch);
        if (batch->count == 0 && batch_input_is_over(&batch->input))
            return;
        if (is_out_of_time(batch))
            error_set(&err, "the relay at %s did not answer in time", batch->relay.path);
        if (is_out_of_time(batch) || !reach(batch, &code, &err)) {
            give_up(batch, code, &err);
            return;
        }
        if (!turn(batch, &err)) {
            disconnect(batch);
            poll(NULL, 0, PAUSE_MS);
        }
    }
}

/* Of bytes that are not UTF-8 there would be no JSON: the message would go elsewhere. */
static json_t *sound_string(const char *value)
{
    struct text sound CLEANUP(text_clear) = { 0 };
    text_add(&sound, "");
    content_repair(&sound, value, strlen(value));
    return json_stringn(sound.bytes, sound.length);
}

/* What lines that do not say it take from the command line. */
static json_t *make_defaults(const struct send_options *options)
{
    const struct {
        const char *name, *value;
    } rows[] = {
        { "to", options->to },     { "type", options->type },
        { "ttl", options->ttl },   { "priority", options->priority },
        { "at", options->at },     { "senderDisplayName", options->name },
        { "fold", options->fold },
    };
    json_t *defaults = json_object();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].value)
            json_object_set_new(defaults, rows[i].name, sound_string(rows[i].value));
    return defaults;
}

enum exit_code batch_run(const struct send_options *options)
{
    struct error err;
    int fd = input_open(options->file, &err);
    if (fd < 0) {
        say("%s", err.text);
        return EXIT_CODE_BAD_DATA;
    }

    struct batch *batch = xcalloc(1, sizeof *batch);
    batch->relay = relay_named_by(&options->common);
    batch->input = (struct batch_input){ .fd = fd, .name = input_name(options->file) };
    batch->defaults = make_defaults(options);
    work(batch);
    enum exit_code code = results_exit_code(&batch->results);
    if (batch->repaired > 0)
        say_repaired(batch->repaired);

    relay_close(&batch->relay);
    json_decref(batch->defaults);
    text_clear(&batch->input.received);
    input_close(fd);
    free(batch);
    return code;
}
