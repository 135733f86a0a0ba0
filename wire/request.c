#include "wire/request.h"

#include "base/nearest.h"
#include "base/text.h"
#include "wire/field.h"

#include <stdlib.h>
#include <string.h>

static const char *const op_names[REQUEST_OPS] = {
    [REQUEST_HELLO] = "hello",     [REQUEST_SEND] = "send",       [REQUEST_WAIT] = "wait",
    [REQUEST_SHOW] = "show",       [REQUEST_LIST] = "list",       [REQUEST_STATS] = "stats",
    [REQUEST_STATUS] = "status",   [REQUEST_THREADS] = "threads", [REQUEST_WHY] = "why",
    [REQUEST_LOG] = "log",         [REQUEST_CANCEL] = "cancel",   [REQUEST_HOLD] = "hold",
    [REQUEST_RELEASE] = "release", [REQUEST_RETRY] = "retry",     [REQUEST_PAUSE] = "pause",
    [REQUEST_RESUME] = "resume",   [REQUEST_FLUSH] = "flush",     [REQUEST_AUDIT] = "audit",
    [REQUEST_READ] = "read",       [REQUEST_EDIT] = "edit",       [REQUEST_UNSEND] = "unsend",
    [REQUEST_BACKUP] = "backup",   [REQUEST_CHECK] = "check",
};

const char *request_op_name(enum request_op op)
{
    return op_names[op];
}

static bool begins_object(const char *line, size_t length)
{
    const char *end = line + length;
    while (line < end && (*line == ' ' || *line == '\t' || *line == '\r'))
        line++;
    return line < end && *line == '{';
}

/* In our words, where the parser's are its own. */
static const char *what_is_wrong(const char *line, size_t length, const json_error_t *err)
{
    enum json_error_code code = json_error_code(err);
    if (code == json_error_null_character || code == json_error_null_byte_in_key)
        return "a string must not contain NUL (\\u0000)";
    if (code == json_error_end_of_input_expected)
        return "a line is one object, and something follows it";
    return begins_object(line, length) ? err->text : "a line is one object, {...}";
}

static bool load(const char *line, size_t length, struct request *request, struct refusal *refusal)
{
    json_error_t err;

    if (length > REQUEST_LONGEST_LINE)
        return refusal_set(refusal, REFUSAL_INVALID, NULL, "the line is longer than %d bytes",
                           REQUEST_LONGEST_LINE);
    request->root = json_loadb(line, length, JSON_REJECT_DUPLICATES, &err);
    if (!request->root)
        return refusal_set(refusal, REFUSAL_INVALID, NULL, "not JSON: %s (byte %d)",
                           what_is_wrong(line, length, &err), err.position);
    if (!json_is_object(request->root))
        return refusal_set(refusal, REFUSAL_INVALID, NULL, "a request is an object, not %s",
                           field_kind_of(request->root));
    return true;
}

static bool read_ref(struct request *request, struct refusal *refusal)
{
    const json_t *value = json_object_get(request->root, "ref");
    if (value && !json_is_string(value))
        return refusal_set(refusal, REFUSAL_INVALID, "ref", "ref must be a string, not %s",
                           field_kind_of(value));
    request->ref = json_string_value(value);
    return true;
}

static bool unknown_op(const char *name, struct refusal *refusal)
{
    const char *meant = nearest(name, op_names, REQUEST_OPS);
    if (meant)
        return refusal_set(refusal, REFUSAL_UNKNOWN_OP, "op",
                           "there is no operation \"%s\"; did you mean \"%s\"?", name, meant);

    struct text known CLEANUP(text_clear) = { 0 };
    for (size_t i = 0; i < REQUEST_OPS; i++)
        text_printf(&known, "%s%s", i > 0 ? ", " : "", op_names[i]);
    return refusal_set(refusal, REFUSAL_UNKNOWN_OP, "op", "known operations are %s", known.bytes);
}

