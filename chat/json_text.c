#include "chat/json_text.h"

#include "base/utf8.h"

#include <string.h>

void json_text_copy(char *to, size_t size, const json_t *string)
{
    const char *from = json_is_string(string) ? json_string_value(string) : "";
    size_t length = utf8_cut(from, strlen(from), size - 1);
    memcpy(to, from, length);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)to[i] < ' ' || to[i] == 0x7f)
            to[i] = ' ';
    to[length] = '\0';
}
