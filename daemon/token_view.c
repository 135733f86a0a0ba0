#include "daemon/token_view.h"

#include "base/instant.h"
#include "daemon/member.h"

#include <string.h>

/* So long before it expires somebody is told; should look, and earlier when he asks; and must act.
 */
static const msec_t hour_ms = (msec_t)60 * 60 * 1000;
enum { TELL_BEFORE_H = 24, LOOK_WHEN_ASKED_BEFORE_H = 24, LOOK_BEFORE_H = 6, ACT_BEFORE_H = 1 };

/*
 * One that nobody renews (`is_renewed`: by us; a token out of a file is not) needs a person before
 * it expires: a look `look_before_ms` before.
 */
static enum level token_level(const struct token_status *status, bool is_renewed,
                              msec_t look_before_ms, msec_t now_at)
{
    if (!status->has_token)
        return status->failures > 0 || status->refused ? LEVEL_ACT
                                                       : LEVEL_WELL; /* perhaps none is needed */
    if (is_renewed && status->failures == 0)
        return LEVEL_WELL;
    if (status->expires_at == MSEC_NEVER)
        return status->failures > 0 ? LEVEL_LOOK : LEVEL_WELL;
    msec_t left_ms = status->expires_at - now_at;
    if (left_ms <= ACT_BEFORE_H * hour_ms)
        return LEVEL_ACT;
    return left_ms <= look_before_ms || status->failures > 0 ? LEVEL_LOOK : LEVEL_WELL;
}

/* Why there is no token, or not the next one; empty: all is well. */
static struct error reason_of(const struct token_status *status, const struct config_sender *sender)
{
    struct error reason = { 0 };
    if (status->failures > 0)
        return status->failure;
    if (status->refused)
        error_set(&reason, "the chat refuses the one in %s", sender->token_file);
    return reason;
}

static json_t *view(const struct desk *desk, const struct config_sender *sender, enum level *worst)
{
    struct token_status status = { .expires_at = MSEC_NEVER };
    bool renewed = sender->token_file == NULL;
    json_t *object = json_object();
    if (desk->floor->chat)
        (void)!chat_token_status(desk->floor->chat, sender->name, &status);
    enum level level =
        token_level(&status, renewed, LOOK_WHEN_ASKED_BEFORE_H * hour_ms, desk->now.at);
    if (level > *worst)
        *worst = level;
    member_text(object, "sender", sender->name);
    member_text(object, "identity", sender->identity);
    member_text(object, "level", level_name(level));
    json_object_set_new(object, "has_token", json_boolean(status.has_token));
    json_object_set_new(object, "renewed", json_boolean(renewed));
    if (status.has_token && status.expires_at != MSEC_NEVER)
        member_number(object, "expires_at", status.expires_at);
    if (status.has_token)
        member_number(object, "obtained_at", status.obtained_at);
    member_number(object, "failures", status.failures);
    const struct error reason = reason_of(&status, sender);
    member_text(object, "reason", reason.text[0] ? reason.text : NULL);
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

/* It renews itself, or will try to. */
static bool is_renewed(const struct token_status *status)
{
    return status->next_at != MSEC_NEVER;
}

enum level token_view_level(const struct token_status *status, msec_t now_at)
{
    return token_level(status, is_renewed(status), LOOK_BEFORE_H * hour_ms, now_at);
}

static bool is_worth_telling(const struct token_status *status, msec_t now_at)
{
    bool expires_soon = status->has_token && status->expires_at != MSEC_NEVER &&
                        status->expires_at - now_at <= TELL_BEFORE_H * hour_ms;
    return (expires_soon && !is_renewed(status)) || token_view_level(status, now_at) != LEVEL_WELL;
}

static json_t *json_of(const struct token_status *status)
{
    json_t *object = json_object();
    if (status->has_token && status->expires_at != MSEC_NEVER)
        member_number(object, "expires_at", status->expires_at);
    if (is_renewed(status))
        member_number(object, "renewed_at", status->next_at);
    member_number(object, "failures", status->failures);
    member_text(object, "reason", status->failure.text);
    return object;
}

static bool status_of(const struct desk *desk, const char *sender, struct token_status *status)
{
    return chat_token_status(desk->floor->chat, sender, status) &&
           (status->has_token || status->failures > 0);
}

void token_view_add(const struct desk *desk, json_t *object, const char *sender)
{
    struct token_status status;
    if (status_of(desk, sender, &status))
        json_object_set_new(object, "token", json_of(&status));
}

static bool may_send_as(const struct desk *desk, const struct asker *asker,
                        const struct config_sender *sender)
{
    const struct directory *directory = desk->directory;
    bool may = directory_is_operator(directory, asker);
    for (size_t i = 0; i < directory->thread_count && !may; i++)
        may = directory->threads[i].settings->sender == sender &&
              directory_admits(&directory->threads[i], asker);
    return may;
}

static void add_those_at(const struct desk *desk, const struct asker *asker, enum level level,
                         json_t *troubles)
{
    const struct config *config = desk->directory->config;
    struct token_status status;
    for (size_t i = 0; i < config->sender_count; i++) {
        const struct config_sender *sender = &config->senders[i];
        if (!status_of(desk, sender->name, &status) ||
            token_view_level(&status, desk->now.at) != level ||
            !is_worth_telling(&status, desk->now.at) || !may_send_as(desk, asker, sender))
            continue;
        json_t *trouble = json_pack("{s:s, s:s, s:o}", "sender", sender->name, "level",
                                    level_name(level), "token", json_of(&status));
        json_array_append_new(troubles, trouble);
    }
}

json_t *token_view_troubles(const struct desk *desk, const struct asker *asker, enum level *worst)
{
    json_t *troubles = json_array();
    for (int level = LEVEL_ACT; level >= LEVEL_WELL; level--) {
        add_those_at(desk, asker, (enum level)level, troubles);
        if (json_array_size(troubles) > 0 && (int)*worst < level)
            *worst = (enum level)level;
    }
    return troubles;
}

/* ---- for who is called ---------------------------------------------------------------------- */

static bool lasts(const struct token_status *status, msec_t now_at)
{
    enum { PATIENCE_MS = 60 * 1000 };
    return status->has_token || status->failures > 1 || now_at - status->failed_at >= PATIENCE_MS;
}

/* "[sender s] there is no access token (/etc/token: No such file or directory)" */
static void add_need(struct text *text, const char *sender, const struct token_status *status)
{
    char expires[INSTANT_LONGEST_TEXT];
    instant_say(status->expires_at, expires);
    text_printf(text, "[sender %s] ", sender);
    if (status->has_token)
        text_printf(text, "the access token expires at %s, and there is no other", expires);
    else
        text_add(text, "there is no access token");
    if (status->failures > 0)
        text_printf(text, " (%s)", status->failure.text);
    text_add(text, "\n");
}

bool token_view_say_needs(const struct desk *desk, size_t most, struct text *text)
{
    const struct config *config = desk->directory->config;
    struct token_status status;
    size_t bad = 0;
    bool some_last = false;
    for (size_t i = 0; i < config->sender_count; i++) {
        const char *sender = config->senders[i].name;
        if (!status_of(desk, sender, &status) ||
            token_view_level(&status, desk->now.at) != LEVEL_ACT)
            continue;
        if (bad++ < most)
            add_need(text, sender, &status);
        some_last = some_last || lasts(&status, desk->now.at);
    }
    if (bad > most)
        text_printf(text, "and %zu senders more\n", bad - most);
    return some_last;
}
