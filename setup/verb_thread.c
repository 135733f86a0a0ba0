/*
 * verb_thread.c - the verbs about threads that exist, or did
 */
#include "base/instant.h"
#include "base/memory.h"
#include "chat/raw_id.h"
#include "setup/greeting.h"
#include "setup/make.h"
#include "setup/person.h"
#include "setup/see.h"
#include "setup/verb.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- find ----------------------------------------------------------------------------------- */

/* How the settings call it; "" when they do not know it. */
static const char *name_of(const struct setup *setup, const char *id)
{
    for (size_t i = 0; i < setup->config.thread_count; i++)
        if (strcmp(setup->config.threads[i].id, id) == 0)
            return setup->config.threads[i].name;
    return "";
}

static void print_listed(const struct setup *setup, const struct listed_thread *thread)
{
    char last[INSTANT_LONGEST_TEXT] = "";
    const char *name = name_of(setup, thread->id);
    if (thread->last_at > 0)
        instant_format_rfc3339(thread->last_at, last);
    if (!setup->options->json) {
        setup_print("%s\t%s\t%s%s", thread->id, *name ? name : "-", thread->topic,
                    thread->deleted_at ? " (deleted)" : "");
        return;
    }
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:b}", "id", thread->id, "thread", name, "topic",
                             thread->topic, "last", last, "deleted", thread->deleted_at != 0);
    setup_print_json(json);
}

enum status verb_find(struct setup *setup, const char *const *words, size_t count)
{
    (void)words;
    (void)count;
    const struct config_sender *sender = NULL;
    struct speaker speaker = { 0 };
    CLEANUP(thread_list_clear) struct thread_list list = { 0 };
    enum status status = setup_find_sender(setup, &sender);
    if (status == STATUS_DONE)
        status = speaker_open(setup, sender, &speaker);
    if (status == STATUS_DONE)
        status = member_list_threads(&speaker.member, &list, &setup->err);
    speaker_close(&speaker);
    if (status != STATUS_DONE)
        return status;
    for (size_t i = 0; i < list.count; i++)
        print_listed(setup, &list.threads[i]);
    if (list.count == 0)
        setup_tell("The sender is in no thread.");
    return STATUS_DONE;
}

/* ---- adopt ---------------------------------------------------------------------------------- */

static enum status check_adoption(struct setup *setup, const char *id, const char *name)
{
    enum status status = make_check_name(setup, name);
    if (status == STATUS_DONE && !raw_id_is_usable(id))
        status = setup_fail(setup, STATUS_BAD_DATA,
                            "\"%s\" is no thread's id, such as 19:...@thread.v2", id);
    if (status == STATUS_DONE)
        status = setup_may_write(setup);
    const struct config_thread *there = config_thread_by_name(&setup->config, name);
    if (status == STATUS_DONE && there && strcmp(there->id, id) != 0)
        status = setup_fail(setup, STATUS_BAD_SETTINGS,
                            "the settings have another [thread %s] already", name);
    return status;
}

enum status verb_adopt(struct setup *setup, const char *const *words, size_t count)
{
    (void)count;
    const char *id = words[0], *name = words[1];
    const struct config_sender *sender = NULL;
    struct speaker speaker = { 0 };
    CLEANUP(shown_clear) struct shown newest = { 0 };
    enum status status = check_adoption(setup, id, name);
    if (status == STATUS_DONE)
        status = setup_find_sender(setup, &sender);
    if (status == STATUS_DONE)
        status = speaker_open(setup, sender, &speaker);
    if (status == STATUS_DONE)
        status = see_thread(setup, &speaker, id, &newest);
    bool is_new = !config_thread_by_name(&setup->config, name);
    if (status == STATUS_DONE && is_new)
        status = make_thread_settings(setup, name, id, sender->name);
    speaker_close(&speaker);
    if (status == STATUS_DONE)
        see_print(setup, name, &newest);
    if (status == STATUS_DONE && is_new)
        setup_tell_to_reload(setup);
    return status;
}

/* ---- replace -------------------------------------------------------------------------------- */

/* Those who were invited to the thread. */
static void recall_people(struct setup *setup, const char *id, struct participants *people)
{
    size_t count = 0;
    struct person *known = people_load(setup, &count);
    people->items = xcalloc(count + 1, sizeof *people->items);
    for (size_t i = 0; i < count; i++) {
        if (known[i].identity && known[i].thread && strcmp(known[i].thread, id) == 0) {
            struct participant *one = &people->items[people->count++];
            one->identity = xstrdup(known[i].identity);
            snprintf(one->name, sizeof one->name, "%s", known[i].name ? known[i].name : "");
        }
        person_clear(&known[i]);
    }
    free(known);
}

/*
 * Who shall be in the new thread: who is in the old one, or, where that is gone or closed to us,
 * was. When the chat only cannot say it now, nobody shall be left behind.
 */
static enum status collect_people(struct setup *setup, const struct speaker *speaker,
                                  const char *old_id, struct participants *people)
{
    enum status status = STATUS_NOT_FOUND;
    if (speaker->token.text)
        status = member_list_people(&speaker->member, old_id, people, &setup->err);
    if (status != STATUS_NOT_FOUND && status != STATUS_DENIED)
        return status;
    participants_clear(people);
    recall_people(setup, old_id, people);
    return STATUS_DONE;
}

