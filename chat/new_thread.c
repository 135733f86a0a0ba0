#include "chat/new_thread.h"

#include "base/memory.h"
#include "chat/json_text.h"
#include "chat/raw_id.h"
#include "chat/url.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char api_version[] = "2025-03-15";

void new_thread_url(struct text *url, const char *endpoint)
{
    url_add_endpoint(url, endpoint);
    text_add(url, "/chat/threads");
    url_add_version(url, api_version);
}

void new_thread_body(struct text *body, const char *topic)
{
    json_text_dump(body,
                   json_pack("{s:s, s:{s:s}}", "topic", topic, "retentionPolicy", "kind", "none"));
}

static int value_of_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place; what is not an encoded byte stays as it is. */
static void decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from; to++) {
        int high = from[0] == '%' ? value_of_digit(from[1]) : -1;
        int low = high >= 0 ? value_of_digit(from[2]) : -1;
        bool encoded = low >= 0;
        if (encoded)
            *to = (char)(high * 16 + low);
        else
            *to = *from;
        from += encoded ? 3 : 1;
    }
    *to = '\0';
}

/* ACS: https://HOST/chat/threads/19%3A...@thread.v2 */
static char *id_in_location(const char *location)
{
    static const char path[] = "/chat/threads/";
    const char *start = location ? strstr(location, path) : NULL;
    if (!start)
        return NULL;
    start += sizeof path - 1;
    char *id = xmemdup0(start, strcspn(start, "/?#"));
    decode(id);
    return id;
}

char *new_thread_parse(const char *body, size_t length, const char *location, struct error *err)
{
    json_t *answer = json_loadb(body, length, 0, NULL);
    const json_t *id = json_object_get(json_object_get(answer, "chatThread"), "id");
    char *found = json_is_string(id) ? xstrdup(json_string_value(id)) : id_in_location(location);
    json_decref(answer);
    if (found && raw_id_is_usable(found))
        return found;
    free(found);
    error_set(err, "the answer does not say which thread was made");
    return NULL;
}
