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

static void fault_free(struct fault *fault)
{
    free(fault->text);
    free(fault->message);
    json_decref(fault->headers);
    free(fault);
}

/* SplitMix64: small, and the same on every machine. */
static double dice(struct fault *fault)
{
    fault->random += 0x9e3779b97f4a7c15U;
    uint64_t bits = fault->random;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
    bits ^= bits >> 31;
    return (double)(bits >> 11) * 0x1p-53;
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

static struct fault *fault_parse(json_t *json, struct error *err)
{
    struct fault *fault = xcalloc(1, sizeof *fault);
    bool good = json_is_object(json) || error_set(err, "a fault must be a JSON object");
    if (good && check_names(json, err) && read_target(fault, json, err) &&
        read_effect(fault, json, err) && check_sense(fault, err))
        return fault;
    fault_free(fault);
    return NULL;
}

static bool add_one(struct fault_plan *plan, json_t *json, struct error *err)
{
    struct fault *fault = fault_parse(json, err);
    if (!fault)
        return false;
    fault->id = ++plan->last_id;
    plan->faults = xreallocarray(plan->faults, plan->count + 1, sizeof(struct fault *));
    plan->faults[plan->count++] = fault;
    return true;
}

bool fault_plan_add(struct fault_plan *plan, json_t *json, int *first_id, struct error *err)
{
    size_t count_before = plan->count, index = 0;
    json_t *one = NULL;

    *first_id = plan->last_id + 1;
    if (!json_is_array(json))
        return add_one(plan, json, err);
    json_array_foreach(json, index, one)
    {
        if (add_one(plan, one, err))
            continue;
        while (plan->count > count_before)
            fault_free(plan->faults[--plan->count]);
        return false;
    }
    return true;
}

static bool is_meant(const struct fault *fault, const struct fault_target *target)
{
    bool any = fault->operation == OPERATION_ANY && target->operation != OPERATION_CONNECT;
    if (!any && fault->operation != target->operation)
        return false;
    if (fault->thread[0] && (!target->thread || strcmp(fault->thread, target->thread) != 0))
        return false;
    return !fault->reused || target->reused;
}

static bool strikes(struct fault *fault)
{
    fault->seen++;
    if (fault->seen <= fault->after || (fault->count > 0 && fault->hits == fault->count))
        return false;
    return fault->probability >= 1 || dice(fault) < fault->probability;
}

const struct fault *fault_plan_match(struct fault_plan *plan, const struct fault_target *target)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct fault *fault = plan->faults[i];
        if (is_meant(fault, target) && strikes(fault)) {
            fault->hits++;
            return fault;
        }
    }
    return NULL;
}

bool fault_plan_remove(struct fault_plan *plan, int id)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->faults[i]->id != id)
            continue;
        fault_free(plan->faults[i]);
        plan->count--;
        memmove(plan->faults + i, plan->faults + i + 1, (plan->count - i) * sizeof(struct fault *));
        return true;
    }
    return false;
}

void fault_plan_clear(struct fault_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        fault_free(plan->faults[i]);
    free(plan->faults);
    *plan = (struct fault_plan){ .last_id = plan->last_id };
}

json_t *fault_plan_json(const struct fault_plan *plan)
{
    json_t *list = json_array();
    for (size_t i = 0; i < plan->count; i++) {
        const struct fault *fault = plan->faults[i];
        json_array_append_new(list, json_pack("{s:i, s:s, s:s, s:s, s:I, s:I}", "id", fault->id,
                                              "what", kind_names[fault->kind], "op",
                                              operation_name(fault->operation), "thread",
                                              fault->thread, "seen", (json_int_t)fault->seen,
                                              "hits", (json_int_t)fault->hits));
    }
    return list;
}
