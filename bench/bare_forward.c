/*
 * bare_forward DATABASE SOCKET PORT - the shortest way from a line to the wire
 *
 * For one client: reads a line, stores it with one commit, answers, and posts it
 * with libcurl on a connection kept alive.
 */
#include "base/memory.h"
#include "base/text.h"
#include "bench/bare_store.h"
#include "bench/tool.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 4096 };

/* The signature is libcurl's. NOLINTNEXTLINE(readability-non-const-parameter) */
static size_t discard(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static CURL *new_handle(const char *port, struct curl_slist *headers)
{
    CURL *handle = curl_easy_init();
    char *url = xasprintf(
        "http://127.0.0.1:%s/chat/threads/19%%3At0%%40thread.v2/messages"
        "?api-version=2025-03-15",
        port);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, discard);
    free(url);
    return handle;
}

static void forward(struct bare_store *store, CURL *handle, int client, const char *line)
{
    json_t *request = json_loads(line, 0, NULL);
    const char *content = json_string_value(json_object_get(request, "content"));
    if (!content)
        die("not a message: %s", line);
    bare_store_begin(store);
    int64_t id = bare_store_add(store, 0, content);
    bare_store_commit(store);

    char *answer = xasprintf("{\"ok\":true,\"id\":%lld}\n", (long long)id);
    write_all(client, answer, strlen(answer));
    free(answer);

    json_t *body = json_pack("{s:s, s:s}", "content", content, "type", "text");
    char *bytes = json_dumps(body, JSON_COMPACT);
    curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, bytes);
    if (curl_easy_perform(handle) != CURLE_OK)
        die("the chat went away");
    free(bytes);
    json_decref(body);
    json_decref(request);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        die("usage: bare_forward DATABASE SOCKET PORT");
    struct bare_store store;
    bare_store_open(&store, argv[1]);
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CURL *handle = new_handle(argv[3], headers);
    int client = accept_from(listen_unix(argv[2]));
    char line[READ_BYTES + 1];
    for (ssize_t length; (length = read(client, line, READ_BYTES)) > 0;) {
        line[length] = '\0';
        forward(&store, handle, client, line);
    }
    curl_easy_cleanup(handle);
    curl_slist_free_all(headers);
    return 0;
}
