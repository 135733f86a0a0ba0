#include "setup/ask_resource.h"

#include "base/memory.h"
#include "base/secret_file.h"
#include "setup/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_INPUT = 16 * 1024 };

static void wipe_words(char *words[RESOURCE_MOST_KEYS], size_t count)
{
    for (size_t i = 0; i < count; i++)
        secret_wipe(words[i]);
}

/* The words of `text`; 0 when there are none or too many. */
static size_t split(const char *text, char *words[RESOURCE_MOST_KEYS])
{
    static const char blanks[] = " \t\r\n";
    size_t count = 0;
    for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
        size_t length = strcspn(text, blanks);
        if (count == RESOURCE_MOST_KEYS) {
            wipe_words(words, count);
            return 0;
        }
        words[count++] = xmemdup0(text, length);
        text += length;
    }
    return count;
}

static size_t read_input(char *words[RESOURCE_MOST_KEYS], struct error *err)
{
    char *text = xcalloc(LONGEST_INPUT + 1, 1);
    size_t length = fread(text, 1, LONGEST_INPUT, stdin);
    size_t count = split(text, words);
    explicit_bzero(text, length);
    free(text);
    if (count == 0)
        error_set(err, "standard input holds no connection string");
    return count;
}

static size_t ask_words(char *words[RESOURCE_MOST_KEYS], struct error *err)
{
    char *answer = ask_secret(
        "Connection string (Azure's portal: the resource, Keys; it is not "
        "shown): ",
        err);
    if (!answer) {
        error_prefix(err, "no connection string (--connection-string-file FILE reads it)");
        return 0;
    }
    size_t count = split(answer, words);
    secret_wipe(answer);
    if (count == 0)
        error_set(err, "this is no connection string");
    return count;
}

static size_t get_words(const char *path, char *words[RESOURCE_MOST_KEYS], struct error *err)
{
    struct file_version version;
    if (!path)
        return ask_words(words, err);
    if (strcmp(path, "-") == 0)
        return read_input(words, err);
    size_t count = secret_file_read_words(path, words, RESOURCE_MOST_KEYS, &version, err);
    if (count == 0)
        error_prefix(err, "%s", path);
    return count;
}

enum status ask_resource(struct setup *setup, struct resource *resource, char **words_text)
{
    char *words[RESOURCE_MOST_KEYS] = { NULL };
    const char *path = setup->options->connection_string_file;
    size_t count = get_words(path, words, &setup->err);
    if (count == 0)
        return path ? STATUS_BAD_DATA : STATUS_USAGE;
    *resource = (struct resource){ .web = setup->web,
                                   .ca_file = setup->options->ca_file,
                                   .proxy = setup->options->proxy };
    enum status status = resource_read(resource, words, count, NULL, &setup->err);
    *words_text = xasprintf("%s\n%s%s", words[0], count > 1 ? words[1] : "", count > 1 ? "\n" : "");
    wipe_words(words, count);
    return status;
}
