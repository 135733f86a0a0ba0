#include "wire/field.h"

#include "base/duration.h"
#include "base/instant.h"
#include "base/text.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <string.h>

enum { QUOTED = 40 }; /* bytes of a wrong value that are worth repeating */

const char *field_kind_of(const json_t *value)
{
    static const char *const kinds[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",  [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a fraction", [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };
    return kinds[json_typeof(value)];
}

/* The precision to print `text` with: no more than QUOTED bytes, in whole characters. */
static int quoted(const char *text)
{
    return (int)utf8_cut(text, strlen(text), QUOTED);
}

static void *member(const struct field *field, struct reading *reading)
{
    return (char *)reading->request + field->offset;
}

static bool wrong_type(const struct field *field, const json_t *value, struct reading *reading,
                       const char *expected)
{
    return refusal_set(reading->refusal, REFUSAL_INVALID, field->name, "%s must be %s, not %s",
                       field->name, expected, field_kind_of(value));
}

static bool length_fits(const struct field *field, size_t length, struct reading *reading)
{
    if (length == 0 && field->least > 0)
        return refusal_set(reading->refusal, REFUSAL_INVALID, field->name, "%s is empty",
                           field->name);
    if (field->most > 0 && length > (size_t)field->most)
        return refusal_set(reading->refusal, REFUSAL_INVALID, field->name,
                           "%s has %zu bytes, at most %" PRId64 " are allowed", field->name, length,
                           field->most);
    return true;
}

static bool read_string(const struct field *field, json_t *value, struct reading *reading)
{
    if (!json_is_string(value))
        return wrong_type(field, value, reading, "a string");
    if (!length_fits(field, json_string_length(value), reading))
        return false;

    const char **string = member(field, reading);
    *string = json_string_value(value);
    return true;
}

static bool read_content(const struct field *field, json_t *value, struct reading *reading)
{
    reading->request->content_bytes = json_string_length(value);
    return read_string(field, value, reading);
}

static bool read_integer(const struct field *field, json_t *value, struct reading *reading)
{
    if (!json_is_integer(value))
        return wrong_type(field, value, reading, "an integer");

    json_int_t number = json_integer_value(value);
    if (number < field->least || number > field->most)
        return refusal_set(reading->refusal, REFUSAL_INVALID, field->name,
                           "%s is %" JSON_INTEGER_FORMAT ", but must be from %" PRId64
                           " to %" PRId64,
                           field->name, number, field->least, field->most);
    int64_t *integer = member(field, reading);
    *integer = number;
    return true;
}

static bool read_duration(const struct field *field, json_t *value, struct reading *reading)
{
    struct error err;
    msec_t *duration_ms = member(field, reading);

    if (!json_is_string(value))
        return wrong_type(field, value, reading, "a duration such as \"1h30m\"");
    if (!duration_parse(json_string_value(value), duration_ms, &err))
        return refusal_set(reading->refusal, REFUSAL_INVALID, field->name, "%s: %s", field->name,
                           err.text);
    if (*duration_ms < field->least)
        return refusal_set(reading->refusal, REFUSAL_INVALID, field->name,
                           "%s must be at least %" PRId64 " ms", field->name, field->least);
    return true;
}

static bool read_flag(const struct field *field, json_t *value, struct reading *reading)
{
    bool *flag = member(field, reading);
    if (!json_is_boolean(value))
        return wrong_type(field, value, reading, "true or false");
    *flag = json_is_true(value);
    return true;
}

static bool read_ids(const struct field *field, json_t *value, struct reading *reading)
{
    struct request *request = reading->request;
    if (!json_is_array(value))
        return wrong_type(field, value, reading, "an array of ids");
    size_t count = json_array_size(value);
    if (count == 0 || count > REQUEST_MOST_IDS)
        return refusal_set(reading->refusal, REFUSAL_INVALID, field->name,
                           "%s must hold 1 to %d ids, not %zu", field->name, REQUEST_MOST_IDS,
                           count);
    for (size_t i = 0; i < count; i++) {
        int64_t id = json_integer_value(json_array_get(value, i));
        if (id < 1)
            return refusal_set(reading->refusal, REFUSAL_INVALID, field->name,
                               "%s must hold integers from 1", field->name);
        request->ids[request->id_count++] = id;
    }
    return true;
}

/* RFC 3339, or "+10m": from now. */
static bool read_instant(const struct field *field, json_t *value, struct reading *reading)
{
    static const char expected[] = "an instant such as 2026-11-21T22:30:00Z, or +10m";
    const char *text = json_string_value(value);
    msec_t *instant_at = member(field, reading);
    msec_t duration_ms;

    if (!text)
        return wrong_type(field, value, reading, expected);
    if (text[0] == '+' && duration_parse(text + 1, &duration_ms, NULL))
        *instant_at = msec_add(reading->now_at, duration_ms);
    else if (!instant_parse_rfc3339(text, instant_at))
        return refusal_set(reading->refusal, REFUSAL_INVALID, field->name,
                           "%s must be %s, not \"%.*s\"", field->name, expected, quoted(text),
                           text);
    return true;
}

/* "urgent, normal or bulk" */
static void list_words(const struct field *field, struct text *list)
{
    for (size_t i = 0; i < field->word_count; i++) {
        if (!field->words[i])
            continue;
        if (list->length > 0)
            text_add(list, i + 1 < field->word_count ? ", " : " or ");
        text_add(list, field->words[i]);
    }
}

static bool read_word(const struct field *field, json_t *value, struct reading *reading)
{
    if (!json_is_string(value))
        return wrong_type(field, value, reading, "a string");

    const char *text = json_string_value(value);
    unsigned *word = member(field, reading); /* an enum without negative values */
    for (unsigned i = 0; i < field->word_count; i++) {
        if (field->words[i] && strcmp(field->words[i], text) == 0) {
            *word = i;
            return true;
        }
    }
    struct text known CLEANUP(text_clear) = { 0 };
    list_words(field, &known);
    return refusal_set(reading->refusal, REFUSAL_INVALID, field->name,
                       "%s must be %s, not \"%.*s\"", field->name, known.bytes, quoted(text), text);
}

static bool read_metadata(const struct field *field, json_t *value, struct reading *reading)
{
    const char *key;
    json_t *string;

    if (!json_is_object(value))
        return wrong_type(field, value, reading, "an object of strings");
    json_object_foreach(value, key, string)
    {
        if (!json_is_string(string))
            return refusal_set(reading->refusal, REFUSAL_INVALID, field->name,
                               "%s: the value of \"%.*s\" must be a string, not %s", field->name,
                               quoted(key), key, field_kind_of(string));
        if (strncmp(key, "chatrelay", strlen("chatrelay")) == 0)
            return refusal_set(reading->refusal, REFUSAL_INVALID, field->name,
                               "%s: %.*s is the relay's own key", field->name, quoted(key), key);
    }
    if (json_object_size(value) > 0)
        reading->request->metadata = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
    return true;
}

static const char *const types[] = {
    [REQUEST_TYPE_TEXT] = "text",
    [REQUEST_TYPE_HTML] = "html",
};

static const char *const priorities[] = {
    [REQUEST_PRIORITY_URGENT] = "urgent",
    [REQUEST_PRIORITY_NORMAL] = "normal",
    [REQUEST_PRIORITY_BULK] = "bulk",
};

static const char *const states[] = {
    [REQUEST_STATE_SCHEDULED] = "scheduled", [REQUEST_STATE_PENDING] = "pending",
    [REQUEST_STATE_HELD] = "held",           [REQUEST_STATE_SENT] = "sent",
    [REQUEST_STATE_FOLDED] = "folded",       [REQUEST_STATE_EXPIRED] = "expired",
    [REQUEST_STATE_CANCELLED] = "cancelled", [REQUEST_STATE_DEAD] = "dead",
};

static const char *const goals[] = {
    [REQUEST_FOR_END] = "end",
    [REQUEST_FOR_SENT] = "sent",
    [REQUEST_FOR_VISIBLE] = "visible",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define WORDS(array) .words = (array), .word_count = COUNT(array)
#define MEMBER(name) .offset = offsetof(struct request, name)

#define EVERY_OP UINT32_MAX
#define SEND FIELD_OP(REQUEST_SEND)
#define WAIT FIELD_OP(REQUEST_WAIT)
#define SHOW FIELD_OP(REQUEST_SHOW)
#define LIST FIELD_OP(REQUEST_LIST)
#define WHY FIELD_OP(REQUEST_WHY)
#define LOG FIELD_OP(REQUEST_LOG)
#define READ FIELD_OP(REQUEST_READ)
#define EDIT FIELD_OP(REQUEST_EDIT)
#define UNSEND FIELD_OP(REQUEST_UNSEND)
#define CHECK FIELD_OP(REQUEST_CHECK)
#define PAUSE FIELD_OP(REQUEST_PAUSE)
#define RESUME FIELD_OP(REQUEST_RESUME)
#define FLUSH FIELD_OP(REQUEST_FLUSH)
#define HANDS                                                                        \
    (FIELD_OP(REQUEST_CANCEL) | FIELD_OP(REQUEST_HOLD) | FIELD_OP(REQUEST_RELEASE) | \
     FIELD_OP(REQUEST_RETRY))
#define PAGES (LIST | LOG | READ | FIELD_OP(REQUEST_THREADS) | HANDS)

/* clang-format off */
const struct field fields[] = {
    { "op",                NULL, .ops = EVERY_OP },
    { "ref",               NULL, .ops = EVERY_OP },
    { "to",                read_string,   MEMBER(to), .ops = SEND, .least = 1 },
    { "content",           read_content,  MEMBER(content), .ops = SEND | EDIT, .needed = SEND | EDIT, .least = 1 },
    { "type",              read_word,     MEMBER(type), .ops = SEND, WORDS(types) },
    { "senderDisplayName", read_string,   MEMBER(display_name), .ops = SEND, .least = 1, .most = REQUEST_LONGEST_NAME },
    { "metadata",          read_metadata, MEMBER(metadata), .ops = SEND },
    { "priority",          read_word,     MEMBER(priority), .ops = SEND | LIST | HANDS, WORDS(priorities) },
    { "ttl",               read_duration, MEMBER(ttl_ms), .ops = SEND, .least = 1 },
    { "at",                read_instant,  MEMBER(due_at), .ops = SEND },
    { "once",              read_string,   MEMBER(once), .ops = SEND, .least = 1, .most = REQUEST_LONGEST_ONCE },
    { "fold",              read_string,   MEMBER(fold), .ops = SEND, .least = 1, .most = REQUEST_LONGEST_ONCE },
    { "id",                read_integer,  MEMBER(id), .ops = WAIT | SHOW | WHY | HANDS | EDIT | UNSEND, .needed = SHOW | EDIT | UNSEND, .least = 1, .most = INT64_MAX },
    { "ids",               read_ids,      .ops = HANDS },
    { "all",               read_flag,     MEMBER(all), .ops = HANDS },
    { "for",               read_word,     MEMBER(goal), .ops = WAIT, WORDS(goals) },
    { "timeout",           read_duration, MEMBER(timeout_ms), .ops = WAIT },
    { "thread",            read_string,   MEMBER(thread), .ops = LIST | HANDS | PAUSE | RESUME | FLUSH | WHY | LOG | READ | CHECK, .needed = PAUSE | RESUME, .least = 1 },
    { "duration",          read_duration, MEMBER(duration_ms), .ops = PAUSE, .least = 1 },
    { "follow",            read_flag,     MEMBER(follow), .ops = LOG | READ },
    { "sender",            read_string,   MEMBER(sender), .ops = CHECK, .least = 1 },
    { "remote",            read_flag,     MEMBER(remote), .ops = SHOW },
    { "state",             read_word,     MEMBER(state), .ops = LIST | HANDS, WORDS(states) },
    { "user",              read_string,   MEMBER(user), .ops = LIST | HANDS, .least = 1 },
    { "older_than",        read_duration, MEMBER(older_than_ms), .ops = LIST | HANDS },
    { "limit",             read_integer,  MEMBER(limit), .ops = PAGES, .least = 1, .most = REQUEST_LARGEST_PAGE },
    { "after",             read_integer,  MEMBER(after), .ops = PAGES | FIELD_OP(REQUEST_AUDIT), .least = 1, .most = INT64_MAX },
};
/* clang-format on */

const size_t field_count = COUNT(fields);

const struct field *field_find(const char *name)
{
    for (const struct field *field = fields; field < fields + field_count; field++)
        if (strcmp(field->name, name) == 0)
            return field;
    return NULL;
}
