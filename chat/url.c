#include "chat/url.h"

#include <string.h>

bool url_is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/* Without the slashes at its end. */
static size_t endpoint_length(const char *endpoint)
{
    size_t length = strlen(endpoint);
    while (length > 0 && endpoint[length - 1] == '/')
        length--;
    return length;
}

void url_add_endpoint(struct text *url, const char *endpoint)
{
    text_append(url, endpoint, endpoint_length(endpoint));
}

bool url_is_at(const char *url, const char *endpoint)
{
    size_t length = endpoint_length(endpoint);
    return strncmp(url, endpoint, length) == 0 && url[length] == '/';
}

void url_add_encoded(struct text *url, const char *part)
{
    static const char digits[] = "0123456789ABCDEF";
    for (;;) {
        size_t run = 0;
        while (url_is_unreserved(part[run]))
            run++;
        text_append(url, part, run);
        part += run;
        if (!*part)
            return;
        unsigned char byte = (unsigned char)*part++;
        text_append(url, (const char[]){ '%', digits[byte >> 4], digits[byte & 0xf] }, 3);
    }
}

void url_add_thread(struct text *url, const char *endpoint, const char *thread)
{
    url_add_endpoint(url, endpoint);
    text_add(url, "/chat/threads/");
    url_add_encoded(url, thread);
}

void url_add_version(struct text *url, const char *api_version)
{
    text_add(url, "?api-version=");
    url_add_encoded(url, api_version);
}

size_t url_origin_length(const char *url)
{
    const char *host = strncmp(url, "http", 4) == 0 ? strstr(url, "://") : NULL;
    size_t length = host ? (size_t)(host - url) + 3 : 0;
    while (url[length] && url[length] != '/' && url[length] != '?' && url[length] != '#')
        length++;
    size_t end = length;
    while (url[end] > ' ' && url[end] < 0x7f && url[end] != '#')
        end++;
    return host && url[length] == '/' && !url[end] ? length : strlen(url);
}
