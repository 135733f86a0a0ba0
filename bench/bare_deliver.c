/*
 * bare_deliver PORT THREADS MESSAGES IN_FLIGHT - what libcurl alone delivers
 *
 * Posts messages as the relay does (same headers, same body, keep-alive, handles
 * reused), IN_FLIGHT at a time, with no order, no outbox and no budget.
 */
#include "base/memory.h"
#include "bench/tool.h"

#include <curl/curl.h>
#include <stdio.h>
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

/* The signature is libcurl's. NOLINTNEXTLINE(readability-non-const-parameter) */
static size_t discard(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static CURL *new_handle(const struct poster *poster)
{
    CURL *handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, poster->headers);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, discard);
    return handle;
}

static void start(struct poster *poster, CURL *handle)
{
    size_t number = poster->started++;
    char *url = xasprintf(
        "http://127.0.0.1:%s/chat/threads/19%%3At%zu%%40thread.v2/messages"
        "?api-version=2025-03-15",
        poster->port, number % poster->threads);
    char *body = xasprintf(
        "{\"content\":\"%09zu %s\",\"type\":\"text\",\"senderDisplayName\":"
        "\"bench\",\"metadata\":{\"chatrelayId\":\"%032zx\"}}",
        number, padding, number);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, body);
    curl_multi_add_handle(poster->multi, handle);
    free(body);
    free(url);
}

static void finish(struct poster *poster, CURL *handle, CURLcode result)
{
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK || status != 201)
        die("post: %s, status %ld", curl_easy_strerror(result), status);
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
    poster.headers = curl_slist_append(NULL, "Content-Type: application/json");
    poster.headers = curl_slist_append(poster.headers, "Authorization: Bearer bench");
    poster.headers = curl_slist_append(poster.headers, "Expect:");
    for (size_t i = to_count(argv[4]); i > 0 && poster.started < poster.messages; i--)
        start(&poster, new_handle(&poster));
    run(&poster);
    curl_slist_free_all(poster.headers);
    curl_multi_cleanup(poster.multi);
    curl_global_cleanup();
    return 0;
}
