/*
 * room.h - a thread of the settings with the people in it
 */
#ifndef CHATRELAY_SETUP_ROOM_H
#define CHATRELAY_SETUP_ROOM_H

#include "chat/participants.h"
#include "setup/speaker.h"

struct room {
    const struct config_thread *thread;
    struct speaker speaker; /* who is in it, too */
    struct participants people;
};

/* To be closed also when it failed. */
enum status room_open(struct setup *setup, const char *name, struct room *room);

/* Also for CLEANUP() and zeroed ones. */
void room_close(struct room *room);

bool room_is_sender(const struct room *room, const struct participant *participant);

/* Who has that identity; NULL: nobody in the thread. */
const struct participant *room_find(const struct room *room, const char *identity);

/* The next one of that name behind `after`, NULL for the first; never the sender. */
const struct participant *room_find_named(const struct room *room, const char *name,
                                          const struct participant *after);

/* Which of them is meant, nobody can say but the user: who they are is told. */
enum status room_refuse_namesakes(struct setup *setup, const struct room *room, const char *name);

/* The identity of the person of that name who was invited before; to be freed. NULL: nobody was. */
char *room_invited_before(const struct setup *setup, const struct room *room, const char *name);

/*
 * Whom a word means: an identity in the thread, the person of that name who was
 * invited before (a display name may be anybody's), or the only one who is called
 * so there. `*identity` is to be freed; NULL: nobody.
 */
enum status room_identity_of(struct setup *setup, const struct room *room, const char *word,
                             char **identity);

#endif
