#include "chat/url.h"

#include <string.h>

static const char unreserved[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

bool url_is_unreserved(char c)
{
    return c && strchr(unreserved, c);
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
    for (;;) {
        size_t run = strspn(part, unreserved);
        text_append(url, part, run);
        part += run;
        if (!*part)
            return;
        text_printf(url, "%%%02X", (unsigned)(unsigned char)*part++);
    }
}
