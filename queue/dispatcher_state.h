/*
 * dispatcher_state.h - what the dispatcher's files share; for them alone
 */
#ifndef CHATRELAY_QUEUE_DISPATCHER_STATE_H
#define CHATRELAY_QUEUE_DISPATCHER_STATE_H

#include "queue/dispatcher.h"
#include "queue/timeline.h"

/* Messages that the last run left under way. */
struct inheritance {
    int64_t *ids;
    size_t count;
    bool is_due; /* the settings are new since somebody looked */
};

struct dispatcher {
    struct outbox *outbox;
    struct routes *routes;
    struct agenda agendas[PRIORITIES]; /* lanes that wait for their time */
    struct moment started;
    struct timeline timeline;
    msec_t next_due_at, next_expiry_at; /* wall clock */
    struct work *works;                 /* under way: a list */
    size_t under_way;
    size_t stamps_out;        /* of all looks */
    struct harvest *harvest;  /* what looks have found and nobody has written down; a list */
    struct passage *passages; /* digests that an earlier outbox made of what waits; a list */
    bool knows_passages;      /* those that an earlier run noted are among them */
    msec_t wall_ahead_ms;     /* of the steady clock */
    struct inheritance inherited;
    int64_t *ended; /* changes that ended by themselves, and nobody was told yet */
    size_t ended_count;
    msec_t next_storm_at; /* wall clock: when a storm becomes one to be told of */
    size_t storms;        /* under way, of threads */
    bool has_stranded;    /* a lane's head is in doubt, and nobody can look for it */
    bool weather_changed; /* a scope has begun or ceased to fail, or a storm may be over */
    bool seeded;          /* what earlier runs sent is in the windows */
    bool draining;
};

/* One message that a piece of work is about. */
struct passenger {
    struct lane *lane;
    struct message message;
};

/* One that a look is about: the first of a lane, or one behind it. */
struct sought {
    int64_t id;
    struct passenger *passenger; /* NULL: it is not on board */
    char stamp[STAMP_LENGTH + 1];
};

/* What a piece of work is about: one message to send, or several to look for. */
struct cargo {
    struct work *previous, *next; /* in the list of works */
    struct route *route;
    struct place *place;
    struct scope_state *sender, *endpoint;
    struct scope_state *member; /* NULL: the sender was never refused in that place */
    struct moment began;
    bool urgent;
    struct attempt attempt;    /* WORK_SEND */
    struct message letter;     /* WORK_SEND: as it goes out; borrows from the passenger's */
    char *marked_content;      /* of the letter, when it is not the message's own */
    msec_t queued_ms, lane_ms; /* as in struct settlement */
    struct sought *sought;     /* WORK_LOOK: as many as it has stamps, in their order */
    const char **stamps;
    size_t count;
    struct passenger passengers[]; /* WORK_SEND: one */
};

/*
 * A piece of work about a place, entered among those under way: it holds its
 * scopes' attention and, with room for `most` passengers, waits for the first.
 */
struct work *dispatcher_begin_work(struct dispatcher *dispatcher, enum work_kind kind,
                                   struct route *route, struct place *place, size_t most,
                                   struct moment now);

/*
 * It is over: leave the scopes and free it, with its passengers' messages. True
 * when its endpoint was full and has room again, so that lanes may go.
 */
bool dispatcher_end_work(struct dispatcher *dispatcher, struct work *work);

/* Put a lane on board: `message` is taken over. */
void dispatcher_board(struct work *work, struct lane *lane, struct message *message);

/*
 * The chat has it, under this id; NULL or "", as of an answer that was cut off: its id is not
 * known. The caller moves it to MESSAGE_SENT.
 */
void dispatcher_mark_sent(struct message *message, const char *remote_id, struct moment now);

/* The attempt ends now, and with it the message moves; see outbox_end(). */
void dispatcher_write_down_end(struct dispatcher *dispatcher, struct message *message,
                               enum message_state state, struct attempt *attempt,
                               struct moment now);

/* For how long its scopes keep a message waiting that stays pending; 0 for one that does not. */
msec_t dispatcher_retry_ms(const struct cargo *cargo, const struct passenger *passenger,
                           struct moment now);

/* Its lane goes on: with its next message, or with the same one again. */
void dispatcher_free_lane(const struct passenger *passenger, struct moment now);

/* It may expire from now on, if it waits and is in no doubt; see outbox_expired(). */
void dispatcher_watch_expiry(struct dispatcher *dispatcher, const struct message *message);

