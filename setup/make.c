#include "setup/make.h"

#include "base/account.h"
#include "base/memory.h"
#include "base/new_file.h"
#include "config/value.h"
#include "setup/trial.h"
#include "setup/unique.h"

#include <string.h>
#include <unistd.h>

static char *title_of(const char *kind, const char *name)
{
    return xasprintf("%s %s", kind, name);
}

bool make_has(const struct setup *setup, const char *kind, const char *name)
{
    CLEANUP(free_memory) char *title = title_of(kind, name);
    return own_settings_get(&setup->own, title, strcmp(kind, "thread") == 0 ? "id" : "identity") !=
           NULL;
}

bool make_has_begun(const struct setup *setup, const char *kind, const char *name)
{
    CLEANUP(free_memory) char *goal = title_of(kind, name);
    return plan_get(setup->plan, goal, "begun") != NULL;
}

enum status make_check_name(struct setup *setup, const char *name)
{
    if (value_is_name(name))
        return STATUS_DONE;
    return setup_fail(setup, STATUS_USAGE,
                      "\"%s\" is no name (allowed: 1 to %d of A-Z a-z 0-9 . _ -)", name,
                      CONFIG_LONGEST_NAME);
}

static enum status note(struct setup *setup, const char *goal, const char *name, const char *value)
{
    return plan_note(setup->plan, goal, name, value, &setup->err) ? STATUS_DONE : STATUS_DENIED;
}

struct note {
    const char *name, *value; /* NULL: forget it */
};

static enum status note_all(struct setup *setup, const char *goal, const struct note *notes,
                            size_t count)
{
    enum status status = STATUS_DONE;
    for (size_t i = 0; i < count && status == STATUS_DONE; i++)
        status = note(setup, goal, notes[i].name, notes[i].value);
    return status;
}

static bool is_noted(const struct setup *setup, const char *goal, const char *name,
                     const char *value)
{
    const char *noted = plan_get(setup->plan, goal, name);
    return noted && strcmp(noted, value) == 0;
}

/* ---- senders -------------------------------------------------------------------------------- */

static char *key_path(const struct setup *setup, const char *name)
{
    CLEANUP(free_memory) char *inside = xasprintf("keys/%s", name);
    return setup_path(setup, inside);
}

/* `*owner`: who can read what is in it. */
static enum status guard_keys(struct setup *setup, uid_t *owner)
{
    CLEANUP(free_memory) char *folder = setup_path(setup, "keys");
    const char *account = setup->options->account;
    uid_t uid = 0;
    if (!new_folder_guard(folder, account, owner, &setup->err))
        return STATUS_DENIED;
    if (account_find_user(account, &uid) && uid == *owner)
        return STATUS_DONE;
    CLEANUP(free_memory) char *name = account_user_name(*owner);
    setup_tell(
        "%s is for %s alone: it could not be given to a user %s.\n"
        "The relay has to read what is in it: run it as %s, or give all of it to the user "
        "that the relay runs as (chown -R).",
        folder, name, account, name);
    return STATUS_DONE;
}

enum status make_keys_safe(struct setup *setup)
{
    CLEANUP(free_memory) char *folder = setup_path(setup, "keys");
    uid_t owner = 0;
    return access(folder, F_OK) == 0 ? guard_keys(setup, &owner) : STATUS_DONE;
}

/* Those who may send are many, and none of them may read it: nor may a group. */
enum status make_key_file(struct setup *setup, const char *name, const char *words_text)
{
    CLEANUP(free_memory) char *path = key_path(setup, name);
    uid_t owner = 0;
    const struct new_file file = { path, words_text, strlen(words_text), 0600, &owner };
    enum status status = guard_keys(setup, &owner);
    if (status == STATUS_DONE && !new_file_write(&file, &setup->err))
        return STATUS_DENIED;
    return status;
}

/* What is known of an identity of another resource is forgotten first: it is of no use here. */
static enum status plan_identity(struct setup *setup, const char *goal, const char *endpoint)
{
    const struct note notes[] = {
        { "identity", NULL }, { "asked", NULL }, { "endpoint", endpoint }, { "begun", "yes" }
    };
    if (is_noted(setup, goal, "endpoint", endpoint) && plan_get(setup->plan, goal, "begun"))
        return STATUS_DONE;
    return note_all(setup, goal, notes, sizeof notes / sizeof notes[0]);
}

/* The identity that was made for the goal, now or by an earlier run. */
static enum status make_identity(struct setup *setup, const char *goal,
                                 const struct resource *resource)
{
    CLEANUP(free_memory) char *identity = NULL;
    enum status status = plan_identity(setup, goal, resource->endpoint);
    if (status != STATUS_DONE || plan_get(setup->plan, goal, "identity"))
        return status;
    if (plan_get(setup->plan, goal, "asked"))
        setup_tell(
            "An earlier run broke off while it made an identity. If that was made, nobody "
            "knows its name; it is in no chat.");
    status = note(setup, goal, "asked", "yes");
    if (status == STATUS_DONE)
        status = resource_make_identity(resource, &identity, &setup->err);
    if (status == STATUS_DONE)
        status = note(setup, goal, "identity", identity);
    if (status == STATUS_DONE)
        setup_tell("Made an identity: %s", identity);
    return status;
}

