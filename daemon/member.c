#include "daemon/member.h"

void member_text(json_t *object, const char *name, const char *text)
{
    if (text && text[0])
        json_object_set_new(object, name, json_string(text));
}

void member_number(json_t *object, const char *name, int64_t number)
{
    if (number)
        member_count(object, name, number);
}

void member_count(json_t *object, const char *name, int64_t number)
{
    json_object_set_new(object, name, json_integer(number));
}
