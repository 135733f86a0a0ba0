#include "sandbox/fault.h"

#include "base/memory.h"
#include "base/nearest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
    [FAULT_ANSWER] = "answer", [FAULT_RESET] = "reset",   [FAULT_CLOSE] = "close",
    [FAULT_STALL] = "stall",   [FAULT_CUT] = "cut",       [FAULT_GARBAGE] = "garbage",
    [FAULT_LATE] = "late",     [FAULT_REPEAT] = "repeat",
};

enum { KINDS = sizeof kind_names / sizeof kind_names[0] };

static const char *const field_names[] = {
    "op",      "thread",  "reused", "after",  "count",          "probability",
    "seed",    "what",    "stored", "status", "body",           "text",
    "message", "headers", "for_ms", "bytes",  "retry_after_ms", "retry_after_form",
};

enum { FIELDS = sizeof field_names / sizeof field_names[0] };

void fault_free(struct fault *fault)
{
    if (!fault)
        return;
    free(fault->text);
    free(fault->message);
    json_decref(fault->headers);
    free(fault);
}

static bool check_names(json_t *json, struct error *err)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(json, name, value)
    {
        bool known = false;
        for (size_t i = 0; i < FIELDS && !known; i++)
            known = strcmp(name, field_names[i]) == 0;
        if (known)
            continue;
        const char *near = nearest(name, field_names, FIELDS);
        if (near)
            return error_set(err, "a fault has no field \"%s\"; did you mean \"%s\"?", name, near);
        return error_set(err, "a fault has no field \"%s\"", name);
    }
    return true;
}

static bool read_string(json_t *json, const char *name, const char **value, struct error *err)
{
    json_t *field = json_object_get(json, name);
    *value = json_string_value(field);
    return !field || *value || error_set(err, "\"%s\" must be a string", name);
}

static bool read_number(json_t *json, const char *name, int64_t least, int64_t most, int64_t *value,
                        struct error *err)
{
    json_t *field = json_object_get(json, name);
    if (!field)
        return true;
    *value = json_integer_value(field);
    return (json_is_integer(field) && *value >= least && *value <= most) ||
           error_set(err, "\"%s\" must be a whole number in %lld..%lld", name, (long long)least,
                     (long long)most);
}

static bool read_flag(json_t *json, const char *name, bool *value, struct error *err)
{
    json_t *field = json_object_get(json, name);
    *value = json_is_true(field);
    return !field || json_is_boolean(field) || error_set(err, "\"%s\" must be true or false", name);
}

static bool read_kind(struct fault *fault, json_t *json, struct error *err)
{
    const char *name = NULL;
    if (!read_string(json, "what", &name, err))
        return false;
    size_t kind = 0;
    while (name && kind < KINDS && strcmp(name, kind_names[kind]) != 0)
        kind++;
    fault->kind = (enum fault_kind)kind;
    return kind < KINDS ||
           error_set(err,
                     "\"what\" is \"%s\", not one of answer, reset, close, stall, cut, "
                     "garbage, late, repeat",
                     name);
}

static bool copy_name(char *place, size_t size, const char *name, struct error *err)
{
    if (name && strlen(name) >= size)
        return error_set(err, "\"%.40s...\" is too long", name);
    snprintf(place, size, "%s", name ? name : "");
    return true;
}

static bool read_target(struct fault *fault, json_t *json, struct error *err)
{
    const char *op = NULL, *thread = NULL;
    int64_t after = 0, count = 1, seed = 1;
    json_t *probability = json_object_get(json, "probability");

    if (!read_string(json, "op", &op, err) || !read_string(json, "thread", &thread, err) ||
        (op && !operation_parse(op, &fault->operation, err)) ||
        !copy_name(fault->thread, sizeof fault->thread, thread, err) ||
        !read_flag(json, "reused", &fault->reused, err) ||
        !read_number(json, "after", 0, INT64_MAX, &after, err) ||
        !read_number(json, "count", 0, INT64_MAX, &count, err) ||
        !read_number(json, "seed", 0, INT64_MAX, &seed, err))
        return false;
    fault->after = (uint64_t)after;
    fault->count = (uint64_t)count;
    fault->random = (uint64_t)seed;
    fault->probability = probability ? json_number_value(probability) : 1;
    return !probability ||
           (json_is_number(probability) && fault->probability > 0 && fault->probability <= 1) ||
           error_set(err, "\"probability\" must be above 0 and at most 1");
}

