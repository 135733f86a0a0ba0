/*
 * verb_make.c - the verbs that make senders and threads
 */
#include "base/memory.h"
#include "base/secret_file.h"
#include "setup/ask_resource.h"
#include "setup/greeting.h"
#include "setup/make.h"
#include "setup/see.h"
#include "setup/verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name of the first section of that kind that we wrote, or `standard`. */
static const char *name_in_force(const struct setup *setup, const char *kind, const char *said,
                                 const char *standard)
{
    size_t length = strlen(kind);
    if (said)
        return said;
    for (size_t i = 0; i < setup->own.count; i++) {
        const char *title = setup->own.sections[i].title;
        if (strncmp(title, kind, length) == 0 && title[length] == ' ')
            return title + length + 1;
    }
    return standard;
}

/* ---- senders -------------------------------------------------------------------------------- */

/* Another key for a sender that we made; the new one must do before the old one goes. */
static enum status renew_key(struct setup *setup, const char *name, struct resource *resource,
                             const char *words_text)
{
    const struct config_sender *sender = config_sender_by_name(&setup->config, name);
    struct fresh_token token = { 0 };
    if (!sender || strcmp(sender->endpoint, resource->endpoint) != 0)
        return setup_fail(setup, STATUS_BAD_SETTINGS,
                          "[sender %s] is set up for another resource, %s; give this one a name of "
                          "its own: chatrelay setup sender NAME",
                          name, sender ? sender->endpoint : "");
    enum status status = resource_mint(resource, sender->identity, &token, &setup->err);
    secret_wipe(token.text);
    if (status == STATUS_DONE)
        status = make_key_file(setup, name, words_text);
    if (status == STATUS_DONE)
        setup_tell("[sender %s] has the key that was given.", name);
    return status;
}

/* `thread` is to be made with it; NULL: none. */
static enum status make_or_renew(struct setup *setup, const char *name, const char *thread)
{
    CLEANUP(resource_clear) struct resource resource = { 0 };
    char *words_text = NULL;
    bool exists = make_has(setup, "sender", name);
    enum status status = ask_resource(setup, &resource, &words_text);
    if (status == STATUS_DONE && exists)
        status = renew_key(setup, name, &resource, words_text);
    else if (status == STATUS_DONE)
        status = make_sender(setup, name, &resource, words_text, thread);
    secret_wipe(words_text);
    return status;
}

enum status verb_sender(struct setup *setup, const char *const *words, size_t count)
{
    (void)count;
    enum status status = make_check_name(setup, words[0]);
    if (status == STATUS_DONE)
        status = setup_may_write(setup);
    if (status == STATUS_DONE)
        status = make_or_renew(setup, words[0], NULL);
    if (status != STATUS_DONE)
        return status;
    CLEANUP(free_memory) char *title = xasprintf("sender %s", words[0]);
    printf("%s\n", own_settings_get(&setup->own, title, "identity"));
    return STATUS_DONE;
}

/* ---- threads -------------------------------------------------------------------------------- */

static enum status make_and_speak(struct setup *setup, const char *name,
                                  const struct config_sender *sender)
{
    struct speaker speaker;
    const char *topic = setup->options->topic ? setup->options->topic : name;
    enum status status = speaker_open(setup, sender, &speaker);
    if (status == STATUS_DONE)
        status = make_thread(setup, name, sender, &speaker, topic);
    if (status == STATUS_DONE)
        status = greeting_say(setup, name, &speaker);
    speaker_close(&speaker);
    return status;
}

static enum status check_thread_is_free(struct setup *setup, const char *name)
{
    if (config_thread_by_name(&setup->config, name) && !make_has_begun(setup, "thread", name))
        return setup_fail(
            setup, STATUS_BAD_SETTINGS,
            "the settings have a [thread %s] already; give this one another name, or: "
            "chatrelay setup replace %s",
            name, name);
    return STATUS_DONE;
}

