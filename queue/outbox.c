/*
 * outbox.c - the front of every outbox: numbers, books and the rules of a turn
 *
 * All changes pass through here, so the tally is exact by construction. The
 * first failure, of a change or a read, is kept in `failure`; from then on the
 * engine is left alone.
 */
#include "queue/outbox.h"

#include "base/memory.h"
#include "queue/audit.h"
#include "queue/outbox_engine.h"
#include "queue/shelf.h"

#include <stdlib.h>
#include <string.h>

/* ---- failure -------------------------------------------------------------------------------- */

bool outbox_noted(struct outbox *outbox, bool done)
{
    if (!done) {
        outbox->failed = true;
        outbox->verdict = OUTBOX_UNDONE;
        outbox->is_damaged = outbox->engine->met_damage && outbox->engine->met_damage(outbox);
    }
    return done;
}

bool outbox_is_damaged(const struct outbox *outbox)
{
    return outbox->is_damaged;
}

const struct error *outbox_failure(const struct outbox *outbox)
{
    return outbox->failed ? &outbox->failure : NULL;
}

/* ---- opening and closing -------------------------------------------------------------------- */

static void load_tally_row(void *context, const struct tally_row *row)
{
    tally_load(context, row);
}

static bool load_books(struct outbox *outbox)
{
    const struct outbox_engine *engine = outbox->engine;
    outbox->tally = tally_new();
    if (!outbox_noted(outbox, engine->counter(outbox, &outbox->counter, &outbox->failure)))
        return false;
    outbox->stored_counter = outbox->counter;
    return outbox_noted(outbox,
                        engine->tallies(outbox, load_tally_row, outbox->tally, &outbox->failure));
}

static void compare_machine(struct outbox *outbox, const char *machine_id)
{
    char *stored = outbox_note(outbox, OUTBOX_NOTE_MACHINE);
    if (stored)
        outbox->is_copy = strcmp(stored, machine_id) != 0;
    else
        outbox_set_note(outbox, OUTBOX_NOTE_MACHINE, machine_id);
    free(stored);
}

bool outbox_start(struct outbox *outbox, const char *machine_id, struct error *err)
{
    outbox->shelf = shelf_new();
    if (load_books(outbox) && machine_id)
        compare_machine(outbox, machine_id);
    return outbox_commit(outbox, err) == OUTBOX_COMMITTED;
}

void outbox_finish(struct outbox *outbox)
{
    outbox_audit_end(outbox);
    tally_free(outbox->tally);
    outbox->tally = NULL;
    shelf_free(outbox->shelf);
    outbox->shelf = NULL;
}

void outbox_close(struct outbox *outbox)
{
    if (outbox)
        outbox->engine->close(outbox);
}

bool outbox_is_copy(const struct outbox *outbox)
{
    return outbox->is_copy;
}

/* ---- the turn ------------------------------------------------------------------------------- */

bool outbox_may_change(struct outbox *outbox)
{
    if (outbox->failed)
        return false;
    if (!outbox->in_turn)
        outbox->in_turn =
            outbox_noted(outbox, outbox->engine->begin_turn(outbox, &outbox->failure));
    if (outbox->in_turn)
        outbox->changes++;
    return outbox->in_turn;
}

static void store_tally_row(void *context, const struct tally_row *row)
{
    struct outbox *outbox = context;
    if (!outbox->failed)
        outbox_noted(outbox, outbox->engine->set_tally(outbox, row, &outbox->failure));
}

static void store_counter(struct outbox *outbox)
{
    if (!outbox->failed && outbox->counter != outbox->stored_counter)
        outbox_noted(outbox,
                     outbox->engine->set_counter(outbox, outbox->counter, &outbox->failure));
}

static void end_turn(struct outbox *outbox)
{
    tally_changed(outbox->tally, store_tally_row, outbox);
    store_counter(outbox);
    if (outbox->failed)
        return;
    if (outbox_noted(outbox, outbox->engine->commit_turn(outbox, &outbox->failure))) {
        outbox->stored_counter = outbox->counter;
        outbox->in_turn = false;
        outbox->changes = 0;
    } else if (!outbox->engine->mark(outbox, NULL)) {
        outbox->verdict = OUTBOX_UNKNOWN;
    }
}

enum outbox_commit outbox_commit(struct outbox *outbox, struct error *err)
{
    if (outbox->in_turn && !outbox->failed)
        end_turn(outbox);
    if (!outbox->failed)
        return OUTBOX_COMMITTED;
    if (err)
        *err = outbox->failure;
    return outbox->verdict;
}

size_t outbox_changes(const struct outbox *outbox)
{
    return outbox->changes;
}

