#include "tests/unit/queue/sim_state.h"

#include <stdlib.h>
#include <string.h>

struct sim_note *sim_note_of(struct sim_world *world, const char *stamp)
{
    size_t index = strtoull(stamp, NULL, 16);
    return index < SIM_MOST_MESSAGES ? &world->notes[index]
                                     : &world->digests[index - SIM_MOST_MESSAGES];
}

bool sim_is_of_digest(const char *stamp)
{
    return strtoull(stamp, NULL, 16) >= SIM_MOST_MESSAGES;
}

/* Of the words behind their mark; `end` behind the number. */
static struct sim_note *note_of_mark(struct sim_world *world, const char *mark, char **end)
{
    return &world->notes[strtoull(mark + 1, end, 10)];
}

/*
 * What a fold has replaced has the same stamp as what replaced it: words are told apart. A change
 * has the words of its target, or none, and a stamp of its own.
 */
static struct sim_note *note_of_words(struct sim_world *world, const char *stamp,
                                      const char *content)
{
    struct sim_note *note = sim_note_of(world, stamp);
    const char *mark = content ? strchr(content, '#') : NULL;
    return mark && !message_kind_repeats(note->kind) ? note_of_mark(world, mark, NULL) : note;
}

struct sim_reading sim_reading_of(const struct message *message)
{
    return (struct sim_reading){ message->stamp, message->content };
}

struct sim_note *sim_note_of_message(struct sim_world *world, const struct message *message)
{
    return sim_is_of_digest(message->stamp)
               ? sim_note_of(world, message->stamp)
               : note_of_words(world, message->stamp, message->content);
}

struct sim_note *sim_next_note(struct sim_world *world, struct sim_reading *reading)
{
    if (!reading->stamp)
        return NULL;
    if (!sim_is_of_digest(reading->stamp)) {
        struct sim_note *note = note_of_words(world, reading->stamp, reading->content);
        reading->stamp = NULL;
        return note;
    }
    const char *mark = reading->content ? strchr(reading->content, '#') : NULL;
    if (!mark)
        return NULL;
    char *end = NULL;
    struct sim_note *note = note_of_mark(world, mark, &end);
    reading->content = end;
    return note;
}

bool sim_is_stored(struct sim_world *world, const struct sim_note *note)
{
    struct message message;
    if (!outbox_load(world->outbox, note->id, &message))
        return false;
    bool same = sim_note_of_message(world, &message) == note;
    message_clear(&message);
    return same;
}
