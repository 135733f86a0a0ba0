#include "daemon/token_watch.h"

#include "base/duration.h"
#include "base/memory.h"
#include "daemon/token_view.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

enum {
    LOOK_EVERY_MS = 1000,  /* while there is something to do */
    WAKE_EVERY_MS = 60000, /* while there is nothing */
};

struct told_sender {
    char *name;
    enum level level;
    struct told_sender *next;
};

static struct told_sender *find(struct token_watch *watch, const char *name)
{
    struct told_sender *told = watch->told;
    while (told && strcmp(told->name, name) != 0)
        told = told->next;
    if (told)
        return told;
    told = xcalloc(1, sizeof *told);
    told->name = xstrdup(name);
    told->level = LEVEL_WELL;
    told->next = watch->told;
    watch->told = told;
    return told;
}

bool token_watch_notes(struct token_watch *watch, const char *sender, enum level level)
{
    struct told_sender *told = find(watch, sender);
    bool is_news = level > told->level;
    if (is_news || level == LEVEL_WELL)
        told->level = level;
    return is_news;
}

static void warn(const struct desk *desk, const struct config_sender *sender,
                 const struct token_status *status, enum level level)
{
    char left[DURATION_LONGEST_TEXT];
    duration_say(status->expires_at - desk->now.at, left);
    result_log_say(desk->log, level == LEVEL_ACT ? LOG_ERR : LOG_WARNING,
                   "[sender %s] its access token expires in %s, and nobody renews it: put another "
                   "into %s",
                   sender->name, left, sender->token_file);
}

/* False when it is not for us to mind: it is renewed, or does not say when it expires. */
static bool look(struct desk *desk, const struct config_sender *sender)
{
    struct token_status status;
    if (!sender->token_file || !chat_token_status(desk->floor->chat, sender->name, &status) ||
        !status.has_token || status.expires_at == MSEC_NEVER)
        return false;
    enum level level = token_view_level(&status, desk->now.at);
    if (token_watch_notes(&desk->token_watch, sender->name, level))
        warn(desk, sender, &status, level);
    return true;
}

msec_t token_watch_tend(struct desk *desk)
{
    const struct config *config = desk->directory->config;
    struct token_watch *watch = &desk->token_watch;
    msec_t since_ms = desk->now.steady_at - watch->looked_steady_at;
    bool minds = false;
    if (watch->looked_steady_at && since_ms < LOOK_EVERY_MS)
        return LOOK_EVERY_MS - since_ms;
    watch->looked_steady_at = desk->now.steady_at;
    for (size_t i = 0; i < config->sender_count; i++)
        minds = look(desk, &config->senders[i]) || minds;
    return minds ? WAKE_EVERY_MS : MSEC_NEVER;
}

void token_watch_clear(struct token_watch *watch)
{
    while (watch->told) {
        struct told_sender *told = watch->told;
        watch->told = told->next;
        free(told->name);
        free(told);
    }
}