static bool read_op(struct request *request, struct refusal *refusal)
{
    const json_t *value = json_object_get(request->root, "op");
    const char *name = json_string_value(value);

    if (!value) {
        request->op = REQUEST_SEND;
        return true;
    }
    if (!name)
        return refusal_set(refusal, REFUSAL_INVALID, "op", "op must be a string, not %s",
                           field_kind_of(value));
    for (size_t i = 0; i < REQUEST_OPS; i++) {
        if (strcmp(op_names[i], name) == 0) {
            request->op = (enum request_op)i;
            return true;
        }
    }
    return unknown_op(name, refusal);
}

/* A field that nobody has, or that this operation does not have. */
static bool unknown_field(const char *name, enum request_op op, struct refusal *refusal)
{
    enum { MOST_FIELDS = 64 };
    const char *names[MOST_FIELDS];
    size_t count = 0;

    if (field_find(name))
        return refusal_set(refusal, REFUSAL_INVALID, name, "%s is not a field of %s", name,
                           op_names[op]);
    for (size_t i = 0; i < field_count && count < MOST_FIELDS; i++)
        if (fields[i].ops & FIELD_OP(op))
            names[count++] = fields[i].name;

    const char *meant = nearest(name, names, count);
    if (meant)
        return refusal_set(refusal, REFUSAL_INVALID, name,
                           "there is no field \"%s\"; did you mean \"%s\"?", name, meant);
    return refusal_set(refusal, REFUSAL_INVALID, name, "there is no field \"%s\"", name);
}

static bool read_fields(struct reading *reading)
{
    struct request *request = reading->request;
    const char *name;
    json_t *value;

    json_object_foreach(request->root, name, value)
    {
        const struct field *field = field_find(name);
        if (!field || !(field->ops & FIELD_OP(request->op)))
            return unknown_field(name, request->op, reading->refusal);
        if (field->read && !field->read(field, value, reading))
            return false;
    }
    return true;
}

static bool nothing_is_missing(const struct request *request, struct refusal *refusal)
{
    for (const struct field *field = fields; field < fields + field_count; field++)
        if ((field->needed & FIELD_OP(request->op)) && !json_object_get(request->root, field->name))
            return refusal_set(refusal, REFUSAL_INVALID, field->name, "%s is missing", field->name);
    return true;
}

/* Operations on messages say which, in one way alone: a slip of the pen is not to be for all. */
static bool says_which_messages(const struct request *request, struct refusal *refusal)
{
    static const uint32_t ops = FIELD_OP(REQUEST_CANCEL) | FIELD_OP(REQUEST_HOLD) |
                                FIELD_OP(REQUEST_RELEASE) | FIELD_OP(REQUEST_RETRY);
    if ((ops & FIELD_OP(request->op)) == 0)
        return true;
    bool filters = request->thread || request->user || request->older_than_ms >= 0 ||
                   request->state != REQUEST_STATE_ANY ||
                   request->priority != REQUEST_PRIORITY_UNSAID;
    int ways = (request->id != 0) + (request->id_count > 0) + request->all + filters;
    if (ways == 1)
        return true;
    return refusal_set(refusal, REFUSAL_INVALID, NULL,
                       "%s which messages? give one of: id, ids, \"all\":true, or filters "
                       "(thread, state, user, priority, older_than)",
                       op_names[request->op]);
}

static bool says_why_of_what(const struct request *request, struct refusal *refusal)
{
    if (request->op != REQUEST_WHY || (request->id != 0) != (request->thread != NULL))
        return true;
    return refusal_set(refusal, REFUSAL_INVALID, NULL, "why what? give either id or thread");
}

bool request_parse(const char *line, size_t length, msec_t now_at, struct request *request,
                   struct refusal *refusal)
{
    *request =
        (struct request){ .ttl_ms = -1, .timeout_ms = -1, .older_than_ms = -1, .duration_ms = -1 };
    return load(line, length, request, refusal) && read_ref(request, refusal) &&
           read_op(request, refusal) &&
           read_fields(&(struct reading){ now_at, request, refusal }) &&
           nothing_is_missing(request, refusal) && says_which_messages(request, refusal) &&
           says_why_of_what(request, refusal);
}

void request_clear(struct request *request)
{
    json_decref(request->root);
    free(request->metadata);
    *request = (struct request){ 0 };
}
