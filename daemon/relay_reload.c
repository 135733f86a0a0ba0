/*
 * Reload: all or nothing.
 */
#include "base/memory.h"
#include "base/secret_file.h"
#include "daemon/chat_follow.h"
#include "daemon/checkup.h"
#include "daemon/relay_state.h"
#include "daemon/supervisor.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

void relay_set_time_zone(const struct config *config)
{
    const char *zone = getenv("TZ"); /* NOLINT(concurrency-mt-unsafe): nobody else changes it */
    if (zone && strcmp(zone, config->relay.time_zone) == 0)
        return;
    setenv("TZ", config->relay.time_zone, 1); /* NOLINT(concurrency-mt-unsafe) */
    tzset();
}

static void warn_of_what_needs_a_restart(const struct relay *relay, const struct config *next)
{
    if (strcmp(relay->config->relay.socket_path, next->relay.socket_path) != 0)
        result_log_say(relay->log, LOG_WARNING, "socket = %s takes effect with a restart",
                       next->relay.socket_path);
    if (strcmp(relay->config->relay.outbox_path, next->relay.outbox_path) != 0)
        result_log_say(relay->log, LOG_WARNING, "outbox = %s takes effect with a restart",
                       next->relay.outbox_path);
}

/* The folder of credentials is the one that systemd made at the start. */
static void warn_of_credentials(const struct relay *relay, const struct config *next)
{
    for (size_t i = 0; i < next->sender_count; i++) {
        const struct config_sender *sender = &next->senders[i];
        const char *secret = sender->connection_string_file ? sender->connection_string_file
                             : sender->access_key_file      ? sender->access_key_file
                                                            : sender->token_file;
        if (secret && secret_file_is_credential(secret))
            result_log_say(relay->log, LOG_NOTICE,
                           "[sender %s] %s is as it was at the start: systemd hands out another "
                           "only with a restart",
                           sender->name, secret);
    }
}

/* Swap the settings in, if the queue floor takes them. */
static bool adopt(struct relay *relay, struct config *next, struct error *err)
{
    struct directory *directory = directory_new(next);
    if (relay->floor->outbox &&
        !queue_floor_configure(relay->floor, directory, clock_now(relay->clock), err)) {
        directory_free(directory);
        return false;
    }
    warn_of_what_needs_a_restart(relay, next);
    warn_of_credentials(relay, next);
    directory_free(relay->directory);
    config_clear(relay->config);
    free(relay->config);
    relay->config = next;
    relay_set_time_zone(next);
    relay->directory = directory;
    relay->desk.directory = directory;
    chat_follow_review(&relay->desk);
    if (relay->floor->outbox) /* else threads have no numbers yet */
        checkup_configure(&relay->desk);
    return true;
}

static void say_problems(const struct relay *relay, const struct config_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct config_problem *problem = &problems->items[i];
        CLEANUP(free_memory) char *said = config_problem_say(problem);
        result_log_say(relay->log, problem->severity == CONFIG_ERROR ? LOG_ERR : LOG_WARNING, "%s",
                       said);
    }
    if (problems->left_out > 0)
        result_log_say(relay->log, LOG_WARNING, "and %zu more", problems->left_out);
}

void relay_reload(struct relay *relay)
{
    struct config *next = xcalloc(1, sizeof *next);
    struct config_problems problems = { 0 };
    struct error err = { "" };

    relay->reload_asked = false;
    supervisor_reloading();
    bool valid = config_load(relay->config_path, next, &problems);
    say_problems(relay, &problems);
    config_problems_clear(&problems);
    if (valid && adopt(relay, next, &err)) {
        result_log_tell(relay->log, "reloaded", LOG_NOTICE, "settings reloaded, threads: %zu",
                        relay->config->thread_count);
    } else {
        result_log_tell(relay->log, "not-reloaded", LOG_ERR,
                        "settings not reloaded, nothing has changed%s%s", err.text[0] ? ": " : "",
                        err.text);
        config_clear(next);
        free(next);
    }
    supervisor_ready();
}
