#include "tests/unit/queue/sim_state.h"

#include <inttypes.h>

/* The digest that a message went into; false when it did not, or by way of another. */
static bool load_digest(struct sim_world *world, const struct message *message,
                        struct message *digest)
{
    *digest = (struct message){ 0 };
    if (message->state != MESSAGE_FOLDED)
        return false;
    bool found = outbox_load(world->outbox, message->into_id, digest);
    if (found && digest->kind == MESSAGE_DIGEST)
        return true;
    message_clear(digest);
    return false;
}

/* The message that goes for one whose name was used again: itself when it was not. */
static bool load_latest(struct sim_world *world, const struct message *message,
                        struct message *latest)
{
    struct message digest;
    bool found = outbox_load(world->outbox, message->id, latest);
    while (found && latest->state == MESSAGE_FOLDED && !load_digest(world, latest, &digest)) {
        int64_t into_id = latest->into_id;
        message_clear(latest);
        found = outbox_load(world->outbox, into_id, latest);
    }
    if (found && latest->state == MESSAGE_FOLDED)
        message_clear(&digest);
    return found;
}

/* It went into one that has an end of its own. */
static bool is_folded_well(struct sim_world *world, const struct message *message)
{
    struct message whole, latest;
    bool right = outbox_load_whole(world->outbox, message, &whole) &&
                 message_state_is_final(whole.state) && whole.state != MESSAGE_FOLDED;
    if (right && load_latest(world, message, &latest)) {
        sim_note_of_message(world, &latest)->stands_for++;
        message_clear(&latest);
    }
    message_clear(&whole);
    return right;
}

/* The next accepted change of a message behind `change` (NULL: the first), with its row. */
static const struct sim_note *next_change(struct sim_world *world, const struct sim_note *note,
                                          const struct sim_note *change, struct message *row)
{
    for (change = change ? change + 1 : world->notes; change < world->notes + world->note_count;
         change++)
        if (message_kind_repeats(change->kind) && &world->notes[change->target] == note &&
            change->state == NOTE_ACCEPTED && outbox_load(world->outbox, change->id, row))
            return change;
    return NULL;
}

/* One of its changes ended, and says itself that it may have been done. */
static bool is_change_doubtful(struct sim_world *world, const struct sim_note *note)
{
    bool doubtful = false;
    struct message row;
    for (const struct sim_note *change = NULL; (change = next_change(world, note, change, &row));) {
        doubtful = doubtful || row.doubted_at;
        message_clear(&row);
    }
    return doubtful;
}

/* What a sent message shows is what its row says, and what its latest change made of it. */
static void judge_content(struct sim_world *world, const struct sim_note *note,
                          const struct message *message)
{
    int shown = sim_chat_shows(world->chat, message->stamp, message->remote_id);
    int wanted =
        message->verified == MESSAGE_TAKEN_BACK ? SIM_DELETED : sim_chat_number(message->content);
    int64_t latest_rank = 0;
    bool reordered = false; /* a change was held, and others went before it */
    if (note->taken != 1 || is_change_doubtful(world, note))
        return;
    if (shown != wanted)
        sim_fail(world, "message %" PRId64 " shows %d, its row says %d", note->id, shown, wanted);
    struct message row;
    for (const struct sim_note *change = NULL; (change = next_change(world, note, change, &row));) {
        reordered = reordered || change->released;
        if (row.state == MESSAGE_SENT && row.rank > latest_rank && wanted != SIM_DELETED) {
            latest_rank = row.rank;
            wanted = row.kind == MESSAGE_DELETE ? SIM_DELETED : sim_chat_number(row.content);
        }
        message_clear(&row);
    }
    if (shown != wanted && !reordered)
        sim_fail(world, "message %" PRId64 " shows %d, its latest change was to %d", note->id,
                 shown, wanted);
}

static void judge_change(struct sim_world *world, const struct message *message)
{
    world->result->changes += message->state == MESSAGE_SENT;
    if (message->state != MESSAGE_SENT && message->state != MESSAGE_CANCELLED &&
        (message->state != MESSAGE_DEAD || !message->reason))
        sim_fail(world, "change %" PRId64 " ended %s", message->id,
                 message_state_name(message->state));
}

static void judge_note(struct sim_world *world, const struct sim_note *note,
                       const struct message *message)
{
    CLEANUP(message_clear) struct message digest = { 0 };
    if (load_digest(world, message, &digest))
        message = &digest; /* its end is the message's */
    enum message_state state = message->state;
    if (message_kind_repeats(message->kind)) {
        judge_change(world, message);
        return;
    }
    if (state == MESSAGE_SENT && message->kind == MESSAGE_SEND)
        judge_content(world, note, message);
    bool right = state == MESSAGE_SENT ? note->taken > 0 : note->taken == 0;
    if (note->taken > 0 && note->astray && message->doubted_at)
        right = true; /* it says itself that it may have appeared */
    if (state == MESSAGE_FOLDED)
        right = right && is_folded_well(world, message);
    else if (state == MESSAGE_SENT)
        right = right && message->remote_id && message->remote_id[0];
    else if (state == MESSAGE_DEAD)
        right = right && (note->poison || note->wronged > 1) && message->reason;
    else if (state == MESSAGE_EXPIRED)
        right = right && message->expires_at && message->expires_at <= message->ended_at;
    else
        right = right && state == MESSAGE_CANCELLED && !message_is_unfolded(message);
    if (!right)
        sim_fail(world, "message %" PRId64 " ended %s, and the chat took it %d times", note->id,
                 message_state_name(state), note->taken);
    world->result->sent += state == MESSAGE_SENT;
}

/* Nobody is counted twice, and nobody is forgotten. */
static void judge_folds(struct sim_world *world)
{
    for (const struct sim_note *note = world->notes; note < world->notes + world->note_count;
         note++) {
        struct message message;
        if (note->state != NOTE_ACCEPTED || !outbox_load(world->outbox, note->id, &message))
            continue;
        struct message digest;
        bool goes = message.state != MESSAGE_FOLDED || load_digest(world, &message, &digest);
        if (goes && message.state == MESSAGE_FOLDED)
            message_clear(&digest);
        if (goes && message.fold_count != note->stands_for)
            sim_fail(world, "message %" PRId64 " stands for %" PRId64 " others, it says %" PRId64,
                     note->id, note->stands_for, message.fold_count);
        message_clear(&message);
    }
}

void sim_judge(struct sim_world *world)
{
    for (const struct sim_note *note = world->notes; note < world->notes + world->note_count;
         note++) {
        struct message message;
        if (note->state != NOTE_ACCEPTED) {
            if (note->taken)
                sim_fail(world, "a message that was never accepted is in the chat");
            continue;
        }
        if (!sim_is_stored(world, note) || !outbox_load(world->outbox, note->id, &message)) {
            sim_fail(world, "message %" PRId64 " is gone", note->id);
            continue;
        }
        judge_note(world, note, &message);
        message_clear(&message);
    }
    judge_folds(world);
    sim_check_books(world);
    size_t overspent = sim_chat_overspent(world->chat);
    if (overspent)
        sim_fail(world, "windows were overspent by %zu", overspent);
}