static void set_sender(struct setup *setup, const char *title, const char *key_file,
                       const struct resource *resource)
{
    const struct options *options = setup->options;
    own_settings_set(&setup->own, title, "connection_string_file", key_file);
    own_settings_set(&setup->own, title, "identity", plan_get(setup->plan, title, "identity"));
    own_settings_set(&setup->own, title, "display_name", options->display_name);
    own_settings_set(&setup->own, title, "ca_file", resource->ca_file);
    own_settings_set(&setup->own, title, "proxy", resource->proxy);
}

/* Neither a section nor a file that somebody else has made. */
static enum status check_sender_is_free(struct setup *setup, const char *name)
{
    CLEANUP(free_memory) char *key_file = key_path(setup, name);
    if (config_sender_by_name(&setup->config, name))
        return setup_fail(
            setup, STATUS_BAD_SETTINGS,
            "the settings have a [sender %s] of their own; give this one another name", name);
    if (access(key_file, F_OK) == 0 && !make_has_begun(setup, "sender", name))
        return setup_fail(setup, STATUS_BAD_SETTINGS,
                          "%s is there already and was not made for [sender %s]; give the sender "
                          "another name",
                          key_file, name);
    return STATUS_DONE;
}

/* Words: NULL when there is a key file already. */
static enum status finish_sender(struct setup *setup, const char *name,
                                 const struct resource *resource, const char *words_text)
{
    CLEANUP(free_memory) char *title = title_of("sender", name);
    CLEANUP(free_memory) char *key_file = key_path(setup, name);
    enum status status = make_identity(setup, title, resource);
    if (status == STATUS_DONE && words_text)
        status = make_key_file(setup, name, words_text);
    if (status != STATUS_DONE)
        return status;
    set_sender(setup, title, words_text ? key_file : NULL, resource);
    status = setup_write(setup);
    if (status == STATUS_DONE && !plan_reached(setup->plan, title, &setup->err))
        status = STATUS_DENIED;
    return status;
}

enum status make_sender(struct setup *setup, const char *name, const struct resource *resource,
                        const char *words_text, const char *thread)
{
    enum status status = check_sender_is_free(setup, name);
    if (status == STATUS_DONE)
        status = trial_sender(setup, name, resource, thread);
    return status == STATUS_DONE ? finish_sender(setup, name, resource, words_text) : status;
}

enum status make_sender_again(struct setup *setup, const char *name,
                              const struct resource *resource)
{
    enum status status = setup_prepare(setup);
    return status == STATUS_DONE ? finish_sender(setup, name, resource, NULL) : status;
}

/* ---- threads -------------------------------------------------------------------------------- */

/* What the request will be known by, noted before it is made. Another identity begins anew. */
static enum status plan_thread(struct setup *setup, const char *goal, const char *identity)
{
    char request[UUID_TEXT_SIZE], stamp[STAMP_LENGTH + 1];
    if (is_noted(setup, goal, "identity", identity) && plan_get(setup->plan, goal, "begun"))
        return STATUS_DONE;
    unique_request(request);
    unique_stamp(stamp);
    const struct note notes[] = { { "id", NULL },           { "said", NULL },
                                  { "identity", identity }, { "request", request },
                                  { "stamp", stamp },       { "begun", "yes" } };
    return note_all(setup, goal, notes, sizeof notes / sizeof notes[0]);
}

/* The thread of the goal, made now or by an earlier run. */
static enum status get_thread(struct setup *setup, const char *goal, const struct speaker *speaker,
                              const char *topic)
{
    CLEANUP(free_memory) char *id = NULL;
    enum status status = plan_thread(setup, goal, speaker->member.identity);
    if (status != STATUS_DONE || plan_get(setup->plan, goal, "id"))
        return status;
    status = member_make_thread(&speaker->member, topic, plan_get(setup->plan, goal, "request"),
                                &id, &setup->err);
    if (status == STATUS_DONE)
        status = note(setup, goal, "id", id);
    if (status == STATUS_DONE)
        setup_tell("Made a thread: %s", id);
    return status;
}

enum status make_thread_settings(struct setup *setup, const char *name, const char *id,
                                 const char *sender)
{
    CLEANUP(free_memory) char *title = title_of("thread", name);
    own_settings_set(&setup->own, title, "id", id);
    own_settings_set(&setup->own, title, "sender", sender);
    return setup_write(setup);
}

enum status make_thread(struct setup *setup, const char *name, const struct config_sender *sender,
                        struct speaker *speaker, const char *topic)
{
    CLEANUP(free_memory) char *title = title_of("thread", name);
    enum status status = trial_thread(setup, name, sender->name);
    if (status == STATUS_DONE)
        status = get_thread(setup, title, speaker, topic);
    if (status != STATUS_DONE)
        return status;
    return make_thread_settings(setup, name, plan_get(setup->plan, title, "id"), sender->name);
}
