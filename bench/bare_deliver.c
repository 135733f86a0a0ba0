/*
 * bare_deliver PORT THREADS MESSAGES IN_FLIGHT - what libcurl alone delivers
 *
 * Posts messages as the relay does (same headers, same body, keep-alive, handles
 * reused), IN_FLIGHT at a time, with no order, no outbox and no budget.
 */
#include "base/memory.h"
#include "bench/bare_post.h"
#include "bench/tool.h"

#include <stdlib.h>

struct poster {
    CURLM *multi;
    const char *port;
    size_t threads, messages, started, ended;
    struct curl_slist *headers;
};

static const char padding[] =
    "The filesystem /var on db01 is 93 % full: 4.1 GiB of 60 GiB are left. "
    "At the rate of the last hour it will be full in 3 h 20 min. "
    "Largest: /var/lib/postgresql 41 GiB, /var/log 9 GiB.";

static void start(struct poster *poster, CURL *handle)
{
    size_t number = poster->started++;
    char *content = xasprintf("%09zu %s", number, padding);
    char *stamp = xasprintf("%032zx", number);
    bare_post_address(handle, poster->port, number % poster->threads, content, stamp);
    curl_multi_add_handle(poster->multi, handle);
    free(stamp);
    free(content);
}

static void finish(struct poster *poster, CURL *handle, CURLcode result)
{
    bare_post_check(handle, result);
    curl_multi_remove_handle(poster->multi, handle);
    poster->ended++;
    if (poster->started < poster->messages)
        start(poster, handle);
    else
        curl_easy_cleanup(handle);
}

static void run(struct poster *poster)
{
    while (poster->ended < poster->messages) {
        int running, left;
        curl_multi_perform(poster->multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read(poster->multi, &left));)
            finish(poster, message->easy_handle, message->data.result);
        if (poster->ended < poster->messages)
            curl_multi_poll(poster->multi, NULL, 0, 1000, NULL);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5)
        die("usage: bare_deliver PORT THREADS MESSAGES IN_FLIGHT");
    struct poster poster = { .port = argv[1],
                             .threads = to_count(argv[2]),
                             .messages = to_count(argv[3]) };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    poster.multi = curl_multi_init();
    poster.headers = bare_post_headers();
    for (size_t i = to_count(argv[4]); i > 0 && poster.started < poster.messages; i--)
        start(&poster, bare_post_handle(poster.headers));
    run(&poster);
    curl_slist_free_all(poster.headers);
    curl_multi_cleanup(poster.multi);
    curl_global_cleanup();
    return 0;
}