/* What earlier runs sent lately counts. Once, when the settings are known. */
void dispatcher_seed_windows(struct dispatcher *dispatcher, struct moment now);

void dispatcher_clear_doubt(struct message *message);

/*
 * A message is in doubt from now on, its reason says why: the state that its
 * thread's settings want it in. Its doubt and wish may be gone then.
 */
enum message_state dispatcher_meet_doubt(const struct route *route, struct message *message,
                                         struct moment now);

/* Whether a lane's head is in doubt about a place at an endpoint that no thread leads to. */
bool dispatcher_is_stranded(struct dispatcher *dispatcher, struct lane *lane);

/* What becomes of a message in doubt that cannot be looked for; its doubt and wish may be gone. */
enum message_state dispatcher_strand(const struct route *route, struct message *message,
                                     struct moment now);

/* Move the heads of all lanes that are; `moved` is called with each that leaves its lane. */
void dispatcher_strand_all(struct dispatcher *dispatcher, struct moment now,
                           void (*moved)(void *context, const struct message *message),
                           void *context);

/*
 * A message is about to end unsent: if an earlier attempt was risked, or is of an update or a
 * delete whose answer was lost, it is in doubt again, for it may have appeared.
 */
void dispatcher_recall_doubt(struct dispatcher *dispatcher, struct message *message);

/*
 * A digest comes apart: if an earlier attempt was risked, each of its messages may have appeared
 * with it, and gets that attempt as one of its own. Before dispatcher_unfold().
 */
void dispatcher_share_risk(struct dispatcher *dispatcher, const struct message *digest);

/* The last run left an attempt of this message without an end. */
void dispatcher_inherit(struct dispatcher *dispatcher, int64_t id);

/* What becomes of those; `moved` is called with each that leaves its lane. */
void dispatcher_take_over(struct dispatcher *dispatcher, struct moment now,
                          void (*moved)(void *context, const struct message *message),
                          void *context);

/*
 * Move a message that is, or was, in doubt, as it says by now. Its latest
 * attempt gets an end if it has none.
 */
void dispatcher_resolve(struct dispatcher *dispatcher, struct message *message,
                        enum message_state state, struct moment now);

/*
 * From when on work of a route about a place, its own or another of its endpoint, may begin:
 * every scope on the way lets it through.
 */
msec_t dispatcher_place_opens_steady_at(const struct route *route, const struct place *place,
                                        struct moment now);

/*
 * From when on a lane's head may go, or be looked for, as far as is known now: its scopes, its
 * pace, and what was lost before. MSEC_NEVER also for a lane with nothing to send.
 */
msec_t dispatcher_lane_opens_steady_at(struct dispatcher *dispatcher, struct lane *lane,
                                       struct moment now);

/* The lane that goes next, taken out of the agenda; NULL when none may go now. */
struct lane *dispatcher_take_ready(struct dispatcher *dispatcher, struct moment now);

/* The instant, on the steady clock, at which one may: to be asked then. */
msec_t dispatcher_next_ready_steady_at(const struct dispatcher *dispatcher);

/* Begin the work of a lane that may go. NULL: there was none, and the lane was asked anew. */
struct work *dispatcher_begin(struct dispatcher *dispatcher, struct lane *lane, struct moment now,
                              const char *stamp);

/*
 * The message of a lane's head, to be cleared. False if it is not what the head says: then the
 * heads are forgotten, and the lane is asked anew.
 */
bool dispatcher_load_head(struct dispatcher *dispatcher, struct lane *lane, const struct head *head,
                          struct message *message, struct moment now);

/*
 * Fold the first messages of a lane into one, if that is called for: `whole` is
 * then that one, written down, to go in their place. Only while nothing of the
 * lane is under way.
 */
bool dispatcher_fold(struct dispatcher *dispatcher, struct lane *lane, const char *stamp,
                     struct moment now, struct message *whole);

/* What becomes of a digest that was not taken: it is no more, and its messages are again. */
enum message_state dispatcher_come_apart(struct message *digest, struct moment now);

/* Put the messages of a digest that has ended so back into its lane. */
void dispatcher_unfold(struct dispatcher *dispatcher, const struct message *digest);

/* Whether a lane of a route is to send digests now. */
bool dispatcher_digest_is_due(struct dispatcher *dispatcher, const struct route *route,
                              enum priority priority, struct moment now);

/* Work out anew when a lane may send. Does nothing while it has work under way. */
void dispatcher_requeue(struct dispatcher *dispatcher, struct lane *lane, struct moment now);

