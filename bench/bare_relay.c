/*
 * bare_relay DATABASE PORT THREADS MESSAGES - what libcurl delivers from an outbox
 *
 * Posts a backlog in order, one message of a thread at a time. Each turn writes
 * down what has ended and what is begun next, in one commit, before anything
 * leaves: the relay's promises and nothing else. It checks nothing, reads no
 * answer, keeps no budget and logs nothing.
 */
#include "base/memory.h"
#include "bench/bare_post.h"
#include "bench/bare_store.h"
#include "bench/tool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { READ_AHEAD = 8 };

struct lane {
    CURL *handle;
    size_t thread;
    struct bare_message ahead[READ_AHEAD]; /* the one at `first` is next, or under way */
    size_t first, count;
    int64_t sent, sent_bytes;
};

struct relay {
    CURLM *multi;
    const char *port;
    struct bare_store store;
    struct lane *lanes;
    struct lane **ended; /* lanes whose message has ended in this turn */
    size_t threads, messages, ended_count, sent;
};

static bool has_message(struct relay *relay, struct lane *lane)
{
    if (lane->first < lane->count)
        return true;
    int64_t after = lane->count > 0 ? lane->ahead[lane->count - 1].id : 0;
    lane->count =
        bare_store_read(&relay->store, (int64_t)lane->thread, after, lane->ahead, READ_AHEAD);
    lane->first = 0;
    return lane->count > 0;
}

static void write_down_beginning(struct relay *relay, struct lane *lane)
{
    if (has_message(relay, lane))
        bare_store_doubt(&relay->store, &lane->ahead[lane->first]);
}

static void write_down_end(struct relay *relay, struct lane *lane)
{
    const struct bare_message *message = &lane->ahead[lane->first++];
    lane->sent_bytes += (int64_t)strlen(message->content);
    bare_store_end(&relay->store, (int64_t)lane->thread, message, ++lane->sent, lane->sent_bytes);
    relay->sent++;
}

static void post(struct relay *relay, struct lane *lane)
{
    if (lane->first == lane->count)
        return;
    const struct bare_message *message = &lane->ahead[lane->first];
    bare_post_address(lane->handle, relay->port, lane->thread, message->content, message->stamp);
    curl_multi_add_handle(relay->multi, lane->handle);
}

static void open_lanes(struct relay *relay, struct curl_slist *headers)
{
    bare_store_begin(&relay->store);
    for (size_t i = 0; i < relay->threads; i++) {
        struct lane *lane = &relay->lanes[i];
        lane->thread = i;
        lane->handle = bare_post_handle(headers);
        curl_easy_setopt(lane->handle, CURLOPT_PRIVATE, lane);
        write_down_beginning(relay, lane);
    }
    bare_store_commit(&relay->store);
    for (size_t i = 0; i < relay->threads; i++)
        post(relay, &relay->lanes[i]);
}

static void read_answers(struct relay *relay)
{
    int left;
    curl_multi_perform(relay->multi, &left);
    for (CURLMsg *message; (message = curl_multi_info_read(relay->multi, &left));) {
        struct lane *lane;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&lane);
        bare_post_check(lane->handle, message->data.result);
        curl_multi_remove_handle(relay->multi, lane->handle);
        relay->ended[relay->ended_count++] = lane;
    }
}

static void take_turn(struct relay *relay)
{
    bare_store_begin(&relay->store);
    for (size_t i = 0; i < relay->ended_count; i++) {
        write_down_end(relay, relay->ended[i]);
        write_down_beginning(relay, relay->ended[i]);
    }
    bare_store_commit(&relay->store);
    for (size_t i = 0; i < relay->ended_count; i++)
        post(relay, relay->ended[i]);
    relay->ended_count = 0;
}

static void run(struct relay *relay)
{
    while (relay->sent < relay->messages) {
        read_answers(relay);
        if (relay->ended_count > 0)
            take_turn(relay);
        else
            curl_multi_poll(relay->multi, NULL, 0, 1000, NULL);
    }
}

static void close_lanes(struct relay *relay)
{
    for (size_t i = 0; i < relay->threads; i++)
        curl_easy_cleanup(relay->lanes[i].handle);
    free(relay->lanes);
    free(relay->ended);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        die("usage: bare_relay DATABASE PORT THREADS MESSAGES");
    struct relay relay = { .port = argv[2],
                           .threads = to_count(argv[3]),
                           .messages = to_count(argv[4]) };
    relay.lanes = xcalloc(relay.threads, sizeof *relay.lanes);
    relay.ended = xcalloc(relay.threads, sizeof(struct lane *));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    bare_store_open(&relay.store, argv[1]);
    relay.multi = curl_multi_init();
    struct curl_slist *headers = bare_post_headers();
    open_lanes(&relay, headers);
    run(&relay);
    close_lanes(&relay);
    curl_slist_free_all(headers);
    curl_multi_cleanup(relay.multi);
    curl_global_cleanup();
    return 0;
}
