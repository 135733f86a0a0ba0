#include "chat/sender.h"

#include "base/memory.h"

#include <stdlib.h>

static bool check_settings(const struct chat_sender *settings, struct error *err)
{
    if (!settings->name)
        return error_set(err, "a sender has no name");
    if (!settings->token.file)
        return error_set(err, "sender %s: has no way to get a token", settings->name);
    if (!settings->api_version)
        return error_set(err, "sender %s: has no api_version", settings->name);
    if (settings->connect_timeout_ms <= 0 || settings->request_timeout_ms <= 0)
        return error_set(err, "sender %s: a time-out must be longer than 0", settings->name);
    return true;
}

struct sender *sender_new(struct event_base *loop, const struct clock *clock,
                          const struct chat_sender *settings, struct error *err)
{
    if (!check_settings(settings, err))
        return NULL;
    struct sender *sender = xcalloc(1, sizeof *sender);
    *sender = (struct sender){
        .name = xstrdup(settings->name),
        .tokens = token_keeper_new(loop, clock, &settings->token),
        .display_name = xstrdup_or_null(settings->display_name),
        .api_version = xstrdup(settings->api_version),
        .ca_file = xstrdup_or_null(settings->ca_file),
        .connect_timeout_ms = settings->connect_timeout_ms,
        .request_timeout_ms = settings->request_timeout_ms,
    };
    return sender;
}

void sender_free(struct sender *sender)
{
    if (!sender)
        return;
    token_keeper_free(sender->tokens);
    free(sender->name);
    free(sender->display_name);
    free(sender->api_version);
    free(sender->ca_file);
    free(sender);
}