static bool read_body(struct fault *fault, json_t *json, struct error *err)
{
    const char *shape = NULL, *text = NULL, *message = NULL;
    if (!read_string(json, "body", &shape, err) || !read_string(json, "text", &text, err) ||
        !read_string(json, "message", &message, err))
        return false;
    if (shape && !error_shape_parse(shape, &fault->shape))
        return error_set(err, "\"body\" must be observed, documented, empty or html");
    fault->has_shape = shape != NULL;
    fault->text = xstrdup_or_null(text);
    fault->message = xstrdup_or_null(message);
    return true;
}

static bool read_headers(struct fault *fault, json_t *json, struct error *err)
{
    json_t *headers = json_object_get(json, "headers");
    const char *name = NULL;
    json_t *value = NULL;
    if (headers && !json_is_object(headers))
        return error_set(err, "\"headers\" must be an object");
    json_object_foreach(headers, name, value)
    {
        if (!json_is_string(value))
            return error_set(err, "header \"%s\" must be a string", name);
    }
    fault->headers = json_incref(headers);
    return true;
}

static bool read_retry_after(struct fault *fault, json_t *json, struct error *err)
{
    const char *form = "seconds";
    json_t *wait = json_object_get(json, "retry_after_ms");
    if (!wait)
        return true;
    if (json_object_get(json, "retry_after_form") &&
        !read_string(json, "retry_after_form", &form, err))
        return false;
    if (!retry_after_form_parse(form, &fault->retry_after_form))
        return error_set(err,
                         "\"retry_after_form\" must be seconds, date, retry-after-ms, "
                         "x-ms-retry-after-ms or none");
    return read_number(json, "retry_after_ms", 0, INT64_MAX / 2, &fault->retry_after_ms, err);
}

static bool read_effect(struct fault *fault, json_t *json, struct error *err)
{
    int64_t status = 0;
    fault->for_ms = -1;
    fault->bytes = -1;
    if (!read_kind(fault, json, err) || !read_flag(json, "stored", &fault->stored, err) ||
        !read_number(json, "status", 100, 599, &status, err) ||
        !read_number(json, "for_ms", 0, INT32_MAX, &fault->for_ms, err) ||
        !read_number(json, "bytes", 0, INT32_MAX, &fault->bytes, err))
        return false;
    fault->status = (int)status;
    if (fault->kind == FAULT_ANSWER && status == 0)
        fault->stored = true;
    return read_body(fault, json, err) && read_headers(fault, json, err) &&
           read_retry_after(fault, json, err);
}

/* What makes no sense would silently do nothing, and a test would prove nothing. */
static bool check_sense(const struct fault *fault, struct error *err)
{
    bool connect = fault->operation == OPERATION_CONNECT;
    if (connect && fault->kind != FAULT_RESET)
        return error_set(err, "a new connection can only be met by \"reset\"");
    if (connect && (fault->thread[0] || fault->reused || fault->stored))
        return error_set(err, "a new connection has no thread, no earlier request, stores nothing");
    if (fault->kind == FAULT_LATE && fault->for_ms < 0)
        return error_set(err, "\"late\" needs \"for_ms\"");
    if (fault->kind == FAULT_ANSWER && fault->status == 0 && !fault->has_shape && !fault->text &&
        !fault->headers && fault->retry_after_form == RETRY_AFTER_NONE)
        return error_set(err,
                         "say what shall go wrong: \"what\", \"status\", \"body\", \"text\", "
                         "\"headers\" or \"retry_after_ms\"");
    return true;
}

struct fault *fault_parse(json_t *json, struct error *err)
{
    struct fault *fault = xcalloc(1, sizeof *fault);
    bool good = json_is_object(json) || error_set(err, "a fault must be a JSON object");
    if (good && check_names(json, err) && read_target(fault, json, err) &&
        read_effect(fault, json, err) && check_sense(fault, err))
        return fault;
    fault_free(fault);
    return NULL;
}

const char *fault_kind_name(enum fault_kind kind)
{
    return kind_names[kind];
}
