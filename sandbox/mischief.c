#include "sandbox/mischief.h"

#include <string.h>

const char mischief_garbage[] = "\x16\x03\x01\x02 this is no HTTP\r\n\xff\xfe{]\r\n\r\n";

/* A refusal gets the body of its kind, unless the fault has one of its own. */
static void alter_body(const struct fault *fault, struct answer *answer, enum error_shape shape,
                       int status)
{
    if (fault->text)
        answer_text(answer, "application/json", fault->text);
    else if (fault->has_shape)
        answer_error(answer, fault->shape, status, fault->message);
    else if (status >= 300)
        answer_error(answer, shape, status, fault->message);
    else if (!fault->stored)
        answer_empty(answer, status);
}

void mischief_alter(const struct fault *fault, struct answer *answer, enum error_shape shape,
                    msec_t now_at)
{
    const char *name = NULL;
    json_t *value = NULL;
    int status = fault->status > 0 ? fault->status : answer->status;

    if (fault->status > 0 || fault->text || fault->has_shape)
        alter_body(fault, answer, shape, status);
    answer->status = status;
    answer_retry_after(answer, fault->retry_after_form, fault->retry_after_ms, now_at);
    json_object_foreach(fault->headers, name, value)
    {
        answer_header(answer, name, json_string_value(value));
    }
}

void mischief_raw(const struct answer *answer, struct text *raw)
{
    const struct evkeyval *header = NULL;
    text_printf(raw, "HTTP/1.1 %d %s\r\n", answer->status, http_reason(answer->status));
    if (answer->status >= 200) {
        TAILQ_FOREACH(header, &answer->headers, next)
        text_printf(raw, "%s: %s\r\n", header->key, header->value);
        text_printf(raw, "Content-Length: %zu\r\n", answer->body.length);
    }
    text_add(raw, "\r\n");
    if (answer->body.length > 0)
        text_append(raw, answer->body.bytes, answer->body.length);
}

size_t mischief_cut(const struct fault *fault, const struct answer *answer, const struct text *raw)
{
    size_t body_half = (answer->body.length + 1) / 2;
    size_t wanted = fault->bytes < 0 ? raw->length - body_half : (size_t)fault->bytes;
    return wanted < raw->length ? wanted : raw->length;
}
