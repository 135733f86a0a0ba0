#include "bench/bare_post.h"

#include "base/memory.h"
#include "bench/tool.h"

#include <stdlib.h>

struct curl_slist *bare_post_headers(void)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Authorization: Bearer bench");
    return curl_slist_append(headers, "Expect:");
}

/* The signature is libcurl's. NOLINTNEXTLINE(readability-non-const-parameter) */
static size_t discard(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

CURL *bare_post_handle(struct curl_slist *headers)
{
    CURL *handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, discard);
    return handle;
}

void bare_post_address(CURL *handle, const char *port, size_t thread, const char *content,
                       const char *stamp)
{
    char *url = xasprintf(
        "http://127.0.0.1:%s/chat/threads/19%%3At%zu%%40thread.v2/messages"
        "?api-version=2025-03-15",
        port, thread);
    char *body = xasprintf(
        "{\"content\":\"%s\",\"type\":\"text\",\"senderDisplayName\":"
        "\"bench\",\"metadata\":{\"chatrelayId\":\"%s\"}}",
        content, stamp);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, body);
    free(body);
    free(url);
}

void bare_post_check(CURL *handle, CURLcode result)
{
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK || status != 201)
        die("post: %s, status %ld", curl_easy_strerror(result), status);
}
