#include "chat/api_error.h"

#include "base/utf8.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

static json_t *member(json_t *object, const char *name)
{
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at))
        if (strcasecmp(json_object_iter_key(at), name) == 0)
            return json_object_iter_value(at);
    return NULL;
}

/* Copy as much as fits without cutting a character; control characters become spaces. */
static void copy_text(char *to, size_t size, const json_t *string)
{
    const char *from = json_is_string(string) ? json_string_value(string) : "";
    size_t length = utf8_cut(from, strlen(from), size - 1);
    memcpy(to, from, length);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)to[i] < ' ' || to[i] == 0x7f)
            to[i] = ' ';
    to[length] = '\0';
}

static bool read_error(json_t *answer, struct api_error *error)
{
    json_t *inner = member(answer, "error");
    if (!inner)
        inner = member(answer, "CommunicationError");
    const json_t *code = member(inner, "code");
    copy_text(error->code, sizeof error->code, code);
    copy_text(error->message, sizeof error->message, member(inner, "message"));
    return json_string_length(code) > 0;
}

bool api_error_parse(const char *body, size_t length, struct api_error *error)
{
    *error = (struct api_error){ 0 };
    json_t *answer = json_loadb(body, length, 0, NULL);
    bool found = read_error(answer, error);
    json_decref(answer);
    return found;
}
