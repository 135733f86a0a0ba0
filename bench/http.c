#include "bench/http.h"

#include "bench/tool.h"

#include <stdlib.h>
#include <string.h>

static const char length_header[] = "\r\ncontent-length:";
static const char content_field[] = "\"content\":\"";
static const char newest_id[] = "1593072104708"; /* any will do: the clients only keep it */

static size_t body_length(const char *head, size_t length)
{
    for (const char *at = head; (at = memchr(at, '\r', (size_t)(head + length - at))); at++)
        if (strncasecmp(at, length_header, strlen(length_header)) == 0)
            return strtoul(at + strlen(length_header), NULL, 10);
    return 0;
}

bool http_request_read(const struct text *received, struct http_request *request)
{
    const char *end =
        received->length ? memmem(received->bytes, received->length, "\r\n\r\n", 4) : NULL;
    if (!end)
        return false;
    size_t head_bytes = (size_t)(end - received->bytes) + 4;
    const char *blank = memchr(received->bytes, ' ', head_bytes);
    if (!blank)
        die("not a request: %s", received->bytes);
    request->path = blank + 1;
    request->body = received->bytes + head_bytes;
    request->body_bytes = body_length(received->bytes, head_bytes);
    request->bytes = head_bytes + request->body_bytes;
    return received->length >= request->bytes;
}

void http_answer_created(struct text *out, const struct http_request *request)
{
    size_t path_length = strcspn(request->path, "? ");
    text_printf(out,
                "HTTP/1.1 201 Created\r\n"
                "Content-Type: application/json; charset=utf-8\r\n"
                "Content-Length: %zu\r\n"
                "Location: http://127.0.0.1%.*s/%s\r\n"
                "MS-CV: bench.0\r\n\r\n"
                "{\"id\":\"%s\"}",
                strlen("{\"id\":\"\"}") + strlen(newest_id), (int)path_length, request->path,
                newest_id, newest_id);
}

size_t http_message_number(const struct http_request *request)
{
    const char *at =
        memmem(request->body, request->body_bytes, content_field, strlen(content_field));
    return at ? strtoul(at + strlen(content_field), NULL, 10) : 0;
}
