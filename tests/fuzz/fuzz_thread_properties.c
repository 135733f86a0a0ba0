/* The body of a Get Chat Thread Properties answer. */
#include "base/utf8.h"
#include "chat/thread.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void check_text(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    if (length == size || utf8_valid_prefix(text, length) != length)
        abort();
}

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thread_properties properties;
    struct error err;
    if (!thread_parse(&properties, (const char *)data, size, &err))
        return 0;
    check_text(properties.topic, sizeof properties.topic);
    check_text(properties.creator, sizeof properties.creator);
    check_text(properties.retention, sizeof properties.retention);
    if (properties.created_at < 0 || properties.deleted_at < 0 || properties.retention_days < 0)
        abort();
    return 0;
}
