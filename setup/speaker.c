#include "setup/speaker.h"

#include "base/memory.h"
#include "base/secret_file.h"

#include <stdlib.h>

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
    for (size_t i = 0; i < count; i++)
        secret_wipe(words[i]);
    if (status != STATUS_DONE)
        error_prefix(&setup->err, "%s", reference);
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
