#include "config/connection_string.h"

#include "base/memory.h"
#include "base/pairs.h"
#include "base/secret_file.h"
#include "config/document.h"
#include "config/endpoint.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_STRINGS = 2 }; /* with the primary and the secondary key */

/* The normal endpoint of the string that `line` is; NULL when it has none. */
static char *endpoint_of(const char *line, struct error *err)
{
    const char *value = NULL;
    size_t length = 0;
    if (!pairs_find(line, "endpoint", &value, &length)) {
        error_set(err, "it does not hold endpoint=https://...;accesskey=...");
        return NULL;
    }
    CLEANUP(free_memory) char *text = xmemdup0(value, length);
    char *endpoint = endpoint_normal(text, err);
    if (!endpoint)
        error_prefix(err, "the endpoint in it");
    return endpoint;
}

/* Of all strings: they mean one place. */
static char *common_endpoint(char *const words[], size_t count, struct error *err)
{
    char *common = endpoint_of(words[0], err);
    for (size_t i = 1; common && i < count; i++) {
        CLEANUP(free_memory) char *endpoint = endpoint_of(words[i], err);
        if (endpoint && strcmp(common, endpoint) == 0)
            continue;
        if (endpoint)
            error_set(err, "the strings in it have different endpoints");
        free(common);
        common = NULL;
    }
    return common;
}

static char *find_endpoint(const char *reference, struct error *err)
{
    char *words[MOST_STRINGS] = { NULL };
    struct file_version version;
    CLEANUP(free_memory) char *path = config_secret_path(reference, err);
    size_t count = path ? secret_file_read_words(path, words, MOST_STRINGS, &version, err) : 0;
    char *endpoint = count > 0 ? common_endpoint(words, count, err) : NULL;
    for (size_t i = 0; i < count; i++)
        secret_wipe(words[i]);
    return endpoint;
}

static void PRINTF_LIKE(4, 5) tell(const struct config *config, struct config_problems *problems,
                                   const struct document_section *section, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    document_tell(config->document, problems, CONFIG_ERROR, section,
                  setting_find(settings, settings_count, SECTION_SENDER, "connection_string_file"),
                  format, args);
    va_end(args);
}

void connection_strings_read(struct config *config, struct config_problems *problems)
{
    for (size_t i = 0; i < config->document->section_count; i++) {
        const struct document_section *section = &config->document->sections[i];
        if (section->kind != SECTION_SENDER)
            continue;
        struct config_sender *sender = &config->senders[section->index];
        struct error err = { 0 };
        if (!sender->connection_string_file || sender->endpoint)
            continue;
        sender->endpoint = find_endpoint(sender->connection_string_file, &err);
        if (!sender->endpoint)
            tell(config, problems, section, "%s", err.text);
    }
}
