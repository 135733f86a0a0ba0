/* An answer's status (two bytes), a header's value up to a newline, and its body. */
#include "base/memory.h"
#include "base/utf8.h"
#include "chat/verdict.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void check(const struct delivery *delivery)
{
    size_t detail = strnlen(delivery->detail, sizeof delivery->detail);
    size_t code = strnlen(delivery->code, sizeof delivery->code);
    if (detail == sizeof delivery->detail || code == sizeof delivery->code ||
        utf8_valid_prefix(delivery->code, code) != code || delivery->outcome == OUTCOME_NONE)
        abort();
    for (size_t i = 0; i < detail; i++)
        if ((unsigned char)delivery->detail[i] < ' ')
            abort();
}

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    char *text = xmemdup0(data + 2, size - 2);
    char *body = strchr(text, '\n');
    if (body)
        *body++ = '\0';
    struct http_reply reply = {
        .progress = HTTP_ANSWERED,
        .status = 100 + (data[0] << 8 | data[1]) % 900,
        .body = body ? body : "",
        .body_length = body ? (size_t)(text + size - 2 - body) : 0,
        .retry_after = text,
        .location = text,
        .ms_cv = text,
        .content_type = text,
        .failure_text = "",
    };
    struct delivery sent = verdict_of_send(&reply, 0), listed = verdict_of_list(&reply, 0);
    check(&sent);
    check(&listed);
    free(text);
    return 0;
}
