#include "daemon/directory.h"

#include "base/memory.h"
#include "base/nearest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int compare_threads(const void *one, const void *other)
{
    const struct directory_thread *a = one, *b = other;
    return strcmp(a->settings->name, b->settings->name);
}

static void add_threads(struct directory *directory, struct access_names *known)
{
    const struct config *config = directory->config;
    directory->threads = xcalloc(config->thread_count + 1, sizeof *directory->threads);
    directory->thread_count = config->thread_count;
    for (size_t i = 0; i < config->thread_count; i++) {
        directory->threads[i].settings = &config->threads[i];
        access_resolve(&directory->threads[i].allow, &config->threads[i].allow, known);
    }
    qsort(directory->threads, directory->thread_count, sizeof *directory->threads, compare_threads);
}

static void add_quotas(struct directory *directory, struct access_names *known)
{
    const struct config *config = directory->config;
    directory->quotas = xcalloc(config->quota_count + 1, sizeof *directory->quotas);
    directory->quota_count = config->quota_count;
    for (size_t i = 0; i < config->quota_count; i++) {
        const struct config_names who = { .names = &config->quotas[i].who, .count = 1 };
        access_resolve(&directory->quotas[i].who, &who, known);
        directory->quotas[i].waiting = config->quotas[i].waiting;
    }
}

struct directory *directory_new(const struct config *config)
{
    struct directory *directory = xcalloc(1, sizeof *directory);
    directory->config = config;
    struct access_names known CLEANUP(access_names_clear) = { 0 };
    add_threads(directory, &known);
    add_quotas(directory, &known);
    access_resolve(&directory->operators, &config->access.operators, &known);
    return directory;
}

void directory_free(struct directory *directory)
{
    if (!directory)
        return;
    for (size_t i = 0; i < directory->thread_count; i++)
        access_clear(&directory->threads[i].allow);
    for (size_t i = 0; i < directory->quota_count; i++)
        access_clear(&directory->quotas[i].who);
    access_clear(&directory->operators);
    free(directory->threads);
    free(directory->quotas);
    free(directory);
}

void directory_number(struct directory *directory, struct outbox *outbox)
{
    for (size_t i = 0; i < directory->thread_count; i++)
        directory->threads[i].number = outbox_thread(outbox, directory->threads[i].settings->name);
}

const struct directory_thread *directory_find(const struct directory *directory, const char *name)
{
    if (!name) {
        const struct config_thread *settings = config_default_thread(directory->config);
        if (!settings)
            return NULL;
        name = settings->name;
    }
    size_t low = 0, high = directory->thread_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(directory->threads[middle].settings->name, name);
        if (order == 0)
            return &directory->threads[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct directory_thread *directory_by_number(const struct directory *directory,
                                                   int64_t number)
{
    for (size_t i = 0; i < directory->thread_count; i++)
        if (directory->threads[i].number == number)
            return &directory->threads[i];
    return NULL;
}

/* The name most like it, NULL when none is. */
static const char *find_nearest(const struct directory *directory, const char *name)
{
    const char **names = (const char **)xcalloc(directory->thread_count + 1, sizeof *names);
    for (size_t i = 0; i < directory->thread_count; i++)
        names[i] = directory->threads[i].settings->name;
    const char *found = nearest(name, names, directory->thread_count);
    free(names);
    return found;
}

bool directory_refuse_unknown(const struct directory *directory, const char *what, const char *name,
                              const char *field, struct refusal *refusal)
{
    const char *meant = find_nearest(directory, name);
    return refusal_set(refusal, REFUSAL_UNKNOWN_THREAD, field,
                       "there is no %s \"%.64s\" in the settings%s%s%s", what, name,
                       meant ? "; did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
}

bool directory_is_operator(const struct directory *directory, const struct asker *asker)
{
    return asker->uid == geteuid() || access_admits(&directory->operators, asker);
}

bool directory_admits(const struct directory_thread *thread, const struct asker *asker)
{
    return asker->uid == geteuid() || access_admits(&thread->allow, asker);
}

bool directory_may_see_thread(const struct directory *directory, const struct asker *asker,
                              const struct directory_thread *thread)
{
    return directory_admits(thread, asker) || directory_is_operator(directory, asker);
}

bool directory_may_see_message(const struct directory *directory, const struct asker *asker,
                               const struct message *message)
{
    return message->uid == asker->uid || directory_is_operator(directory, asker);
}

int64_t directory_quota_of(const struct directory *directory, const struct asker *asker)
{
    int64_t most = INT64_MAX;
    for (size_t i = 0; i < directory->quota_count; i++) {
        const struct directory_quota *quota = &directory->quotas[i];
        if (quota->waiting < most && access_admits(&quota->who, asker))
            most = quota->waiting;
    }
    return most;
}

static struct digest_rule digest_rule_of(const struct config_thread *thread)
{
    static const enum digest_mode modes[] = { [CONFIG_DIGEST_OFF] = DIGEST_OFF,
                                              [CONFIG_DIGEST_BACKLOG] = DIGEST_BACKLOG,
                                              [CONFIG_DIGEST_ALWAYS] = DIGEST_ALWAYS };
    return (struct digest_rule){ .mode = modes[thread->digest],
                                 .after_ms = thread->digest_after_ms,
                                 .messages = thread->digest_messages,
                                 .limit = thread->content_limit,
                                 .utf16 = thread->content_unit == CONFIG_CONTENT_UNIT_UTF16 };
}

static enum on_doubt on_doubt_of(enum config_on_doubt setting)
{
    static const enum on_doubt meanings[] = {
        [CONFIG_ON_DOUBT_LOOK] = ON_DOUBT_LOOK,
        [CONFIG_ON_DOUBT_HOLD] = ON_DOUBT_HOLD,
        [CONFIG_ON_DOUBT_RISK_TWICE] = ON_DOUBT_RISK_TWICE,
    };
    return meanings[setting];
}

static struct route_setup route_of(const struct config_thread *thread)
{
    const struct config_sender *sender = thread->sender;
    struct route_setup setup = {
        .name = thread->name,
        .endpoint = sender->endpoint,
        .thread = thread->id,
        .sender = sender->name,
        .limits = { .pace_count = thread->pace.count,
                    .urgent_percent = (int)thread->urgent_share_percent,
                    .pace_percent = 100 },
        .thread_retry = { thread->backoff.first_ms, thread->backoff.longest_ms },
        .endpoint_retry = { sender->backoff.first_ms, sender->backoff.longest_ms },
        .late_mark = { .after_ms = thread->late_mark_ms,
                       .limit = thread->content_limit,
                       .utf16 = thread->content_unit == CONFIG_CONTENT_UNIT_UTF16 },
        .report_after_ms = thread->report_after_ms,
        .digest = digest_rule_of(thread),
        .settle_ms = thread->settle_ms,
        .on_doubt = on_doubt_of(thread->on_doubt),
    };
    for (size_t i = 0; i < thread->pace.count; i++)
        setup.limits.paces[i] =
            (struct pace){ thread->pace.windows[i].count, thread->pace.windows[i].window_ms };
    return setup;
}

struct route_setup *directory_routes(const struct directory *directory)
{
    struct route_setup *setups = xcalloc(directory->thread_count + 1, sizeof *setups);
    for (size_t i = 0; i < directory->thread_count; i++)
        setups[i] = route_of(directory->threads[i].settings);
    return setups;
}
