/*
 * outbox.h - the messages we have promised to deliver, safe on disk
 *
 * An outbox survives crashes and power loss. It is written in turns: the first
 * change opens a transaction, outbox_commit() ends it, and only then may anyone
 * be told of what is in it.
 *
 * A change never reports a failure by itself. The first thing that goes wrong
 * makes the outbox `failed`: from then on changes are ignored, reads find
 * nothing, and outbox_commit() says what became of the turn. A failed outbox
 * can only be closed; what it had committed is read again by opening it anew.
 * So the queue has no error paths of its own: a turn stands or falls as a whole.
 *
 * Reads see the changes of the turn they are made in. A `row` function must not
 * call the outbox.
 *
 * How the rows are stored is an engine's affair, see outbox_engine.h. One
 * contract suite, tests/contract, holds for every engine.
 */
#ifndef CHATRELAY_QUEUE_OUTBOX_H
#define CHATRELAY_QUEUE_OUTBOX_H

#include "base/error.h"
#include "queue/attempt.h"
#include "queue/message.h"
#include "queue/tally.h"

#include <stddef.h>

struct outbox;

/* ---- opening and closing -------------------------------------------------------------------- */

struct outbox_setup {
    const char *path;       /* of the database; its folder must exist */
    const char *machine_id; /* compared with the one stored, see outbox_is_copy() */
    const char *version;    /* ours, named to whoever meets a newer schema */
    bool *is_damaged;       /* set if that is why it cannot be had; NULL is fine */
};

/*
 * Open, and create if need be, the database at `path`. NULL with a sentence
 * when it cannot be had: in use (names the owner's pid), damaged, made by a
 * newer version, or the settings that durability needs did not take.
 */
MUST_CHECK struct outbox *outbox_open_sqlite(const struct outbox_setup *setup, struct error *err);

/* Close and free; an open transaction is undone. NULL is fine. */
void outbox_close(struct outbox *outbox);

/*
 * True when the database came from another machine: every pending message is
 * then in doubt. It stays so until the turn that deals with it sets the note
 * OUTBOX_NOTE_MACHINE to this machine's id and the outbox is opened again.
 */
bool outbox_is_copy(const struct outbox *outbox);

/* ---- the turn ------------------------------------------------------------------------------- */

enum outbox_commit {
    OUTBOX_COMMITTED, /* all of it is on disk, synced */
    OUTBOX_UNDONE,    /* nothing of it is, and never will be */
    OUTBOX_UNKNOWN,   /* it may still be there after a restart */
};

/*
 * End the turn. Anything but OUTBOX_COMMITTED leaves a failed outbox. A turn
 * without a change costs nothing.
 */
MUST_CHECK enum outbox_commit outbox_commit(struct outbox *outbox, struct error *err);

/* Changes since the last commit: the measure of a turn's size. */
size_t outbox_changes(const struct outbox *outbox);

/* True when it has failed because of damage: opening it anew would not help. */
bool outbox_is_damaged(const struct outbox *outbox);

/* NULL while all is well, else the first failure. */
const struct error *outbox_failure(const struct outbox *outbox);

/* ---- names ---------------------------------------------------------------------------------- */

/*
 * The number of a thread of our settings, by its name; given out at first use
 * and kept for good. Lanes are made of it.
 */
int64_t outbox_thread(struct outbox *outbox, const char *name);

/* The same of a name that has one already: false, and nothing given out, if it has none. */
bool outbox_find_thread(struct outbox *outbox, const char *name, int64_t *thread);

/* The number's name; false when there is none. The caller frees it. */
bool outbox_thread_name(struct outbox *outbox, int64_t thread, char **name);

/* The number of a remote thread (its endpoint and the chat's id of it), likewise. */
int64_t outbox_place(struct outbox *outbox, const char *endpoint, const char *remote_thread);

/* Both of them, for the caller to free; false when there is none. */
bool outbox_place_name(struct outbox *outbox, int64_t place, char **endpoint, char **remote_thread);

/* ---- messages ------------------------------------------------------------------------------- */

/*
 * Take a message in. Fills in `id` and, for a pending one, `rank`: the next
 * number of the counter, the same for both. A scheduled one has rank 0 until
 * outbox_move() makes it pending. A message whose `rank` is set already (a
 * digest, a fold) keeps it.
 */
void outbox_add(struct outbox *outbox, struct message *message);

/* This message, as it was just added or moved, will be loaded soon: it is kept for that. */
void outbox_expect(struct outbox *outbox, const struct message *message);

/* The whole row; false when there is none. The caller clears it. */
bool outbox_load(struct outbox *outbox, int64_t id, struct message *message);

