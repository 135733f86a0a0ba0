#include "config/connection_string.h"

#include "base/memory.h"
#include "base/pairs.h"
#include "config/document.h"
#include "config/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_FILE = 16 * 1024 };

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

/* Of all strings in the text, one to a line: they mean one place. The text is cut up for it. */
static char *common_endpoint(char *text, struct error *err)
{
    char *common = NULL, *rest = NULL;
    for (char *line = strtok_r(text, " \t\r\n", &rest); line;
         line = strtok_r(NULL, " \t\r\n", &rest)) {
        char *endpoint = endpoint_of(line, err);
        bool fits = endpoint && (!common || strcmp(common, endpoint) == 0);
        if (endpoint && !fits)
            error_set(err, "the strings in it have different endpoints");
        if (!fits) {
            free(endpoint);
            free(common);
            return NULL;
        }
        free(common);
        common = endpoint;
    }
    if (!common)
        error_set(err, "it is empty");
    return common;
}

static bool check_file(int fd, struct error *err)
{
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0)
        return error_set(err, "%s", strerrordesc_np(errno));
    if (!S_ISREG(status.st_mode))
        return error_set(err, "not a regular file");
    if (status.st_mode & S_IRWXO)
        return error_set(err,
                         "others may use this file (mode %04o), so it is no secret: chmod o-rwx",
                         status.st_mode & 07777);
    return status.st_size < LONGEST_FILE ||
           error_set(err, "it is longer than %d bytes", (int)LONGEST_FILE);
}

static char *read_endpoint(int fd, struct error *err)
{
    char *endpoint = NULL;
    char *text = xcalloc(LONGEST_FILE + 1, 1);
    ssize_t length = read(fd, text, LONGEST_FILE);
    if (length < 0)
        error_set(err, "%s", strerrordesc_np(errno));
    else
        endpoint = common_endpoint(text, err);
    explicit_bzero(text, LONGEST_FILE);
    free(text);
    return endpoint;
}

static char *find_endpoint(const char *reference, struct error *err)
{
    CLEANUP(free_memory) char *path = config_secret_path(reference, err);
    if (!path)
        return NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char *endpoint = check_file(fd, err) ? read_endpoint(fd, err) : NULL;
    if (fd >= 0)
        close(fd);
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
