/* 10-setup.conf: what is read out of it is written again byte for byte. */
#include "base/memory.h"
#include "setup/own_settings.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(own_settings_clear) struct own_settings own = { 0 };
    CLEANUP(own_settings_clear) struct own_settings again = { 0 };
    /* The fuzzer cannot guess a checksum: the bytes are settings of their own, too. */
    CLEANUP(free_memory) char *text = xmemdup0(data, size);
    if (own_settings_parse(&own, text, size))
        own_settings_clear(&own);
    text[strcspn(text, "\n")] = '\0';
    size_t length = strlen(text);
    if (length == 0 || strchr(text, ']') || text[0] == '#' || text[0] == '[' || strstr(text, " = "))
        return 0;
    own_settings_set(&own, "thread ops", "id", text);
    CLEANUP(free_memory) char *printed = own_settings_print(&own);
    if (!own_settings_parse(&again, printed, strlen(printed)) ||
        strcmp(own_settings_get(&again, "thread ops", "id"), text) != 0)
        abort();
    return 0;
}
