#include "chat/http.h"

#include "base/memory.h"
#include "chat/curl_loop.h"
#include "chat/exchange.h"
#include "chat/url.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT_CONNECTIONS = 256 }; /* with less than are under way, each answer would cost one */

struct http {
    struct exchange_setup setup;
    struct exchange **exchanges; /* all there are */
    size_t exchange_count;
    struct exchange **idle; /* the latest last; room for all */
    size_t idle_count;
};

static struct exchange *add_exchange(struct http *http)
{
    size_t count = http->exchange_count + 1;
    http->exchanges = xreallocarray(http->exchanges, count, sizeof(struct exchange *));
    http->idle = xreallocarray(http->idle, count, sizeof(struct exchange *));
    http->exchange_count = count;
    return http->exchanges[count - 1] = exchange_new(&http->setup);
}

/* Best one that had the same origin last. */
static struct exchange *take_idle(struct http *http, const char *url, size_t length)
{
    if (http->idle_count == 0)
        return add_exchange(http);
    size_t place = http->idle_count;
    while (place > 0 && !exchange_had_origin(http->idle[place - 1], url, length))
        place--;
    place = place > 0 ? place - 1 : http->idle_count - 1;
    struct exchange *exchange = http->idle[place];
    http->idle_count--;
    memmove(&http->idle[place], &http->idle[place + 1],
            (http->idle_count - place) * sizeof(struct exchange *));
    return exchange;
}

void http_start(struct http *http, const struct http_request *request, http_done *done,
                void *context)
{
    size_t length = url_origin_length(request->url);
    exchange_begin(take_idle(http, request->url, length), request, length, done, context);
}

static void on_finished(void *context, CURL *easy, CURLcode result)
{
    struct http *http = context;
    struct exchange *exchange = exchange_of(easy);
    exchange_end(exchange, result);
    http->idle[http->idle_count++] = exchange;
}

/* libcurl forgets its defaults once another place is set: note them first. */
static bool note_system_certificates(struct http *http, struct error *err)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        return error_set(err, "libcurl has no room for a request");
    char *file = NULL, *folder = NULL;
    curl_easy_getinfo(easy, CURLINFO_CAINFO, &file);
    curl_easy_getinfo(easy, CURLINFO_CAPATH, &folder);
    http->setup.system_ca_file = xstrdup_or_null(file);
    http->setup.system_ca_folder = xstrdup_or_null(folder);
    curl_easy_cleanup(easy);
    return true;
}

struct http *http_new(struct event_base *loop, const char *user_agent, struct error *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        error_set(err, "libcurl could not be started");
        return NULL;
    }
    struct http *http = xcalloc(1, sizeof *http);
    http->setup.user_agent = user_agent ? xasprintf("User-Agent: %s", user_agent) : NULL;
    http->setup.loop = curl_loop_new(loop, KEPT_CONNECTIONS, on_finished, http, err);
    if (!http->setup.loop || !note_system_certificates(http, err)) {
        http_free(http);
        return NULL;
    }
    return http;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    for (size_t i = 0; i < http->exchange_count; i++)
        exchange_free(http->exchanges[i]);
    free(http->exchanges);
    free(http->idle);
    curl_loop_free(http->setup.loop);
    free(http->setup.user_agent);
    free(http->setup.system_ca_file);
    free(http->setup.system_ca_folder);
    free(http);
    curl_global_cleanup();
}
