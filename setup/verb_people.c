/*
 * verb_people.c - the verbs about who is in a thread
 */
#include "base/memory.h"
#include "base/secret_file.h"
#include "chat/new_identity.h"
#include "setup/person.h"
#include "setup/room.h"
#include "setup/verb.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- people --------------------------------------------------------------------------------- */

static void print_participant(const struct setup *setup, const struct room *room,
                              const struct participant *participant)
{
    bool relay = room_is_sender(room, participant);
    if (!setup->options->json) {
        setup_print("%s\t%s", participant->identity,
                    relay && !participant->name[0] ? "(the relay)" : participant->name);
        return;
    }
    json_t *json = json_pack("{s:s, s:s, s:b}", "identity", participant->identity, "name",
                             participant->name, "relay", relay);
    setup_print_json(json);
}

enum status verb_people(struct setup *setup, const char *const *words, size_t count)
{
    (void)count;
    CLEANUP(room_close) struct room room;
    enum status status = room_open(setup, words[0], &room);
    for (size_t i = 0; status == STATUS_DONE && i < room.people.count; i++)
        print_participant(setup, &room, &room.people.items[i]);
    return status;
}

/* ---- invite --------------------------------------------------------------------------------- */

/* Identities are made, ended and given tokens with a key. */
static enum status check_key(struct setup *setup, const struct room *room)
{
    if (room->speaker.resource.key_count > 0)
        return STATUS_DONE;
    return setup_fail(setup, STATUS_BAD_SETTINGS,
                      "[sender %s] has no key, and identities are made and deleted with one",
                      room->thread->sender->name);
}

/* On disk before it is in the chat: a second run shall find it. */
static enum status identify_anew(struct setup *setup, const struct room *room,
                                 struct person *person)
{
    free(person->identity);
    person->identity = NULL;
    enum status status =
        resource_make_identity(&room->speaker.resource, &person->identity, &setup->err);
    return status == STATUS_DONE ? person_save(setup, person, NULL, NULL) : status;
}

/* Somebody who was not invited from here, and may be another person: the token would be theirs. */
static enum status accept_stranger(struct setup *setup, const struct room *room,
                                   const struct participant *stranger, char **identity)
{
    setup_tell("%s who is in %s already was not invited from here: %s", stranger->name,
               room->thread->name, stranger->identity);
    enum status status = setup_confirm_harm(setup, "Is this the person?");
    if (status == STATUS_DONE)
        *identity = xstrdup(stranger->identity);
    return status;
}

/* Who it is: somebody invited before, somebody in the thread, or somebody new. */
static enum status identify(struct setup *setup, const struct room *room, struct person *person)
{
    const struct participant *named = room_find_named(room, person->name, NULL);
    person->identity = room_invited_before(setup, room, person->name);
    if (person->identity)
        return STATUS_DONE;
    if (!named)
        return identify_anew(setup, room, person);
    if (room_find_named(room, person->name, named))
        return room_refuse_namesakes(setup, room, person->name);
    return accept_stranger(setup, room, named, &person->identity);
}

static enum status join(struct setup *setup, const struct room *room, const struct person *person)
{
    struct thread_properties properties;
    const struct member *member = &room->speaker.member;
    if (room_find(room, person->identity))
        return STATUS_DONE;
    enum status status = member_see_thread(member, room->thread->id, &properties, &setup->err);
    if (status == STATUS_DONE)
        status = member_add(member, room->thread->id, person->identity, person->name,
                            properties.created_at, &setup->err);
    if (status == STATUS_DONE)
        setup_tell("%s is in the thread now, and sees all that was said in it.", person->name);
    else
        error_prefix(&setup->err, "%s (%s) cannot be let into %s", person->name, person->identity,
                     room->thread->name);
    return status;
}

/* Whose identity was deleted gets another one. */
static enum status mint(struct setup *setup, const struct room *room, struct person *person,
                        struct fresh_token *token)
{
    const struct resource *resource = &room->speaker.resource;
    enum status status = resource_mint(resource, person->identity, token, &setup->err);
    if (status != STATUS_NOT_FOUND)
        return status;
    setup_tell("The identity of %s was deleted: there is a new one.", person->name);
    status = identify_anew(setup, room, person);
    return status == STATUS_DONE ? resource_mint(resource, person->identity, token, &setup->err)
                                 : status;
}

static enum status hand_out(struct setup *setup, const struct person *person,
                            const struct fresh_token *token)
{
    CLEANUP(free_memory) char *path = NULL;
    enum status status = person_save(setup, person, token, &path);
    if (status != STATUS_DONE)
        return status;
    setup_tell(
        "What it takes to read along is in this file, a secret that is worth something for a "
        "day\n(the same command renews it):");
    printf("%s\n", path);
    return STATUS_DONE;
}

