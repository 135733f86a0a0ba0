#include "daemon/senders.h"

#include "base/memory.h"

#include <stdlib.h>

static struct token_source token_source_of(const struct config *config,
                                           const struct config_sender *sender)
{
    return (struct token_source){
        .file = sender->token_file,
        .command = sender->token_command,
        .key_file = sender->connection_string_file ? sender->connection_string_file
                                                   : sender->access_key_file,
        .managed_identity = sender->managed_identity,
        .metadata_endpoint = config->relay.metadata_endpoint,
        .credentials_directory = getenv("CREDENTIALS_DIRECTORY"),
        .endpoint = sender->endpoint,
        .identity = sender->identity,
        .lifetime_ms = sender->token_lifetime_ms,
        .retry = { sender->backoff.first_ms, sender->backoff.longest_ms },
    };
}

bool senders_configure(struct chat *chat, const struct config *config, struct error *err)
{
    struct chat_sender *senders = xcalloc(config->sender_count + 1, sizeof *senders);
    for (size_t i = 0; i < config->sender_count; i++) {
        const struct config_sender *from = &config->senders[i];
        senders[i] = (struct chat_sender){
            .name = from->name,
            .token = token_source_of(config, from),
            .display_name = from->display_name,
            .api_version = from->api_version,
            .ca_file = from->ca_file,
            .proxy = from->proxy,
            .connect_timeout_ms = from->connect_timeout_ms,
            .request_timeout_ms = from->request_timeout_ms,
        };
    }
    bool done = chat_configure(chat, senders, config->sender_count, err);
    free(senders);
    return done;
}
