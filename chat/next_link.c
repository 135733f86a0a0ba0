#include "chat/next_link.h"

#include "base/memory.h"

#include <curl/curl.h>
#include <stdlib.h>
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

/* Give `link` the part of `page`, which may be nothing. */
static bool take_part(CURLU *link, CURLU *page, CURLUPart part)
{
    char *value = NULL;
    curl_url_get(page, part, &value, 0);
    bool taken = curl_url_set(link, part, value, 0) == CURLUE_OK;
    curl_free(value);
    return taken;
}

/* All but path and query. */
static bool stay_at_home(CURLU *link, CURLU *page)
{
    static const CURLUPart parts[] = { CURLUPART_SCHEME, CURLUPART_HOST,     CURLUPART_PORT,
                                       CURLUPART_USER,   CURLUPART_PASSWORD, CURLUPART_FRAGMENT };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!take_part(link, page, parts[i]))
            return false;
    return true;
}

char *next_link_resolve(const char *url, const char *link, struct error *err)
{
    CLEANUP(free_url) CURLU *page = curl_url();
    CLEANUP(free_url) CURLU *next = curl_url();
    char *resolved = NULL;

    if (curl_url_set(page, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_set(next, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_set(next, CURLUPART_URL, link, 0) != CURLUE_OK || !of_the_web(next) ||
        !stay_at_home(next, page) || curl_url_get(next, CURLUPART_URL, &resolved, 0) != CURLUE_OK) {
        error_set(err, "the link to the next page is not a URL");
        return NULL;
    }
    char *copy = xstrdup(resolved);
    curl_free(resolved);
    return copy;
}