enum status verb_thread(struct setup *setup, const char *const *words, size_t count)
{
    (void)count;
    const struct config_sender *sender = NULL;
    enum status status = make_check_name(setup, words[0]);
    if (status == STATUS_DONE)
        status = setup_may_write(setup);
    if (status == STATUS_DONE)
        status = check_thread_is_free(setup, words[0]);
    if (status == STATUS_DONE)
        status = setup_find_sender(setup, &sender);
    if (status == STATUS_DONE)
        status = make_and_speak(setup, words[0], sender);
    if (status == STATUS_DONE)
        setup_tell_to_reload(setup);
    return status;
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* Nothing is left to be made: see that it works. */
static enum status show(struct setup *setup, const char *name)
{
    CLEANUP(shown_clear) struct shown newest = { 0 };
    const struct config_thread *thread = NULL;
    struct speaker speaker = { 0 };
    enum status status = setup_find_thread(setup, name, &thread);
    if (status == STATUS_DONE)
        status = speaker_open(setup, thread->sender, &speaker);
    if (status == STATUS_DONE)
        status = see_thread(setup, &speaker, thread->id, &newest);
    speaker_close(&speaker);
    if (status == STATUS_NOT_FOUND)
        error_prefix(&setup->err, "what is in %s does not work (chatrelay setup replace %s?)",
                     setup->own_path, name);
    if (status != STATUS_DONE)
        return status;
    setup_tell("Everything is set up already: [thread %s] is %s, and works.", name, thread->id);
    see_print(setup, name, &newest);
    return STATUS_DONE;
}

static void tell_what_next(const struct setup *setup, const char *thread)
{
    bool is_standard = strcmp(setup->config_path, "/etc/chatrelay/chatrelay.conf") == 0;
    CLEANUP(free_memory)
    char *where = is_standard ? xstrdup("") : xasprintf("--config %s ", setup->options->config);
    setup_tell_to_reload(setup);
    setup_tell(
        "Then say something:\n"
        "    chatrelay send --to %s \"hello\"\n"
        "and let a person in who reads it:\n"
        "    chatrelay setup %sinvite %s NAME",
        thread, where, thread);
}

static enum status first_sender(struct setup *setup, const char *name, const char *thread)
{
    if (make_has(setup, "sender", name) && !setup->options->connection_string_file)
        return make_keys_safe(setup);
    return make_or_renew(setup, name, make_has(setup, "thread", thread) ? NULL : thread);
}

static enum status confirm_first(struct setup *setup, const char *sender, const char *thread)
{
    if (make_has(setup, "sender", sender) && make_has(setup, "thread", thread))
        return STATUS_DONE;
    setup_tell(
        "This makes an identity and a thread in your Communication Services resource, says "
        "something\nin the thread, and writes %s and %s/keys/%s.",
        setup->own_path, setup->folder, sender);
    return setup_confirm(setup, "Go on?");
}

/* What can be known to be wrong before anybody is asked. */
static enum status check_first(struct setup *setup, const char *sender, const char *thread)
{
    enum status status = make_check_name(setup, sender);
    if (status == STATUS_DONE)
        status = make_check_name(setup, thread);
    if (status == STATUS_DONE)
        status = setup_may_write(setup);
    if (status == STATUS_DONE && !make_has(setup, "thread", thread))
        status = check_thread_is_free(setup, thread);
    return status;
}

/* Made, replaced as an earlier run has begun to, or looked at. */
static enum status first_thread(struct setup *setup, const char *sender, const char *thread)
{
    CLEANUP(free_memory) char *goal = xasprintf("thread %s", thread);
    const char *const words[] = { thread };
    if (make_has(setup, "thread", thread) && !make_has_begun(setup, "thread", thread))
        return show(setup, thread);
    if (plan_get(setup->plan, goal, "old"))
        return verb_replace(setup, words, 1);
    enum status status =
        make_and_speak(setup, thread, config_sender_by_name(&setup->config, sender));
    if (status == STATUS_DONE)
        tell_what_next(setup, thread);
    return status;
}

enum status verb_first(struct setup *setup, const char *const *words, size_t count)
{
    (void)words;
    (void)count;
    const struct options *options = setup->options;
    CLEANUP(free_memory)
    char *sender = xstrdup(name_in_force(setup, "sender", options->sender, "main"));
    CLEANUP(free_memory)
    char *thread = xstrdup(name_in_force(setup, "thread", options->thread, "ops"));
    enum status status = check_first(setup, sender, thread);
    if (status == STATUS_DONE)
        status = confirm_first(setup, sender, thread);
    if (status == STATUS_DONE)
        status = first_sender(setup, sender, thread);
    return status == STATUS_DONE ? first_thread(setup, sender, thread) : status;
}
