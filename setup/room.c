#include "setup/room.h"

#include "base/memory.h"
#include "setup/person.h"

#include <string.h>

void room_close(struct room *room)
{
    speaker_close(&room->speaker);
    participants_clear(&room->people);
}

enum status room_open(struct setup *setup, const char *name, struct room *room)
{
    *room = (struct room){ 0 };
    enum status status = setup_find_thread(setup, name, &room->thread);
    if (status == STATUS_DONE)
        status = speaker_open(setup, room->thread->sender, &room->speaker);
    if (status == STATUS_DONE)
        status =
            member_list_people(&room->speaker.member, room->thread->id, &room->people, &setup->err);
    if (status == STATUS_NOT_FOUND || status == STATUS_DENIED)
        error_prefix(&setup->err,
                     "nothing was done in %s; if it is gone, chatrelay setup replace %s", name,
                     name);
    return status;
}

bool room_is_sender(const struct room *room, const struct participant *participant)
{
    return strcmp(participant->identity, room->speaker.identity) == 0;
}

const struct participant *room_find(const struct room *room, const char *identity)
{
    for (size_t i = 0; i < room->people.count; i++)
        if (strcmp(room->people.items[i].identity, identity) == 0)
            return &room->people.items[i];
    return NULL;
}

const struct participant *room_find_named(const struct room *room, const char *name,
                                          const struct participant *after)
{
    for (size_t i = after ? (size_t)(after - room->people.items) + 1 : 0; i < room->people.count;
         i++) {
        const struct participant *participant = &room->people.items[i];
        if (strcmp(participant->name, name) == 0 && !room_is_sender(room, participant))
            return participant;
    }
    return NULL;
}

/* All of them are too long for the error's text. */
enum status room_refuse_namesakes(struct setup *setup, const struct room *room, const char *name)
{
    const struct participant *one = NULL;
    setup_tell("Several are called %s in %s:", name, room->thread->name);
    while ((one = room_find_named(room, name, one)))
        setup_tell("    %s", one->identity);
    return setup_fail(setup, STATUS_BAD_DATA,
                      "which %s is meant? Give another name, or an identity", name);
}

char *room_invited_before(const struct setup *setup, const struct room *room, const char *name)
{
    CLEANUP(person_clear) struct person known;
    person_load(setup, name, &known);
    bool is_here = known.endpoint && strcmp(known.endpoint, room->speaker.resource.endpoint) == 0;
    return is_here ? xstrdup_or_null(known.identity) : NULL;
}

enum status room_identity_of(struct setup *setup, const struct room *room, const char *word,
                             char **identity)
{
    const struct participant *named = room_find_named(room, word, NULL);
    *identity = room_find(room, word) ? xstrdup(word) : room_invited_before(setup, room, word);
    if (*identity || !named)
        return STATUS_DONE;
    if (room_find_named(room, word, named))
        return room_refuse_namesakes(setup, room, word);
    *identity = xstrdup(named->identity);
    return STATUS_DONE;
}
