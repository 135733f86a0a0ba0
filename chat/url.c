#include "chat/url.h"

#include <string.h>

bool url_is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

void url_add_endpoint(struct text *url, const char *endpoint)
{
    size_t length = strlen(endpoint);
    while (length > 0 && endpoint[length - 1] == '/')
        length--;
    text_append(url, endpoint, length);
}

void url_add_encoded(struct text *url, const char *part)
{
    for (; *part; part++) {
        if (url_is_unreserved(*part))
            text_append(url, part, 1);
        else
            text_printf(url, "%%%02X", (unsigned)(unsigned char)*part);
    }
}
