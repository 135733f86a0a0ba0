/* A message as the chat has it, in words: whatever it says, nothing commands the terminal. */
#include "base/memory.h"
#include "client/chat_message.h"

#include <stdint.h>
#include <stdlib.h>

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(text_clear) struct text out = { 0 };
    json_t *message = json_loadb((const char *)data, size, 0, NULL);
    if (!message)
        return 0;
    chat_message_describe(&out, message, "8:acs:relay");
    for (size_t i = 0; i < out.length; i++)
        if (((unsigned char)out.bytes[i] < ' ' && out.bytes[i] != '\n' && out.bytes[i] != '\t') ||
            out.bytes[i] == 0x7f)
            abort();
    json_decref(message);
    return 0;
}
