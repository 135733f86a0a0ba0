#include "config/value.h"

#include "base/memory.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "config/setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool value_say_bounds(const struct setting *setting, char *text, size_t size)
{
    char least[VALUE_LONGEST_TEXT], most[VALUE_LONGEST_TEXT];
    if (!setting->type->say)
        return false;
    setting->type->say(setting->least, least);
    setting->type->say(setting->most, most);
    snprintf(text, size, "%s to %s%s%s%s%s", least, most, setting->unit ? " " : "",
             setting->unit ? setting->unit : "", setting->unlimited ? ", or " : "",
             setting->unlimited ? setting->unlimited : "");
    return true;
}

/* A comment behind a value, which inih would know but we do not take. */
static bool has_comment(const char *value)
{
    if (*value == '#' || *value == ';')
        return true;
    for (const char *at = strpbrk(value, "#;"); at; at = strpbrk(at + 1, "#;"))
        if (at[-1] == ' ' || at[-1] == '\t')
            return true;
    return false;
}

static bool is_quoted(const char *value)
{
    size_t length = strlen(value);
    return length >= 2 && (*value == '"' || *value == '\'') && value[length - 1] == *value;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f)
            return true;
    return false;
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

bool value_fits_line(const char *text, struct error *err)
{
    size_t length = strlen(text);
    if (length == 0)
        return error_set(err, "empty; leave the line out for the default");
    if (has_control(text))
        return error_set(err, "there is a control character in it");
    if (utf8_valid_prefix(text, length) != length)
        return error_set(err, "it is not UTF-8");
    if (is_blank(*text) || is_blank(text[length - 1]))
        return error_set(err, "blanks around it would not belong to it");
    if (has_comment(text))
        return error_set(err,
                         "a comment needs a line of its own, \"#\" and \";\" behind a value "
                         "would belong to it");
    return !is_quoted(text) || error_set(err, "values are written without quotes");
}

bool value_check(const struct setting *setting, const char *text, struct error *err)
{
    char bounds[3 * VALUE_LONGEST_TEXT];
    void *value = xcalloc(1, setting->type->size);
    bool valid = setting->type->parse(setting, text, value, err);
    if (valid && setting->type->clear)
        setting->type->clear(value);
    free(value);
    if (!valid && value_say_bounds(setting, bounds, sizeof bounds)) {
        struct error reason = *err;
        error_set(err, "%.160s (allowed: %s)", reason.text, bounds);
    }
    return valid;
}

static size_t count_choices(const struct setting *setting)
{
    size_t count = 0;
    while (setting->choices[count])
        count++;
    return count;
}

static void list_choices(const struct setting *setting, char *text, size_t size)
{
    size_t count = count_choices(setting), used = 0;
    for (size_t i = 0; i < count && used < size; i++) {
        const char *before = i == 0 ? "" : i == count - 1 ? " or " : ", ";
        used += (size_t)snprintf(text + used, size - used, "%s%s", before, setting->choices[i]);
    }
}

static bool parse_choice(const struct setting *setting, const char *text, void *value,
                         struct error *err)
{
    char allowed[128];
    for (int i = 0; setting->choices[i]; i++)
        if (strcmp(text, setting->choices[i]) == 0) {
            memcpy(value, &i, sizeof i);
            return true;
        }
    list_choices(setting, allowed, sizeof allowed);
    const char *near = nearest(text, setting->choices, count_choices(setting));
    if (near)
        return error_set(err, "did you mean \"%s\"? (allowed: %s)", near, allowed);
    return error_set(err, "no such choice (allowed: %s)", allowed);
}

const struct value_type value_choice = { "choice", sizeof(int), parse_choice, NULL, NULL };
