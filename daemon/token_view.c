#include "daemon/token_view.h"

#include "daemon/member.h"

#include <string.h>

enum level token_view_level(const struct token_status *status, bool is_renewed, msec_t now_at)
{
    enum { HOUR_MS = 60 * 60 * 1000, LOOK_HOURS = 24, ACT_HOURS = 2 };
    bool ends = status->has_token && status->expires_at != MSEC_NEVER;
    msec_t left_ms = ends ? status->expires_at - now_at : MSEC_NEVER;
    if (status->failures > 0)
        return status->has_token && left_ms > 0 ? LEVEL_LOOK : LEVEL_ACT;
    if (is_renewed || left_ms > (msec_t)LOOK_HOURS * HOUR_MS)
        return LEVEL_WELL;
    return left_ms > (msec_t)ACT_HOURS * HOUR_MS ? LEVEL_LOOK : LEVEL_ACT;
}

static json_t *view(const struct desk *desk, const struct config_sender *sender, enum level *worst)
{
    struct token_status status = { .expires_at = MSEC_NEVER };
    bool is_renewed = sender->token_file == NULL;
    json_t *object = json_object();
    if (desk->floor->chat)
        (void)!chat_token_status(desk->floor->chat, sender->name, &status);
    enum level level = token_view_level(&status, is_renewed, desk->now.at);
    if (level > *worst)
        *worst = level;
    member_text(object, "sender", sender->name);
    member_text(object, "identity", sender->identity);
    member_text(object, "level", level_name(level));
    json_object_set_new(object, "has_token", json_boolean(status.has_token));
    json_object_set_new(object, "renewed", json_boolean(is_renewed));
    if (status.has_token && status.expires_at != MSEC_NEVER)
        member_number(object, "expires_at", status.expires_at);
    member_number(object, "failures", status.failures);
    member_text(object, "reason", status.failures > 0 ? status.failure.text : NULL);
    return object;
}

json_t *token_view_all(const struct desk *desk, const char *sender, enum level *worst)
{
    const struct config *config = desk->directory->config;
    json_t *tokens = json_array();
    for (size_t i = 0; i < config->sender_count; i++)
        if (!sender || strcmp(sender, config->senders[i].name) == 0)
            json_array_append_new(tokens, view(desk, &config->senders[i], worst));
    return tokens;
}

bool token_view_knows(const struct desk *desk, const char *sender)
{
    const struct config *config = desk->directory->config;
    for (size_t i = 0; i < config->sender_count; i++)
        if (strcmp(sender, config->senders[i].name) == 0)
            return true;
    return false;
}
