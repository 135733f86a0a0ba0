#include "chat/next_link.h"

#include "base/memory.h"

#include <curl/curl.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static void free_url(CURLU **url)
{
    curl_url_cleanup(*url);
}

/* Is `link` one that a web server could have meant? */
static bool of_the_web(CURLU *link)
{
    char *scheme = NULL;
    curl_url_get(link, CURLUPART_SCHEME, &scheme, 0);
    bool web = scheme && (strcasecmp(scheme, "https") == 0 || strcasecmp(scheme, "http") == 0);
    curl_free(scheme);
    return web;
}

static void free_part(char **part)
{
    curl_free(*part);
}

/* Of a URL that libcurl has read: scheme and server, as they are spelled there. */
static int server_length(const char *url)
{
    const char *separator = strstr(url, "://");
    const char *server = separator ? separator + 3 : url;
    return (int)(server - url + (ptrdiff_t)strcspn(server, "/?#"));
}

/* `url` with the path and the query of `link`. Its server is spelled as it was, whatever libcurl
 * makes of that: url_is_at() is to know it again. */
static char *stay_at_home(const char *url, CURLU *link)
{
    CLEANUP(free_part) char *path = NULL;
    CLEANUP(free_part) char *query = NULL;
    if (curl_url_get(link, CURLUPART_PATH, &path, 0) != CURLUE_OK)
        return NULL;
    curl_url_get(link, CURLUPART_QUERY, &query, 0); /* there may be none */
    return xasprintf("%.*s%s%s%s", server_length(url), url, path, query ? "?" : "",
                     query ? query : "");
}

char *next_link_resolve(const char *url, const char *link, struct error *err)
{
    CLEANUP(free_url) CURLU *next = curl_url();
    char *resolved = NULL;
    if (curl_url_set(next, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_set(next, CURLUPART_URL, link, 0) == CURLUE_OK && of_the_web(next))
        resolved = stay_at_home(url, next);
    if (!resolved)
        error_set(err, "the link to the next page is not a URL");
    return resolved;
}
