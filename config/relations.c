#include "config/relations.h"

#include "base/memory.h"
#include "base/nearest.h"
#include "config/document.h"
#include "config/endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Tell what is wrong with a setting of `section` that has been read well. */
static void PRINTF_LIKE(5, 6)
    tell(const struct config *config, struct config_problems *problems,
         const struct document_section *section, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    document_tell(config->document, problems, CONFIG_ERROR, section,
                  setting_find(settings, settings_count, section->kind, name), format, args);
    va_end(args);
}

/* The same of something that is odd, and may be meant so. */
static void PRINTF_LIKE(5, 6)
    warn(const struct config *config, struct config_problems *problems,
         const struct document_section *section, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    document_tell(config->document, problems, CONFIG_WARNING, section,
                  setting_find(settings, settings_count, section->kind, name), format, args);
    va_end(args);
}

static const char *nearest_sender(const struct config *config, const char *name)
{
    CLEANUP(free_memory) const char **names = xcalloc(config->sender_count, sizeof *names);
    for (size_t i = 0; i < config->sender_count; i++)
        names[i] = config->senders[i].name;
    return nearest(name, names, config->sender_count);
}

static const char *nearest_thread(const struct config *config, const char *name)
{
    CLEANUP(free_memory) const char **names = xcalloc(config->thread_count, sizeof *names);
    for (size_t i = 0; i < config->thread_count; i++)
        names[i] = config->threads[i].name;
    return nearest(name, names, config->thread_count);
}

/* "; did you mean ...?", or nothing when `near` is NULL. To be freed. */
static char *suggestion(const char *near)
{
    return near ? xasprintf("; did you mean \"%s\"?", near) : xstrdup("");
}

static void tell_unknown_sender(const struct config *config, struct config_problems *problems,
                                const struct document_section *section, const char *name)
{
    CLEANUP(free_memory) char *hint = suggestion(nearest_sender(config, name));
    tell(config, problems, section, "sender", "there is no [sender %s]%s", name, hint);
}

static void find_sender(const struct config *config, struct config_problems *problems,
                        const struct document_section *section, struct config_thread *thread)
{
    if (thread->sender_name) {
        thread->sender = config_sender_by_name(config, thread->sender_name);
        if (!thread->sender)
            tell_unknown_sender(config, problems, section, thread->sender_name);
    } else if (config->sender_count == 1) {
        thread->sender = &config->senders[0];
        thread->sender_name = xstrdup(thread->sender->name);
    } else if (config->sender_count == 0)
        tell(config, problems, section, "sender", "there is no [sender NAME] to speak here");
    else
        tell(config, problems, section, "sender", "must be said, as there are %zu senders",
             config->sender_count);
}

static void copy_names(const struct config_names *from, struct config_names *to)
{
    to->names = xcalloc(from->count, sizeof *to->names);
    for (to->count = 0; to->count < from->count; to->count++)
        to->names[to->count] = xstrdup(from->names[to->count]);
}

/* Two threads cannot have been the same one, and none can have been one that still is. */
static void check_was(const struct config *config, struct config_problems *problems,
                      const struct document_section *section, const struct config_thread *thread)
{
    if (!thread->was)
        return;
    if (config_thread_by_name(config, thread->was))
        tell(config, problems, section, "was", "there still is a [thread %s]", thread->was);
    for (const struct config_thread *other = config->threads; other < thread; other++)
        if (other->was && strcmp(other->was, thread->was) == 0)
            tell(config, problems, section, "was", "[thread %s] says so too", other->name);
}

static bool is_same_place(const struct config_thread *one, const struct config_thread *other)
{
    return one->sender && other->sender && one->sender->endpoint && other->sender->endpoint &&
           one->id && other->id && strcmp(one->id, other->id) == 0 &&
           strcmp(one->sender->endpoint, other->sender->endpoint) == 0;
}

static bool is_same_pace(const struct config_pace *one, const struct config_pace *other)
{
    bool same = one->count == other->count;
    for (size_t i = 0; i < one->count && same; i++)
        same = one->windows[i].count == other->windows[i].count &&
               one->windows[i].window_ms == other->windows[i].window_ms;
    return same;
}

