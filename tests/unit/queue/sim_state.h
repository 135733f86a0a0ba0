/*
 * sim_state.h - a world while it is played, shared by the parts of the simulation
 */
#ifndef CHATRELAY_TESTS_UNIT_QUEUE_SIM_STATE_H
#define CHATRELAY_TESTS_UNIT_QUEUE_SIM_STATE_H

#include "base/attributes.h"
#include "queue/control.h"
#include "queue/dispatcher.h"
#include "queue/turn.h"
#include "tests/fakes/outbox_memory.h"
#include "tests/unit/queue/sim_chat.h"
#include "tests/unit/queue/sim_world.h"

#include <stdio.h>

enum { SIM_MOST_MESSAGES = 8192, SIM_LANES = (SIM_THREADS + 1) * LANES_PER_THREAD };

/* What the clients know of a message, or we of a digest. Its stamp is its index. */
struct sim_note {
    enum { NOTE_OFFERED, NOTE_REJECTED, NOTE_ACCEPTED } state;
    int64_t id, rank; /* rank: when it was last sent */
    lane_id lane;
    enum message_kind kind;
    size_t target; /* of an update or a delete: its note */
    bool poison;
    int wronged;   /* how often it was refused with 400 for nothing */
    bool released; /* was held or risked, or has the place of one that was: may be out of order */
    int64_t stands_for; /* at the end: how many it and those folded into it are */
    int taken;          /* how often the chat took it */
    enum on_doubt on_doubt;
    bool under_way;
    size_t ended_in_turn; /* counted from 1; 0: in none so far */
    bool astray; /* its answer was lost, and the settings do not want it looked for at once */
};

struct sim_world {
    const struct sim_program *program;
    struct sim_result *result;
    FILE *trace; /* NULL for none */
    struct random random;
    struct moment now;
    struct sim_chat *chat;
    struct outbox_disk *disk;
    struct outbox *outbox;
    struct dispatcher *dispatcher;
    struct turn *turn;

    size_t next_event;
    struct sim_route routes[SIM_THREADS];
    int pace_percent;
    bool calm;
    int crash; /* enum sim_crash_kind at the end of this turn, -1 for none */
    msec_t away_ms;
    msec_t innocent_steady_at; /* latest send of the innocent thread */
    msec_t started_steady_at;  /* the latest start */
    size_t turns_at_once;

    struct sim_note notes[SIM_MOST_MESSAGES];
    size_t note_count, settled_notes; /* all before are not merely offered */
    int edits;
    struct sim_note digests[SIM_MOST_MESSAGES];
    size_t digest_count;
    bool lane_busy[SIM_LANES];
    int64_t lane_rank[SIM_LANES]; /* of the latest that the chat took */
};

/* ---- sim_state.c ---------------------------------------------------------------------------- */

/* Note the first promise that was broken. Returns false. */
bool sim_fail(struct sim_world *world, const char *format, ...) PRINTF_LIKE(2, 3);

/* A line of the trace, if there is one. */
void sim_say(const struct sim_world *world, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- sim_note.c: whose words are these? ----------------------------------------------------- */

/* By the stamp alone: of a message that replaced others, its own. */
struct sim_note *sim_note_of(struct sim_world *world, const char *stamp);
bool sim_is_of_digest(const char *stamp);

/* By its words, where it has any of its own. */
struct sim_note *sim_note_of_message(struct sim_world *world, const struct message *message);

/*
 * Whose words a post has: those of the message with its stamp, or of a digest's. Every message of a
 * client has words of its own, "disk full #7", so these are read as people would.
 */
struct sim_reading {
    const char *stamp, *content; /* stamp: NULL once it is read */
};

struct sim_reading sim_reading_of(const struct message *message);

/* NULL at the end. */
struct sim_note *sim_next_note(struct sim_world *world, struct sim_reading *reading);

/* Whether the outbox has it. */
bool sim_is_stored(struct sim_world *world, const struct sim_note *note);

/* ---- sim_settings.c ------------------------------------------------------------------------- */

/* Give the dispatcher its routes, as they are now. */
void sim_configure(struct sim_world *world);

/* ---- sim_event.c: what clients, operators and misfortune do --------------------------------- */

/* All that are due; after the last one the world becomes calm. */
void sim_apply_events(struct sim_world *world);

/* Hands on so many percent of the messages in these states of a thread, or of all for -1. */
void sim_control_some(struct sim_world *world, enum control what, int thread, unsigned states,
                      int percent);

/* ---- sim_check.c: what is promised at every moment ------------------------------------------ */

/* What the chat does, for struct sim_chat_setup. */
void sim_on_taken(void *context, const char *stamp, const char *content, int place);
void sim_on_wronged(void *context, const char *stamp, const char *content);
bool sim_is_poisonous(void *context, const char *stamp, const char *content);

/* When work begins, before it is let out. */
void sim_check_work(struct sim_world *world, const struct work *work);

/* What waits in the innocent thread must be under way, unless in doubt or paced. */
void sim_check_innocent(struct sim_world *world);

void sim_check_books(struct sim_world *world);

/* ---- sim_verdict.c: what is promised at the end --------------------------------------------- */

void sim_judge(struct sim_world *world);

#endif
