#include "chat/sender.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static bool check_source(const struct chat_sender *settings, struct error *err)
{
    const struct token_source *source = &settings->token;
    int ways = (source->file != NULL) + (source->command != NULL) + (source->key_file != NULL) +
               (source->managed_identity != NULL);
    if (ways != 1)
        return error_set(err, "sender %s: has %s way to get a token", settings->name,
                         ways == 0 ? "no" : "more than one");
    if (!source->endpoint)
        return error_set(err, "sender %s: has no endpoint", settings->name);
    if ((source->key_file || source->managed_identity) && !source->identity)
        return error_set(err, "sender %s: minting needs an identity", settings->name);
    if (source->managed_identity && !source->metadata_endpoint)
        return error_set(err, "sender %s: a managed identity needs a metadata service",
                         settings->name);
    if (!source->file && (source->retry.first_ms <= 0 || source->retry.longest_ms <= 0))
        return error_set(err, "sender %s: has no waits between its attempts", settings->name);
    return true;
}

bool sender_check(const struct chat_sender *settings, struct error *err)
{
    if (!settings->name)
        return error_set(err, "a sender has no name");
    if (!check_source(settings, err))
        return false;
    if (!settings->api_version)
        return error_set(err, "sender %s: has no api_version", settings->name);
    if (settings->connect_timeout_ms <= 0 || settings->request_timeout_ms <= 0)
        return error_set(err, "sender %s: a time-out must be longer than 0", settings->name);
    return true;
}

static struct token_keeper *new_keeper(const struct chat_setup *setup, struct http *http,
                                       const struct chat_sender *settings)
{
    const struct token_setup keeper = {
        .loop = setup->loop,
        .clock = setup->clock,
        .http = http,
        .random = setup->random,
        .random_context = setup->random_context,
        .news = setup->token_news,
        .news_context = setup->token_news_context,
        .sender = settings->name,
        .source = settings->token,
        .ca_file = settings->ca_file,
        .proxy = settings->proxy,
        .connect_timeout_ms = settings->connect_timeout_ms,
        .request_timeout_ms = settings->request_timeout_ms,
    };
    return token_keeper_new(&keeper);
}

static const char *or_nothing(const char *text)
{
    return text ? text : "";
}

/* All settings in one text. Paths and names only: no secret is in it. */
static char *spell(const struct chat_sender *settings)
{
    const struct token_source *source = &settings->token;
    return xasprintf("%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%lld %lld %lld %lld %lld",
                     settings->name, or_nothing(source->file), or_nothing(source->command),
                     or_nothing(source->key_file), or_nothing(source->credentials_directory),
                     source->endpoint, or_nothing(source->identity),
                     or_nothing(settings->display_name), settings->api_version,
                     or_nothing(settings->ca_file), or_nothing(settings->proxy),
                     or_nothing(source->managed_identity), or_nothing(source->metadata_endpoint),
                     (long long)source->lifetime_ms, (long long)source->retry.first_ms,
                     (long long)source->retry.longest_ms, (long long)settings->connect_timeout_ms,
                     (long long)settings->request_timeout_ms);
}

struct sender *sender_new(const struct chat_setup *setup, struct http *http,
                          const struct chat_sender *settings)
{
    struct sender *sender = xcalloc(1, sizeof *sender);
    *sender = (struct sender){
        .name = xstrdup(settings->name),
        .endpoint = xstrdup(settings->token.endpoint),
        .tokens = new_keeper(setup, http, settings),
        .display_name = xstrdup_or_null(settings->display_name),
        .api_version = xstrdup(settings->api_version),
        .ca_file = xstrdup_or_null(settings->ca_file),
        .proxy = xstrdup_or_null(settings->proxy),
        .connect_timeout_ms = settings->connect_timeout_ms,
        .request_timeout_ms = settings->request_timeout_ms,
        .spelling = spell(settings),
    };
    return sender;
}

void sender_free(struct sender *sender)
{
    if (!sender)
        return;
    token_keeper_free(sender->tokens);
    free(sender->name);
    free(sender->endpoint);
    free(sender->display_name);
    free(sender->api_version);
    free(sender->ca_file);
    free(sender->proxy);
    free(sender->spelling);
    free(sender);
}

bool sender_has_settings(const struct sender *sender, const struct chat_sender *settings)
{
    CLEANUP(free_memory) char *spelling = spell(settings);
    return strcmp(sender->spelling, spelling) == 0;
}

bool sender_is_busy(const struct sender *sender)
{
    return sender->users > 0 || token_keeper_is_busy(sender->tokens);
}
