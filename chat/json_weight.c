#include "chat/json_weight.h"

#include <stdbool.h>

size_t json_weight(const char *bytes, size_t length)
{
    size_t weight = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char byte = bytes[i];
        if (byte == '"')
            in_string = !in_string;
        else if (in_string)
            i += byte == '\\'; /* what is escaped ends nothing */
        else
            weight += byte == '{' || byte == '[' || byte == ',' || byte == ':';
    }
    return weight;
}
