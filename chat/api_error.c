#include "chat/api_error.h"

#include "chat/json_text.h"

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

/* What is said behind it begins with a mark of its own: "..", or ".;", reads like a slip. */
static void drop_full_stop(char *sentence)
{
    size_t length = strlen(sentence);
    if (length > 0 && sentence[length - 1] == '.')
        sentence[length - 1] = '\0';
}

static bool read_error(json_t *answer, struct api_error *error)
{
    json_t *inner = member(answer, "error");
    if (!inner)
        inner = member(answer, "CommunicationError");
    const json_t *code = member(inner, "code");
    if (json_string_length(code) == 0)
        return false;
    json_text_copy(error->code, sizeof error->code, code);
    json_text_copy(error->message, sizeof error->message, member(inner, "message"));
    drop_full_stop(error->message);
    return true;
}

bool api_error_parse(const char *body, size_t length, struct api_error *error)
{
    *error = (struct api_error){ 0 };
    json_t *answer = json_loadb(body, length, 0, NULL);
    bool found = read_error(answer, error);
    json_decref(answer);
    return found;
}
