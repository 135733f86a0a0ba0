#include "chat/header_text.h"

#include <stdbool.h>
#include <string.h>

void header_text_copy(char *to, size_t size, const char *value)
{
    size_t length = value ? strnlen(value, size - 1) : 0;
    for (size_t i = 0; i < length; i++) {
        bool visible = value[i] > ' ' && value[i] < 0x7f;
        if (visible)
            to[i] = value[i];
        else
            to[i] = '_';
    }
    to[length] = '\0';
}
