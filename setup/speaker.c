#include "base/memory.h"
#include "base/secret_file.h"
#include "setup/ask.h"
#include "setup/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_INPUT = 16 * 1024 };

/* ---- the connection string ------------------------------------------------------------------ */

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

enum status setup_ask_resource(struct setup *setup, struct resource *resource, char **words_text)
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

/* ---- speaking ------------------------------------------------------------------------------- */

static void introduce(struct setup *setup, struct speaker *speaker)
{
    speaker->member = (struct member){
        .web = setup->web,
        .endpoint = speaker->resource.endpoint,
        .ca_file = speaker->ca_file,
        .proxy = speaker->proxy,
        .api_version = speaker->api_version,
        .identity = speaker->identity,
        .token = speaker->token.text,
    };
}

/* Of a sender that has no key but a token that somebody else renews. */
static enum status read_token(struct setup *setup, const struct config_sender *sender,
                              struct speaker *speaker)
{
    struct file_version version;
    CLEANUP(free_memory) char *path = config_secret_path(sender->token_file, &setup->err);
    speaker->resource.endpoint = xstrdup(sender->endpoint);
    speaker->token.text = path ? secret_file_read(path, &version, &setup->err) : NULL;
    if (speaker->token.text)
        return STATUS_DONE;
    error_prefix(&setup->err, "%s", sender->token_file);
    return STATUS_DENIED;
}

static enum status read_keys(struct setup *setup, const struct config_sender *sender,
                             struct resource *resource)
{
    char *words[RESOURCE_MOST_KEYS] = { NULL };
    struct file_version version;
    const char *reference =
        sender->connection_string_file ? sender->connection_string_file : sender->access_key_file;
    CLEANUP(free_memory) char *path = config_secret_path(reference, &setup->err);
    size_t count =
        path ? secret_file_read_words(path, words, RESOURCE_MOST_KEYS, &version, &setup->err) : 0;
    enum status status = STATUS_DENIED;
    if (count > 0)
        status = resource_read(resource, words, count, sender->endpoint, &setup->err);
    else
        error_prefix(&setup->err, "%s", reference);
    wipe_words(words, count);
    return status;
}

static enum status mint(struct setup *setup, const struct config_sender *sender,
                        struct speaker *speaker)
{
    if (!sender->connection_string_file && !sender->access_key_file)
        return setup_fail(setup, STATUS_BAD_SETTINGS,
                          "[sender %s] has neither a key nor a token file to work with",
                          sender->name);
    enum status status = read_keys(setup, sender, &speaker->resource);
    return status == STATUS_DONE
               ? resource_mint(&speaker->resource, speaker->identity, &speaker->token, &setup->err)
               : status;
}

enum status speaker_open(struct setup *setup, const struct config_sender *sender,
                         struct speaker *speaker)
{
    *speaker = (struct speaker){
        .identity = xstrdup(sender->identity ? sender->identity : ""),
        .display_name = xstrdup_or_null(sender->display_name),
        .ca_file = xstrdup_or_null(sender->ca_file),
        .proxy = xstrdup_or_null(sender->proxy),
        .api_version = xstrdup(sender->api_version),
    };
    speaker->resource.web = setup->web;
    speaker->resource.ca_file = speaker->ca_file;
    speaker->resource.proxy = speaker->proxy;
    enum status status =
        sender->token_file ? read_token(setup, sender, speaker) : mint(setup, sender, speaker);
    introduce(setup, speaker);
    return status;
}

void speaker_close(struct speaker *speaker)
{
    resource_clear(&speaker->resource);
    secret_wipe(speaker->token.text);
    free(speaker->identity);
    free(speaker->display_name);
    free(speaker->ca_file);
    free(speaker->proxy);
    free(speaker->api_version);
    *speaker = (struct speaker){ 0 };
}
