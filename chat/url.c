#include "chat/url.h"

#include <string.h>

bool url_is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
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
