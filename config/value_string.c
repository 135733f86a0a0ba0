/*
 * value_string.c - settings that stay text: names, paths, references, identifiers
 */
#include "base/memory.h"
#include "base/secret_file.h"
#include "config/config.h"
#include "config/endpoint.h"
#include "config/setting.h"
#include "config/value.h"

#include <stdlib.h>
#include <string.h>

static void clear_string(void *value)
{
    char **string = value;
    free(*string);
    *string = NULL;
}

static bool store(const char *text, void *value)
{
    *(char **)value = xstrdup(text);
    return true;
}

static bool parse_text(const struct setting *setting, const char *text, void *value,
                       struct error *err)
{
    if (strlen(text) > (size_t)setting->most)
        return error_set(err, "longer than %d bytes", (int)setting->most);
    return store(text, value);
}

const struct value_type value_text = { "text", sizeof(char *), parse_text, clear_string, NULL };

static bool parse_word(const struct setting *setting, const char *text, void *value,
                       struct error *err)
{
    if (strpbrk(text, " \t"))
        return error_set(err, "no blanks are allowed in it");
    return parse_text(setting, text, value, err);
}

const struct value_type value_word = { "id", sizeof(char *), parse_word, clear_string, NULL };

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";

/* Whether all of `text` is letters, digits and characters of `others`. */
static bool consists_of(const char *text, const char *others)
{
    for (; *text; text++)
        if (!strchr(letters, *text) && !strchr(digits, *text) && !strchr(others, *text))
            return false;
    return true;
}

bool value_is_name(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= CONFIG_LONGEST_NAME && consists_of(text, "._-");
}

static bool parse_name(const struct setting *setting, const char *text, void *value,
                       struct error *err)
{
    (void)setting;
    if (!value_is_name(text))
        return error_set(err, "not a name (allowed: 1 to %d of A-Z a-z 0-9 . _ -)",
                         CONFIG_LONGEST_NAME);
    return store(text, value);
}

const struct value_type value_name = { "name", sizeof(char *), parse_name, clear_string, NULL };

static bool parse_path(const struct setting *setting, const char *text, void *value,
                       struct error *err)
{
    if (*text != '/')
        return error_set(err, "not an absolute path: it must begin with \"/\"");
    if (text[strlen(text) - 1] == '/')
        return error_set(err, "this is a folder's path, a file's is wanted");
    return parse_text(setting, text, value, err);
}

const struct value_type value_path = { "path", sizeof(char *), parse_path, clear_string, NULL };

static bool parse_command(const struct setting *setting, const char *text, void *value,
                          struct error *err)
{
    if (*text != '/')
        return error_set(err, "not a program's absolute path: it must begin with \"/\"");
    return parse_text(setting, text, value, err);
}

const struct value_type value_command = { "command", sizeof(char *), parse_command, clear_string,
                                          NULL };

static bool parse_secret(const struct setting *setting, const char *text, void *value,
                         struct error *err)
{
    (void)setting;
    return secret_file_is_reference(text, err) && store(text, value);
}

const struct value_type value_secret = { "secret", sizeof(char *), parse_secret, clear_string,
                                         NULL };

static bool parse_zone(const struct setting *setting, const char *text, void *value,
                       struct error *err)
{
    if (*text == '/' || *text == '.' || strstr(text, "..") || !consists_of(text, "/_+-"))
        return error_set(err, "not a time zone such as UTC or Europe/Berlin");
    return parse_text(setting, text, value, err);
}

const struct value_type value_zone = { "zone", sizeof(char *), parse_zone, clear_string, NULL };

static bool parse_endpoint(const struct setting *setting, const char *text, void *value,
                           struct error *err)
{
    (void)setting;
    char *endpoint = endpoint_normal(text, err);
    if (!endpoint)
        return false;
    *(char **)value = endpoint;
    return true;
}

const struct value_type value_endpoint = { "url", sizeof(char *), parse_endpoint, clear_string,
                                           NULL };

/* http:// towards the address that clouds have for it is the one exception of endpoints. */
static bool parse_metadata(const struct setting *setting, const char *text, void *value,
                           struct error *err)
{
    static const char usual[] = "http://169.254.169.254";
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '/')
        length--;
    if (length == sizeof usual - 1 && memcmp(text, usual, length) == 0)
        return store(usual, value);
    return parse_endpoint(setting, text, value, err);
}

const struct value_type value_metadata = { "url", sizeof(char *), parse_metadata, clear_string,
                                           NULL };

static bool parse_proxy(const struct setting *setting, const char *text, void *value,
                        struct error *err)
{
    (void)setting;
    if (strcmp(text, "environment") == 0)
        return store(text, value);
    char *proxy = endpoint_proxy(text, err);
    if (!proxy)
        return false;
    *(char **)value = proxy;
    return true;
}

const struct value_type value_proxy = { "url", sizeof(char *), parse_proxy, clear_string, NULL };

/* Whether `text` begins with what `pattern` shows, "0" standing for any digit. */
static bool begins_like(const char *text, const char *pattern)
{
    for (; *pattern; text++, pattern++)
        if (*pattern == '0' ? !*text || !strchr(digits, *text) : *text != *pattern)
            return false;
    return true;
}

static bool parse_version(const struct setting *setting, const char *text, void *value,
                          struct error *err)
{
    (void)setting;
    static const char pattern[] = "0000-00-00";
    enum { DATE_LENGTH = sizeof pattern - 1 };
    if (!begins_like(text, pattern) ||
        (text[DATE_LENGTH] && strcmp(text + DATE_LENGTH, "-preview") != 0))
        return error_set(err, "not an API version such as 2025-03-15");
    return store(text, value);
}

const struct value_type value_version = { "date", sizeof(char *), parse_version, clear_string,
                                          NULL };

static bool parse_identity(const struct setting *setting, const char *text, void *value,
                           struct error *err)
{
    if (!begins_like(text, "8:"))
        return error_set(err, "not a communication user's id, which begins with \"8:acs:\"");
    return parse_word(setting, text, value, err);
}

const struct value_type value_identity = { "id", sizeof(char *), parse_identity, clear_string,
                                           NULL };