/* The service limits a remote thread, whatever it is called here. */
static void check_namesakes(const struct config *config, struct config_problems *problems,
                            const struct document_section *section,
                            const struct config_thread *thread)
{
    for (const struct config_thread *other = config->threads; other < thread; other++)
        if (is_same_place(thread, other) && !is_same_pace(&thread->pace, &other->pace))
            warn(config, problems, section, "pace",
                 "[thread %s] leads to the same remote thread at another pace: the strictest of "
                 "them holds for all",
                 other->name);
}

static void relate_thread(const struct config *config, struct config_problems *problems,
                          const struct document_section *section)
{
    struct config_thread *thread = &config->threads[section->index];
    find_sender(config, problems, section, thread);
    if (thread->allow.count == 0)
        copy_names(&config->access.allow, &thread->allow);
    if (thread->pace.count == 0 && thread->sender && thread->sender->endpoint &&
        !thread->sender->is_loopback)
        tell(config, problems, section, "pace",
             "allowed only towards an endpoint on this machine, and [sender %s] speaks to another",
             thread->sender->name);
    check_was(config, problems, section, thread);
    check_namesakes(config, problems, section, thread);
}

/* The name of this machine, as senders are called by default. To be freed. */
static char *machine_name(void)
{
    char name[256] = "";
    if (gethostname(name, sizeof name - 1) != 0 || !*name)
        return xstrdup("chatrelay");
    return xstrdup(name);
}

/* Whether a line says so, be its value allowed or not. */
static bool is_set(const struct document_section *section, const char *name)
{
    return document_entry(section, setting_find(settings, settings_count, SECTION_SENDER, name));
}

static const char *const token_sources[] = { "connection_string_file", "access_key_file",
                                             "token_file", "token_command", "managed_identity" };
enum { TOKEN_SOURCES = sizeof token_sources / sizeof token_sources[0] };

static void check_token_source(const struct config *config, struct config_problems *problems,
                               const struct document_section *section)
{
    const char *first = NULL;
    for (size_t i = 0; i < TOKEN_SOURCES; i++) {
        if (!is_set(section, token_sources[i]))
            continue;
        if (first)
            tell(config, problems, section, token_sources[i],
                 "there is %s already: a sender gets its token in one way", first);
        else
            first = token_sources[i];
    }
    if (!first)
        tell(config, problems, section, token_sources[0],
             "missing, as are access_key_file, token_file, token_command and managed_identity: one "
             "of them must say "
             "where the sender's access token comes from");
}

static void check_place(const struct config *config, struct config_problems *problems,
                        const struct document_section *section)
{
    bool has_string = is_set(section, "connection_string_file");
    bool has_endpoint = is_set(section, "endpoint");
    if (has_string && has_endpoint)
        tell(config, problems, section, "endpoint",
             "it stands in the connection string already, so leave this line out");
    else if (!has_string && !has_endpoint)
        tell(config, problems, section, "endpoint",
             "missing: where the chat service is, such as "
             "https://contoso.communication.azure.com");
    bool mints =
        has_string || is_set(section, "access_key_file") || is_set(section, "managed_identity");
    if (mints && !is_set(section, "identity"))
        tell(config, problems, section, "identity",
             "missing: tokens are minted for a communication user, \"8:acs:...\"");
}

static void relate_sender(struct config *config, struct config_problems *problems,
                          const struct document_section *section)
{
    struct config_sender *sender = &config->senders[section->index];
    check_token_source(config, problems, section);
    check_place(config, problems, section);
    sender->is_loopback = sender->endpoint && endpoint_is_loopback(sender->endpoint);
    if (!sender->display_name)
        sender->display_name = machine_name();
}

static void find_default_thread(struct config *config, struct config_problems *problems)
{
    char *name = config->relay.default_thread;
    if (!name && config->thread_count == 1)
        config->relay.default_thread = xstrdup(config->threads[0].name);
    else if (name && !config_thread_by_name(config, name)) {
        CLEANUP(free_memory) char *hint = suggestion(nearest_thread(config, name));
        tell(config, problems, document_find(config->document, SECTION_RELAY, ""), "default_thread",
             "there is no [thread %s]%s", name, hint);
    }
}

void relate(struct config *config, struct config_problems *problems)
{
    for (size_t i = 0; i < config->document->section_count; i++)
        if (config->document->sections[i].kind == SECTION_SENDER)
            relate_sender(config, problems, &config->document->sections[i]);
    for (size_t i = 0; i < config->document->section_count; i++)
        if (config->document->sections[i].kind == SECTION_THREAD)
            relate_thread(config, problems, &config->document->sections[i]);
    find_default_thread(config, problems);
}