/* The next number of the counter that ids and ranks come from. */
int64_t outbox_next_number(struct outbox *outbox);

/* The latest of those numbers. */
int64_t outbox_last_number(const struct outbox *outbox);

/*
 * Write down that an attempt begins: stores doubted_at, doubted_place, late_mark
 * and attempts of the message, which is in doubt from now on and was in none
 * before, and the attempt.
 */
void outbox_begin(struct outbox *outbox, const struct message *message,
                  const struct attempt *attempt);

/*
 * Write down how it ended: the message moves to `state` (or stays pending) and
 * its doubted_at, doubted_place, ended_at, wish, remote_id and reason are stored, and
 * the end of the attempt, which must be the one begun last. While the message stays in
 * doubt it may end once more, when more is known.
 */
void outbox_end(struct outbox *outbox, struct message *message, enum message_state state,
                const struct attempt *attempt);

/*
 * Move a message to `state` for any other reason, and store every field of it
 * that can change: rank, due_at, expires_at, ended_at, doubted_at,
 * doubted_place, into_id, fold, fold_count, fold_since, content,
 * content_bytes, attempts, wish, remote_id, sequence_id, created_on, verified,
 * reason, late_mark. `message` must come from outbox_load() or another function
 * here that fills one in, as must that of outbox_end(). Whatever became of these
 * fields since then is overwritten: who keeps a copy over turns is told of it.
 */
void outbox_move(struct outbox *outbox, struct message *message, enum message_state state);

/* A message gives its idempotency key up, in whatever state: another may have it from now on. */
void outbox_forget_once(struct outbox *outbox, int64_t id);

/* ---- several in one ------------------------------------------------------------------------- */

/* As much of a message as is needed when it goes into another, or comes out of it. */
struct original {
    int64_t id;
    lane_id lane;
    int64_t rank;
    int64_t uid;
    size_t content_bytes;
    msec_t expires_at;
};

/* As many may go into one. */
enum { OUTBOX_MOST_ORIGINALS = 1000 };

/*
 * Take `whole` in, a pending message with the rank of the last original, and
 * move the originals to MESSAGE_FOLDED, into it, as of `now_at`. They are what
 * outbox_waiting() gave from a lane's first on: `count` of them, none in doubt,
 * all in the lane of `whole`. Counts as OUTBOX_MOST_ORIGINALS changes.
 */
void outbox_fold(struct outbox *outbox, struct message *whole, const struct original *originals,
                 size_t count, msec_t now_at);

/*
 * Put the originals of `whole` back: pending, in its lane, with their old
 * ranks. It must be in a final state. Counts likewise. Returns the earliest of
 * their times to expire, MSEC_NEVER for none.
 */
msec_t outbox_unfold(struct outbox *outbox, const struct message *whole);

/* ---- what waits ----------------------------------------------------------------------------- */

/* As much of a pending message as the dispatcher keeps in memory. */
struct head {
    int64_t id, rank;
    msec_t expires_at;
    msec_t doubted_at;
    int64_t doubted_place;
    enum message_kind kind;
    size_t content_bytes;
};

struct head head_of(const struct message *message);

/*
 * The first `most` pending messages of a lane behind `after_rank`, in order. Returns how many.
 * To load them soon costs next to nothing: their rows are kept for that.
 */
size_t outbox_heads(struct outbox *outbox, lane_id lane, int64_t after_rank, struct head *heads,
                    size_t most);

/* A pending message that may have appeared. */
struct doubted {
    int64_t id, rank;
    msec_t doubted_at;
    int64_t place; /* doubted_place */
    int64_t attempts;
    char stamp[STAMP_LENGTH + 1];
};

/* Up to `most` pending messages of a lane behind `after_rank`, in order, up to the first that is
 * not in doubt. Returns how many. */
size_t outbox_doubted(struct outbox *outbox, lane_id lane, int64_t after_rank,
                      struct doubted *doubted, size_t most);

/*
 * Call `row` with up to `most` pending messages of a lane, whole and in order, from the first on,
 * until it returns false. It may take strings of its message over, and zeroes these then.
 */
void outbox_waiting(struct outbox *outbox, lane_id lane, size_t most,
                    bool (*row)(void *context, struct message *message), void *context);

/* How many pending messages of a lane are before `rank`, counted up to `most`. */
size_t outbox_ahead(struct outbox *outbox, lane_id lane, int64_t rank, size_t most);

/* Lanes behind `after` that have a pending message, rising. Start with -1. Returns how many. */
size_t outbox_lanes(struct outbox *outbox, lane_id after, lane_id *lanes, size_t most);

