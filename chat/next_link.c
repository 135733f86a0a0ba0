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

/* Equal in `part`; neither having it is equal too. */
static bool same_part(CURLU *one, CURLU *other, CURLUPart part)
{
    char *first = NULL, *second = NULL;
    curl_url_get(one, part, &first, CURLU_DEFAULT_PORT);
    curl_url_get(other, part, &second, CURLU_DEFAULT_PORT);
    bool same = first && second ? strcasecmp(first, second) == 0 : first == second;
    curl_free(first);
    curl_free(second);
    return same;
}

static bool same_origin(CURLU *one, CURLU *other)
{
    return same_part(one, other, CURLUPART_SCHEME) && same_part(one, other, CURLUPART_HOST) &&
           same_part(one, other, CURLUPART_PORT) && same_part(one, other, CURLUPART_USER) &&
           same_part(one, other, CURLUPART_PASSWORD);
}

char *next_link_resolve(const char *url, const char *link, struct error *err)
{
    CLEANUP(free_url) CURLU *page = curl_url();
    CLEANUP(free_url) CURLU *next = curl_url();
    char *resolved = NULL;

    if (curl_url_set(page, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_set(next, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_set(next, CURLUPART_URL, link, 0) != CURLUE_OK) {
        error_set(err, "the link to the next page is not a URL");
        return NULL;
    }
    if (!same_origin(page, next)) {
        error_set(err, "the link to the next page leads to another server");
        return NULL;
    }
    if (curl_url_get(next, CURLUPART_URL, &resolved, 0) != CURLUE_OK) {
        error_set(err, "the link to the next page is not a URL");
        return NULL;
    }
    char *copy = xstrdup(resolved);
    curl_free(resolved);
    return copy;
}
