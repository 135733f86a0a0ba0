#include "wire/answer.h"

#include "base/quote.h"

#include <string.h>

static void end_line(struct text *out, const char *ref)
{
    if (ref) {
        text_add(out, ",\"ref\":");
        quote_json(out, ref);
    }
    text_add(out, "}\n");
}

static void add_number(struct text *out, const char *name, int64_t number)
{
    text_add(out, name);
    text_add_number(out, number);
}

/* There is one for every message: so this does without printf. */
void answer_accepted(struct text *out, const struct acceptance *acceptance, const char *ref)
{
    add_number(out, "{\"ok\":true,\"id\":", acceptance->id);
    text_add(out, ",\"state\":\"");
    text_add(out, acceptance->state);
    text_add(out, "\"");
    if (acceptance->position >= 0)
        add_number(out, ",\"position\":", acceptance->position);
    if (acceptance->eta_ms >= 0)
        add_number(out, ",\"eta_ms\":", acceptance->eta_ms);
    if (acceptance->duplicate)
        text_add(out, ",\"duplicate\":true");
    end_line(out, ref);
}

void answer_refused(struct text *out, const struct refusal *refusal, const char *ref)
{
    text_printf(out, "{\"ok\":false,\"error\":\"%s\"", refusal_name(refusal->word));
    if (refusal->field[0]) {
        text_add(out, ",\"field\":");
        quote_json(out, refusal->field);
    }
    text_add(out, ",\"message\":");
    quote_json(out, refusal->message);
    text_add(out, refusal->retry ? ",\"retry\":true" : ",\"retry\":false");
    end_line(out, ref);
}

static int append_to_text(const char *bytes, size_t length, void *text)
{
    text_append(text, bytes, length);
    return 0;
}

void answer_json(struct text *out, const json_t *object, const char *ref)
{
    text_add(out, "{\"ok\":true");
    if (object && json_object_size(object) > 0) {
        text_add(out, ",");
        json_dump_callback(object, append_to_text, out, JSON_COMPACT | JSON_EMBED);
    }
    end_line(out, ref);
}

/* A string member, "" if there is none. */
static const char *string_of(const json_t *object, const char *name)
{
    const char *string = json_string_value(json_object_get(object, name));
    return string ? string : "";
}

static void read_refusal(const json_t *root, struct refusal *refusal)
{
    enum refusal_word word = REFUSAL_INVALID;
    const char *name = string_of(root, "error");
    bool known = refusal_from_name(name, &word);

    const char *message = string_of(root, "message");
    if (known)
        refusal_set(refusal, word, string_of(root, "field"), "%s", message);
    else
        refusal_set(refusal, word, string_of(root, "field"), "%s: %s", name, message);
    refusal->retry = json_is_true(json_object_get(root, "retry"));
}

bool answer_parse(const char *line, size_t length, struct answer *answer, struct error *err)
{
    json_error_t json_error;

    *answer = (struct answer){ .root = json_loadb(line, length, 0, &json_error) };
    if (!answer->root)
        return error_set(err, "the relay's answer is not JSON: %s", json_error.text);

    const json_t *ok = json_object_get(answer->root, "ok");
    if (!json_is_boolean(ok)) {
        answer_clear(answer);
        return error_set(err, "the relay's answer has no \"ok\"; is this chatrelayd's socket?");
    }
    answer->ok = json_is_true(ok);
    if (!answer->ok)
        read_refusal(answer->root, &answer->refusal);
    return true;
}

void answer_clear(struct answer *answer)
{
    json_decref(answer->root);
    *answer = (struct answer){ 0 };
}
