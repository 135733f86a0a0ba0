#include "client/change.h"

#include "base/harmless.h"
#include "client/member.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void change_add(struct change *change, const json_t *answer)
{
    const char *why;
    json_t *count;
    if (!change->unchanged) {
        change->unchanged = json_object();
        change->left = json_array();
    }
    change->changed += member_integer(answer, "changed");
    change->wished += member_integer(answer, "wished");
    json_object_foreach(json_object_get(answer, "unchanged"), why, count) json_object_set_new(
        change->unchanged, why,
        json_integer(member_integer(change->unchanged, why) + json_integer_value(count)));
    json_array_extend(change->left, json_object_get(answer, "left"));
}

bool change_has_begun(const struct change *change)
{
    return change->unchanged != NULL;
}

static const char *done_word(enum request_op op)
{
    static const char *const words[REQUEST_OPS] = {
        [REQUEST_CANCEL] = "cancelled",
        [REQUEST_HOLD] = "held",
        [REQUEST_RELEASE] = "released",
        [REQUEST_RETRY] = "brought back",
    };
    return words[op];
}

static const char *say_why(const char *word)
{
    static const char *const words[][2] = {
        { "already", "so already" },
        { "not-found", "not found" },
        { "denied", "not allowed" },
        { "full", "for which there is no room now" },
        { "invalid", "too large to be taken again" },
        { "unknown-thread", "whose thread is not in the settings any more" },
        { "wiped", "whose content is not kept any more" },
        { "unfolded", "a digest whose messages go on by themselves" },
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], word) == 0)
            return words[i][1];
    return word;
}

static int64_t count_unchanged(const struct change *change)
{
    const char *why;
    json_t *count;
    int64_t sum = 0;
    json_object_foreach(change->unchanged, why, count) sum += json_integer_value(count);
    return sum;
}

void change_describe(const struct change *change, struct text *out)
{
    const char *why, *comma = ": ";
    json_t *count;
    int64_t unchanged = count_unchanged(change);

    text_printf(out, "%" PRId64 " %s", change->changed, done_word(change->op));
    if (change->wished > 0)
        text_printf(out, ", %" PRId64 " as soon as the attempt under way has ended, unless sent",
                    change->wished);
    if (unchanged > 0)
        text_printf(out, ", %" PRId64 " not", unchanged);
    json_object_foreach(change->unchanged, why, count)
    {
        text_printf(out, "%s%" PRId64 " ", comma, (int64_t)json_integer_value(count));
        harmless_add(out, say_why(why));
        comma = ", ";
    }
    text_add(out, "\n");
}

void change_as_json(const struct change *change, struct text *out)
{
    json_t *object = json_pack("{s:b, s:I, s:I, s:O, s:O}", "ok", 1, "changed",
                               (json_int_t)change->changed, "wished", (json_int_t)change->wished,
                               "unchanged", change->unchanged, "left", change->left);
    char *line = json_dumps(object, JSON_COMPACT);
    text_printf(out, "%s\n", line);
    free(line);
    json_decref(object);
}

enum exit_code change_exit_code(const struct change *change)
{
    if (json_object_get(change->unchanged, "not-found"))
        return EXIT_CODE_NOT_FOUND;
    if (json_object_get(change->unchanged, "denied"))
        return EXIT_CODE_DENIED;
    if (json_object_get(change->unchanged, "unknown-thread"))
        return EXIT_CODE_UNKNOWN_THREAD;
    if (json_object_get(change->unchanged, "full"))
        return EXIT_CODE_TRY_LATER;
    int64_t already = member_integer(change->unchanged, "already");
    return count_unchanged(change) > already ? EXIT_CODE_BAD_DATA : EXIT_CODE_DONE;
}

void change_clear(struct change *change)
{
    json_decref(change->unchanged);
    json_decref(change->left);
    *change = (struct change){ 0 };
}
