#include "client/batch_item.h"

#include "base/memory.h"
#include "client/check.h"
#include "client/content.h"
#include "wire/answer.h"

#include <stdlib.h>
#include <string.h>

static bool is_send(const json_t *object)
{
    const json_t *op = json_object_get(object, "op");
    return !op || (json_is_string(op) && strcmp(json_string_value(op), "send") == 0);
}

static void refuse(struct batch_item *item, const json_t *object)
{
    struct refusal refusal;
    refusal_set(&refusal, REFUSAL_INVALID, "op", "only send has a place here");
    answer_refused(&item->answer, &refusal, json_string_value(json_object_get(object, "ref")));
}

/* `object` is what the line says. */
static void complete(struct batch_item *item, json_t *object, json_t *defaults, const char *once)
{
    if (!is_send(object)) {
        refuse(item, object);
        return;
    }
    json_object_update_missing(object, defaults);
    if (!json_object_get(object, "once"))
        json_object_set_new(object, "once", json_string(once));
    item->once = xstrdup_or_null(json_string_value(json_object_get(object, "once")));

    char *line CLEANUP(free_memory) = json_dumps(object, JSON_COMPACT);
    if (check_bytes(line, strlen(line), &item->answer))
        text_printf(&item->line, "%s\n", line);
}

void batch_item_make(struct batch_item *item, const char *input, size_t length, json_t *defaults,
                     const char *once, size_t *repaired)
{
    struct text sound CLEANUP(text_clear) = { 0 };

    *item = (struct batch_item){ 0 };
    text_add(&sound, "");
    *repaired += content_repair(&sound, input, length);
    json_t *object = json_loadb(sound.bytes, sound.length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(object))
        complete(item, object, defaults, once);
    else if (check_bytes(sound.bytes, sound.length, &item->answer))
        abort(); /* what is no object is no request */
    json_decref(object);
}

void batch_item_clear(struct batch_item *item)
{
    text_clear(&item->line);
    text_clear(&item->answer);
    free(item->once);
    *item = (struct batch_item){ 0 };
}