/*
 * The ids of up to `most` scheduled messages that are due at `now_at`, the
 * earliest first. `next_at` gets the due_at of the first that is not among
 * them (perhaps one that is due as well), MSEC_NEVER if there is none.
 */
size_t outbox_due(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most, msec_t *next_at);

/* The same for scheduled, pending and held messages and their expires_at; none in doubt counts. */
size_t outbox_expired(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most,
                      msec_t *next_at);

/* The message of this user with this idempotency key, of which there is one at most. */
bool outbox_find_once(struct outbox *outbox, int64_t uid, const char *once,
                      struct message *message);

/* The pending, undoubted message of this user in this lane with this fold name; of several the
 * last in rank. */
bool outbox_find_fold(struct outbox *outbox, lane_id lane, int64_t uid, const char *fold,
                      struct message *message);

/*
 * The ids of up to `most` messages with this into_id behind `after` (0 at first),
 * rising. Returns how many.
 */
size_t outbox_originals(struct outbox *outbox, int64_t into_id, int64_t after, int64_t *ids,
                        size_t most);

/*
 * The message whose end is that of `message`: the one it was folded into, or the
 * one that went into, and so on; a copy of itself when it was not. False when it
 * is not kept any more. The caller clears it. However often a name was folded,
 * that is only a few steps: see fold.h.
 */
enum { OUTBOX_MOST_FOLDS = 8 };
bool outbox_load_whole(struct outbox *outbox, const struct message *message, struct message *whole);

/* ---- looking in ----------------------------------------------------------------------------- */

/* Which messages to list. A field at -1 (thread, uid, priority) or 0 asks for nothing. */
struct outbox_filter {
    int64_t thread;
    int64_t uid;
    unsigned states; /* outbox_state_bit() of each that is wanted */
    bool or_wished;  /* likewise pending messages with a wish, whatever `states` says */
    int priority;    /* enum priority */
    msec_t accepted_before;
};

/* One state, as a bit of `states`. */
static inline unsigned outbox_state_bit(enum message_state state)
{
    return 1U << (unsigned)state;
}

/*
 * Call `row` with up to `most` messages behind `after` (an id; 0 at first) that
 * pass the filter, rising, until it returns false: it wants no more. The message
 * is borrowed for the call. At most `OUTBOX_LIST_READS` rows are looked at.
 * Returns the id to go on behind, 0 at the end: also when the last that passes
 * is just the last of the page.
 */
enum { OUTBOX_LIST_READS = 10000 };
int64_t outbox_list(struct outbox *outbox, const struct outbox_filter *filter, int64_t after,
                    size_t most, bool (*row)(void *context, const struct message *message),
                    void *context);

/* Call `row` with each attempt of a message, the first first. */
void outbox_attempts(struct outbox *outbox, int64_t message,
                     void (*row)(void *context, const struct attempt *attempt), void *context);

/* The last of them; false, and zeroed, when there is none. */
bool outbox_latest_attempt(struct outbox *outbox, int64_t message, struct attempt *attempt);

/*
 * Call `row`, in no order, with each attempt that ended after `since_at`, and with each that has
 * no end while its message is in doubt.
 */
void outbox_recent(struct outbox *outbox, msec_t since_at,
                   void (*row)(void *context, const struct attempt *attempt), void *context);

/*
 * Call `row` with up to `most` attempts that are over, the latest first, behind
 * `after` (what the page before returned; 0: from the latest). Before the first
 * page come those of messages in doubt. Returns what to go on behind, 0 at the end.
 */
int64_t outbox_log(struct outbox *outbox, int64_t after, size_t most,
                   void (*row)(void *context, const struct attempt *attempt), void *context);

/* How many messages and bytes there are, per lane, user and state. Borrowed. */
const struct tally *outbox_tally(const struct outbox *outbox);

/* ---- the audit, in slices over turns; see audit.h ----------------------------------------- */

struct audit;

/* Begin one; another that was under way is over. */
void outbox_audit_begin(struct outbox *outbox);

/* Count the next `most` rows. True when there may be more. Only after the beginning. */
MUST_CHECK bool outbox_audit_step(struct outbox *outbox, size_t most);

/* The one under way, NULL for none. */
const struct audit *outbox_audit(const struct outbox *outbox);

void outbox_audit_end(struct outbox *outbox);

/* ---- what else must survive ----------------------------------------------------------------- */

/* A named text of whoever needs one; NULL when it was never set. The caller frees it. */
char *outbox_note(struct outbox *outbox, const char *name);

/* Our own: the machine that the database belongs to; see outbox_is_copy(). */
#define OUTBOX_NOTE_MACHINE "machine_id"

/* The digests that were found since the outbox was restored; see passage.c. */
#define OUTBOX_NOTE_PASSAGES "passages"

