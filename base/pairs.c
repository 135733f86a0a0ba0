#include "base/pairs.h"

#include <string.h>
#include <strings.h>

bool pairs_find(const char *text, const char *name, const char **value, size_t *length)
{
    size_t name_length = strlen(name);
    while (*text) {
        size_t pair_length = strcspn(text, ";");
        if (strncasecmp(text, name, name_length) == 0 && text[name_length] == '=') {
            *value = text + name_length + 1;
            *length = pair_length - name_length - 1;
            return true;
        }
        text += pair_length;
        text += strspn(text, ";");
    }
    return false;
}
