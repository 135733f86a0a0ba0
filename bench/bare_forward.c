/*
 * bare_forward DATABASE SOCKET PORT - the shortest way from a line to the wire
 *
 * For one client: reads a line, stores it with one commit, answers, and posts it
 * with libcurl on a connection kept alive.
 */
#include "base/memory.h"
#include "base/text.h"
#include "bench/bare_post.h"
#include "bench/bare_store.h"
#include "bench/tool.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 4096 };

static void forward(struct bare_store *store, CURL *handle, const char *port, int client,
                    const char *line)
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

    bare_post_address(handle, port, 0, content, "");
    bare_post_check(handle, curl_easy_perform(handle));
    json_decref(request);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        die("usage: bare_forward DATABASE SOCKET PORT");
    struct bare_store store;
    bare_store_open(&store, argv[1]);
    struct curl_slist *headers = bare_post_headers();
    CURL *handle = bare_post_handle(headers);
    int client = accept_from(listen_unix(argv[2]));
    char line[READ_BYTES + 1];
    for (ssize_t length; (length = read(client, line, READ_BYTES)) > 0;) {
        line[length] = '\0';
        forward(&store, handle, argv[3], client, line);
    }
    curl_easy_cleanup(handle);
    curl_slist_free_all(headers);
    return 0;
}