/* The same for every lane, as a scope has opened or closed. */
void dispatcher_requeue_all(struct dispatcher *dispatcher, struct moment now);

/* The same for the lanes that share a remote thread. */
void dispatcher_requeue_place(struct dispatcher *dispatcher, const struct place *place,
                              struct moment now);

/*
 * Charge an answer to the scope that it proves broken, and those below it with
 * a success. True unless nobody waits for what it changed but lanes of the place
 * itself: those that look for a message there may lead elsewhere by now.
 */
bool dispatcher_charge(struct dispatcher *dispatcher, struct work *work,
                       const struct delivery *delivery, struct moment now, uint32_t dice);

/*
 * Why a look or an inspection brought no answer, as it is charged: that is never a message's
 * fault, and never nobody's, since something must wait.
 */
struct delivery dispatcher_fault_of(const struct delivery *answer);

/*
 * A look has found this message, which is in doubt still: the place took it, and from
 * its sender, so what failed before that, or in that very attempt, is over.
 */
void dispatcher_credit(struct dispatcher *dispatcher, struct place *place,
                       const struct passenger *passenger);

/* The place has this message: a later look needs to start no earlier. */
void dispatcher_learn_newest(struct dispatcher *dispatcher, struct place *place,
                             const char *remote_id);

/* A message id below which, give or take a margin, nothing is that begins now. 0: nobody knows. */
int64_t dispatcher_known_id(const struct cargo *cargo);

/* Who may list a place: `route` if it has the same endpoint, else another; NULL for nobody. */
struct route *dispatcher_looker(struct dispatcher *dispatcher, struct route *route,
                                const struct place *place);

/*
 * Where a lane's head that is in doubt may have appeared: in the place of its
 * attempt, or if it is in doubt for another reason, where its lane leads.
 */
struct place *dispatcher_doubted_place(struct dispatcher *dispatcher, const struct lane *lane,
                                       const struct head *head);

/* One look for every message in doubt about this place that may be looked for now. */
struct work *dispatcher_begin_look(struct dispatcher *dispatcher, struct route *looker,
                                   struct place *place, struct moment now);

/*
 * A look has ended: keep what it says of those that are not on board, to be
 * written down bit by bit. Until then nothing else is looked for in that place.
 */
void dispatcher_harvest(struct dispatcher *dispatcher, const struct work *work,
                        const struct findings *findings);

/* Write down up to `most` of them; `moved` is called with each that was found. Returns how many. */
size_t dispatcher_take_in_harvest(struct dispatcher *dispatcher, struct moment now, size_t most,
                                  void (*moved)(void *context, const struct message *message),
                                  void *context);

void dispatcher_forget_harvest(struct dispatcher *dispatcher);

/* A delete goes behind this message; or is no more. See control_unsend(). */
void dispatcher_unsend(struct dispatcher *dispatcher, struct message *message, const char *by);
void dispatcher_forget_unsend(struct dispatcher *dispatcher, struct message *message);

/* Remember the digests that a look has found, and this outbox knows nothing of. */
void dispatcher_note_passages(struct dispatcher *dispatcher, const struct work *work,
                              const struct findings *findings, struct moment now);

/* Whether a message in doubt is in one of them. */
bool dispatcher_went_in_digest(const struct dispatcher *dispatcher, const struct message *message);

void dispatcher_forget_passages(struct dispatcher *dispatcher);

/*
 * The chat has it, by itself or in a digest: then true, the message moves, and later
 * looks may start there. What went in a digest has no name of its own there:
 * whoever changed that would change what is others'.
 */
bool dispatcher_adopt(struct dispatcher *dispatcher, struct place *place, struct message *message,
                      const struct finding *finding, struct moment now);

/* It is surely not there: it goes again, unless something else was wished meanwhile. */
void dispatcher_forget_doubt(struct dispatcher *dispatcher, struct message *message,
                             struct moment now);

/*
 * What an attempt's answer is charged to: a 400 to the message if it is proved
 * guilty, else to nobody yet, and then it is suspected. See inspect.c.
 */
struct delivery dispatcher_suspect(struct lane *lane, const struct message *message,
                                   const struct delivery *delivery);

/* Whether the lane has to ask its thread about itself before it sends. */
bool dispatcher_asks_thread(const struct lane *lane);

/* Ask the lane's thread about itself, since a 400 left open whose fault it was. */
struct work *dispatcher_begin_inspection(struct dispatcher *dispatcher, struct lane *lane,
                                         struct moment now);

#endif