/* How far ahead of the steady clock the wall clock was, and until when; see timeline.h. */
#define OUTBOX_NOTE_TIMELINE "timeline"

void outbox_set_note(struct outbox *outbox, const char *name, const char *text);

/* The state of a thread, sender, member or endpoint: why it waits and until when. */
struct scope_record {
    enum scope scope;     /* SCOPE_THREAD, SCOPE_SENDER, SCOPE_MEMBER or SCOPE_ENDPOINT */
    char name[600];       /* place number in decimal, sender's name, both, endpoint */
    int64_t failures;     /* in a row; 0 when all is well */
    msec_t since_at;      /* of the first of them */
    msec_t until_at;      /* nothing before */
    bool told;            /* until_at was asked for by the chat, not chosen by us */
    msec_t paused_until;  /* by an operator; 0 for not */
    int64_t pace_percent; /* of the configured pace; 100 when all is well, 0 never set */
    int64_t newest_id;    /* the greatest message id seen of the thread, 0 for none */
    int http;             /* of the latest failure */
    char code[64];
    char detail[200];
};

/* Call `row` with every record stored. */
void outbox_scopes(struct outbox *outbox,
                   void (*row)(void *context, const struct scope_record *record), void *context);

/* Store a record under its scope and name. */
void outbox_set_scope(struct outbox *outbox, const struct scope_record *record);

/* ---- what is old, and what must move -------------------------------------------------------- */

/* What can be known of a message without reading its content. */
struct outline {
    int64_t id;
    lane_id lane;
    int64_t uid;
    enum message_state state;
    size_t content_bytes;
    msec_t accepted_at;
    msec_t due_at;
    msec_t settled_at; /* its end, or that of the message it went into if later; 0: one has none */
    bool has_content;  /* or metadata */
    bool has_once;
};

/* Outlines of the messages behind `after`, by id. Returns how many. */
size_t outbox_outlines(struct outbox *outbox, int64_t after, struct outline *outlines, size_t most);

/* Forget content and metadata of a message in a final state; its size stays known. */
void outbox_wipe(struct outbox *outbox, int64_t id);

/*
 * Remove a message in a final state, and its attempts. In the books it stays in
 * that state for good, as purged.
 */
void outbox_remove(struct outbox *outbox, const struct outline *outline);

/* Move a message that has not ended to another lane; it keeps its rank. */
void outbox_set_lane(struct outbox *outbox, const struct outline *outline, lane_id lane);

/*
 * A lane may go on to keep the places of messages that were sent, through which
 * every reader has to go when one comes back before them. Look at so many lanes
 * behind `*after` (-1 at first), and of the first that has OUTBOX_LINE_PLACES
 * give up OUTBOX_LINE_STEP, as part of the open turn. Fewer are left alone: it
 * is then no write for each message that is sent. `*after` goes on. True when
 * there may be more.
 */
enum { OUTBOX_LINE_LANES = 64, OUTBOX_LINE_PLACES = 1000, OUTBOX_LINE_STEP = 250 };
MUST_CHECK bool outbox_clear_lines(struct outbox *outbox, lane_id *after);

/* Give a thread's number another name, which must not have one. */
void outbox_rename_thread(struct outbox *outbox, int64_t thread, const char *name);

/* ---- a backup, in slices between turns ------------------------------------------------------ */

/*
 * Begin to copy all of it into a new file at `path`, which is removed first if it
 * is there; another that was under way is given up. What is committed until the
 * last step is in the copy. A failure is the backup's alone, and ends it.
 */
MUST_CHECK bool outbox_backup_begin(struct outbox *outbox, const char *path, struct error *err);

/* Copy so many pages more, outside a turn. `*more` when that was not all; else the file is whole.
 */
MUST_CHECK bool outbox_backup_step(struct outbox *outbox, int pages, bool *more, struct error *err);

/* Give it up, if one is under way. The file is the caller's to remove. */
void outbox_backup_end(struct outbox *outbox);

/* ---- when there is nothing better to do ----------------------------------------------------- */

/*
 * Give some of the file's free space back to the file system, if there is more
 * than is soon used again. Call when idle, outside a turn. True when there is
 * more to give; a failure is the outbox's.
 */
MUST_CHECK bool outbox_shrink(struct outbox *outbox);

/*
 * Fold the log into the database if it has grown enough to be worth it: too
 * large, or, when idle, not small any more. Call between turns, and after each
 * when it does not matter to anybody who was answered. False: the outbox has failed.
 */
MUST_CHECK bool outbox_tend(struct outbox *outbox, bool is_idle, struct error *err);

#endif
