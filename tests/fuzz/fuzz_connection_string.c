/* What is in a key file: a connection string or a key. */
#include "base/memory.h"
#include "chat/connection_string.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void check(const struct access_key *key)
{
    if (key->length == 0 || key->length > sizeof key->bytes)
        abort();
}

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(free_memory) char *text = xmemdup0(data, size);
    struct connection_string parts;
    struct access_key key;
    struct error err;
    if (connection_string_parse(text, &parts, &err)) {
        check(&parts.key);
        if (strncmp(parts.endpoint, "http", 4) != 0)
            abort();
    }
    if (access_key_parse(text, &key, &err))
        check(&key);
    connection_string_clear(&parts);
    return 0;
}