static enum status invite_known(struct setup *setup, const struct room *room, const char *identity)
{
    CLEANUP(person_clear)
    struct person person = { .name = xstrdup(identity), .identity = xstrdup(identity) };
    if (!identity_is_usable(identity))
        return setup_fail(setup, STATUS_BAD_DATA, "\"%s\" is no identity", identity);
    return join(setup, room, &person);
}

static enum status invite_by_name(struct setup *setup, struct room *room, const char *name)
{
    CLEANUP(person_clear)
    struct person person = { .name = xstrdup(name),
                             .endpoint = xstrdup(room->speaker.resource.endpoint),
                             .thread = xstrdup(room->thread->id) };
    struct fresh_token token = { 0 };
    enum status status = person_check_name(setup, name);
    if (status == STATUS_DONE)
        status = check_key(setup, room);
    if (status == STATUS_DONE)
        status = identify(setup, room, &person);
    if (status == STATUS_DONE)
        status = mint(setup, room, &person, &token);
    if (status == STATUS_DONE)
        status = join(setup, room, &person);
    if (status == STATUS_DONE)
        status = hand_out(setup, &person, &token);
    secret_wipe(token.text);
    return status;
}

enum status verb_invite(struct setup *setup, const char *const *words, size_t count)
{
    (void)count;
    CLEANUP(room_close) struct room room;
    enum status status = room_open(setup, words[0], &room);
    if (status != STATUS_DONE)
        return status;
    return strncmp(words[1], "8:", 2) == 0 ? invite_known(setup, &room, words[1])
                                           : invite_by_name(setup, &room, words[1]);
}

/* ---- remove --------------------------------------------------------------------------------- */

/* Before anything is done: a "no" leaves all as it is. */
static enum status confirm_end(struct setup *setup, const char *word)
{
    setup_tell(
        "Azure deletes all that %s has said in any chat of this resource, with the identity. "
        "This cannot\nbe taken back.",
        word);
    return setup_confirm_harm(setup, "Delete the identity?");
}

static enum status end_identity(struct setup *setup, const struct room *room, const char *word,
                                const char *identity)
{
    enum status status = resource_end_identity(&room->speaker.resource, identity, &setup->err);
    if (status == STATUS_DONE)
        people_forget(setup, identity);
    else
        error_prefix(&setup->err, "%s is put out, but the identity %s is not deleted", word,
                     identity);
    return status;
}

/* Out of the thread; who is not in it, is out already. */
static enum status leave(struct setup *setup, const struct room *room, const char *word,
                         const char *identity)
{
    enum status status = STATUS_DONE;
    if (room_find(room, identity))
        status = member_remove(&room->speaker.member, room->thread->id, identity, &setup->err);
    if (status == STATUS_DONE)
        setup_tell("%s is not in %s any more.%s", word, room->thread->name,
                   setup->options->delete_identity ? ""
                                                   : " What was said until now can still be read.");
    else
        error_prefix(&setup->err, "%s (%s) cannot be put out of %s", word, identity,
                     room->thread->name);
    return status;
}

static enum status put_out(struct setup *setup, const struct room *room, const char *word,
                           const char *identity)
{
    if (strcmp(identity, room->speaker.identity) == 0)
        return setup_fail(setup, STATUS_DENIED,
                          "this is the relay's own identity; without it, nothing is sent to %s",
                          room->thread->name);
    enum status status = STATUS_DONE;
    if (setup->options->delete_identity)
        status = confirm_end(setup, word);
    if (status == STATUS_DONE)
        status = leave(setup, room, word, identity);
    if (status == STATUS_DONE && setup->options->delete_identity)
        status = end_identity(setup, room, word, identity);
    return status;
}

enum status verb_remove(struct setup *setup, const char *const *words, size_t count)
{
    (void)count;
    CLEANUP(room_close) struct room room = { 0 };
    enum status status = person_check_name(setup, words[1]);
    if (status == STATUS_DONE)
        status = room_open(setup, words[0], &room);
    if (status == STATUS_DONE && setup->options->delete_identity)
        status = check_key(setup, &room);
    CLEANUP(free_memory) char *identity = NULL;
    if (status == STATUS_DONE)
        status = room_identity_of(setup, &room, words[1], &identity);
    if (status != STATUS_DONE)
        return status;
    if (!identity)
        return setup_fail(setup, STATUS_NOT_FOUND, "nobody called \"%s\" is in %s", words[1],
                          words[0]);
    return put_out(setup, &room, words[1], identity);
}