/* ---- messages ------------------------------------------------------------------------------- */

int64_t outbox_next_number(struct outbox *outbox)
{
    return outbox_may_change(outbox) ? ++outbox->counter : 0;
}

int64_t outbox_last_number(const struct outbox *outbox)
{
    return outbox->counter;
}

const struct tally *outbox_tally(const struct outbox *outbox)
{
    return outbox->tally;
}

void outbox_book(struct outbox *outbox, const struct message *message, int64_t messages)
{
    tally_add(outbox->tally, message->lane, message->uid, message->state, messages,
              messages * (int64_t)message->booked_bytes);
    if (outbox->audit)
        audit_note(outbox->audit, message, messages);
}

/* Book a message in: what was booked is remembered, so that it can be booked out. */
static void book_in(struct outbox *outbox, struct message *message)
{
    message->booked_bytes = message->content_bytes;
    outbox_book(outbox, message, 1);
}

static void book_over(struct outbox *outbox, struct message *message, enum message_state state)
{
    outbox_book(outbox, message, -1);
    message->state = state;
    book_in(outbox, message);
}

void outbox_add(struct outbox *outbox, struct message *message)
{
    if (!outbox_may_change(outbox))
        return;
    message->id = ++outbox->counter;
    if (message->state == MESSAGE_PENDING && message->rank == 0)
        message->rank = message->id;
    if (outbox_noted(outbox, outbox->engine->insert(outbox, message, &outbox->failure)))
        book_in(outbox, message);
}

void outbox_expect(struct outbox *outbox, const struct message *message)
{
    struct message copy;
    if (outbox->failed)
        return;
    message_copy(&copy, message);
    shelf_put(outbox->shelf, &copy);
}

bool outbox_load(struct outbox *outbox, int64_t id, struct message *message)
{
    bool found = false;
    *message = (struct message){ 0 };
    if (!outbox->failed && shelf_take(outbox->shelf, id, message))
        return true;
    return !outbox->failed &&
           outbox_noted(outbox,
                        outbox->engine->load(outbox, id, message, &found, &outbox->failure)) &&
           found;
}

void outbox_begin(struct outbox *outbox, const struct message *message,
                  const struct attempt *attempt)
{
    if (!outbox_may_change(outbox))
        return;
    shelf_drop(outbox->shelf, message->id);
    outbox_noted(outbox, outbox->engine->begin(outbox, message, attempt, &outbox->failure));
}

void outbox_end(struct outbox *outbox, struct message *message, enum message_state state,
                const struct attempt *attempt)
{
    if (!outbox_may_change(outbox))
        return;
    shelf_drop(outbox->shelf, message->id);
    book_over(outbox, message, state);
    outbox_noted(outbox, outbox->engine->end(outbox, message, attempt, &outbox->failure));
}

void outbox_move(struct outbox *outbox, struct message *message, enum message_state state)
{
    if (!outbox_may_change(outbox))
        return;
    shelf_drop(outbox->shelf, message->id);
    book_over(outbox, message, state);
    outbox_noted(outbox, outbox->engine->store(outbox, message, &outbox->failure));
}

void outbox_forget_once(struct outbox *outbox, int64_t id)
{
    if (!outbox_may_change(outbox))
        return;
    shelf_drop(outbox->shelf, id);
    outbox_noted(outbox, outbox->engine->forget_once(outbox, id, &outbox->failure));
}

/* ---- the audit --------------------------------------------------------------------------- */

void outbox_audit_begin(struct outbox *outbox)
{
    outbox_audit_end(outbox);
    outbox->audit = audit_new();
}

static bool count_row(void *context, const struct message *message)
{
    audit_count(context, message);
    return true;
}

bool outbox_audit_step(struct outbox *outbox, size_t most)
{
    static const struct outbox_filter all = { .thread = -1, .uid = -1, .priority = -1 };
    return outbox_list(outbox, &all, audit_cursor(outbox->audit), most, count_row, outbox->audit) !=
           0;
}

const struct audit *outbox_audit(const struct outbox *outbox)
{
    return outbox->audit;
}

void outbox_audit_end(struct outbox *outbox)
{
    audit_free(outbox->audit);
    outbox->audit = NULL;
}

/* ---- when there is nothing better to do ----------------------------------------------------- */

bool outbox_tend(struct outbox *outbox, bool is_idle, struct error *err)
{
    if (!outbox->failed && !outbox->in_turn)
        outbox_noted(outbox, outbox->engine->tend(outbox, is_idle, &outbox->failure));
    if (outbox->failed && err)
        *err = outbox->failure;
    return !outbox->failed;
}