/* One who cannot be let in does not keep the others out. */
static void let_in(const struct speaker *speaker, const char *id, const struct participants *people)
{
    struct thread_properties properties = { 0 };
    struct error err;
    if (member_see_thread(&speaker->member, id, &properties, NULL) != STATUS_DONE)
        properties.created_at = clock_now(&clock_system).at;
    for (size_t i = 0; i < people->count; i++) {
        const struct participant *one = &people->items[i];
        const char *name = one->name[0] ? one->name : one->identity;
        if (strcmp(one->identity, speaker->identity) == 0)
            continue;
        if (member_add(&speaker->member, id, one->identity, name, properties.created_at, &err) ==
            STATUS_DONE)
            setup_tell("%s is in the new thread.", name);
        else
            setup_tell("%s could not be let into the new thread: %s", name, err.text);
    }
}

/* What is wrong with the thread, to be said before it is replaced. */
static enum status examine(struct setup *setup, const struct config_thread *thread,
                           struct speaker *speaker, bool *identity_is_gone)
{
    struct thread_properties properties = { 0 };
    enum status status = speaker_open(setup, thread->sender, speaker);
    *identity_is_gone = status == STATUS_NOT_FOUND;
    if (*identity_is_gone) {
        setup_tell(
            "The identity of [sender %s] is gone: it gets a new one. Its other threads, if "
            "any, need to be replaced too.",
            thread->sender->name);
        return STATUS_DONE;
    }
    if (status != STATUS_DONE)
        return status;
    status = member_see_thread(&speaker->member, thread->id, &properties, &setup->err);
    if (status == STATUS_DONE && properties.deleted_at == 0)
        setup_tell("[thread %s] is there and works. What was said in it stays there.",
                   thread->name);
    bool is_lost = status == STATUS_NOT_FOUND || status == STATUS_BAD_DATA;
    return is_lost || status == STATUS_DENIED ? STATUS_DONE : status;
}

static enum status new_identity_for(struct setup *setup, const char *sender_name,
                                    struct speaker *speaker)
{
    enum status status = make_sender_again(setup, sender_name, &speaker->resource);
    speaker_close(speaker);
    if (status != STATUS_DONE)
        return status;
    return speaker_open(setup, config_sender_by_name(&setup->config, sender_name), speaker);
}

/*
 * Note the thread whose people shall be in the new one, unless an earlier run did: it may have
 * replaced it already. To be freed; NULL when that failed.
 */
static char *note_old_id(struct setup *setup, const char *goal, const char *id)
{
    const char *noted = plan_get(setup->plan, goal, "old");
    if (!noted && !plan_note(setup->plan, goal, "old", id, &setup->err))
        return NULL;
    return xstrdup(plan_get(setup->plan, goal, "old"));
}

static enum status replace(struct setup *setup, const char *name, struct speaker *speaker,
                           bool identity_is_gone)
{
    CLEANUP(participants_clear) struct participants people = { 0 };
    CLEANUP(free_memory) char *title = xasprintf("thread %s", name);
    const struct config_thread *thread = config_thread_by_name(&setup->config, name);
    CLEANUP(free_memory) char *sender_name = xstrdup(thread->sender_name);
    CLEANUP(free_memory) char *old_id = note_old_id(setup, title, thread->id);
    const char *topic = setup->options->topic ? setup->options->topic : name;
    if (!old_id)
        return STATUS_DENIED;
    enum status status = collect_people(setup, speaker, old_id, &people);
    if (status == STATUS_DONE && identity_is_gone)
        status = new_identity_for(setup, sender_name, speaker);
    if (status == STATUS_DONE)
        status = make_thread(setup, name, config_sender_by_name(&setup->config, sender_name),
                             speaker, topic);
    if (status != STATUS_DONE)
        return status;
    let_in(speaker, own_settings_get(&setup->own, title, "id"), &people);
    return greeting_say(setup, name, speaker);
}

/* The thread, if it is one of ours. */
static enum status find_own(struct setup *setup, const char *name,
                            const struct config_thread **thread)
{
    enum status status = setup_find_thread(setup, name, thread);
    if (status == STATUS_DONE)
        status = setup_may_write(setup);
    if (status == STATUS_DONE && !make_has(setup, "thread", name))
        status = setup_fail(setup, STATUS_BAD_SETTINGS,
                            "[thread %s] is not in %s; change its id where it stands", name,
                            setup->own_path);
    return status;
}

enum status verb_replace(struct setup *setup, const char *const *words, size_t count)
{
    (void)count;
    const char *name = words[0];
    const struct config_thread *thread = NULL;
    struct speaker speaker = { 0 };
    bool identity_is_gone = false;
    enum status status = find_own(setup, name, &thread);
    if (status == STATUS_DONE)
        status = examine(setup, thread, &speaker, &identity_is_gone);
    if (status == STATUS_DONE)
        status = setup_confirm(setup, "Make a new thread in its place?");
    if (status == STATUS_DONE)
        status = replace(setup, name, &speaker, identity_is_gone);
    speaker_close(&speaker);
    if (status == STATUS_DONE) {
        setup_tell(
            "What waits for %s goes to the new thread once the relay has read the settings "
            "again.",
            name);
        setup_tell_to_reload(setup);
    }
    return status;
}
