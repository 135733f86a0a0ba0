#include "chat/json_text.h"

#include "base/harmless.h"
#include "base/instant.h"
#include "base/utf8.h"

#include <stdlib.h>

void json_text_copy(char *to, size_t size, const json_t *string)
{
    CLEANUP(text_clear) struct text shown = { 0 };
    if (json_is_string(string))
        harmless_add_line(&shown, json_string_value(string), json_string_length(string));
    utf8_copy(to, size, shown.bytes ? shown.bytes : "");
}

msec_t json_text_instant(const json_t *string)
{
    msec_t at = 0;
    const char *text = json_string_value(string);
    return text && instant_parse_rfc3339(text, &at) ? at : 0;
}

void json_text_dump(struct text *out, json_t *json)
{
    char *bytes = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    text_add(out, bytes ? bytes : "{}");
    free(bytes);
}
