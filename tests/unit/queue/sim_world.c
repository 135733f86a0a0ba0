/*
 * The loop is the daemon's: read everything, write once, act. What is promised
 * is checked where it would be broken: at the beginning of every request, when
 * the chat takes a message, after every turn, and at the end.
 */
#include "tests/unit/queue/sim_world.h"

#include "base/memory.h"
#include "queue/adoption.h"
#include "queue/diagnosis.h"
#include "tests/unit/queue/sim_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TURNS = 200000, MOST_TURNS_AT_ONCE = 2000 };

/* ---- start and end -------------------------------------------------------------------------- */

static void open_floor(struct sim_world *world)
{
    do
        world->outbox = outbox_open_memory(world->disk, &(struct outbox_setup){ 0 }, NULL);
    while (!world->outbox);
    world->turn = turn_new();
    world->dispatcher = dispatcher_new(world->outbox, "boot", world->now);
    world->started_steady_at = world->now.steady_at;
    sim_configure(world);
}

static void close_floor(struct sim_world *world)
{
    dispatcher_free(world->dispatcher);
    outbox_close(world->outbox);
    turn_free(world->turn);
}

/* What was offered in the turn that just ended: in, or out? */
static void settle_notes(struct sim_world *world, bool committed)
{
    for (; world->settled_notes < world->note_count; world->settled_notes++) {
        struct sim_note *note = &world->notes[world->settled_notes];
        bool in = committed || sim_is_stored(world, note);
        note->state = in ? NOTE_ACCEPTED : NOTE_REJECTED;
        world->result->messages += in;
    }
}

/* Nobody will learn what became of it. */
static void lose_answer(struct sim_note *note)
{
    note->under_way = false;
    note->astray = note->on_doubt != ON_DOUBT_LOOK;
}

static bool is_moved_ever(const struct sim_world *world, int thread)
{
    for (const struct sim_event *event = world->program->events;
         event < world->program->events + world->program->count; event++)
        if (event->kind == EVENT_MOVE && event->target == thread)
            return true;
    return false;
}

/* Another machine sent it, after the outbox was copied; not where nobody can know any more. */
static bool send_elsewhere(void *context, const struct message *message)
{
    struct sim_world *world = context;
    struct sim_note *note = sim_note_of_message(world, message);
    int thread = (int)message->uid;
    if (is_moved_ever(world, thread) || message->kind != MESSAGE_SEND || thread == 0 ||
        message->doubted_at || !random_percent(&world->random, 50))
        return true;
    note->released = true; /* nobody knows in which order */
    note->taken++;
    sim_say(world, "message %" PRId64 " is sent by another machine", message->id);
    sim_chat_post(world->chat, world->routes[thread].place, message, world->now.steady_at);
    return true;
}

/* The outbox is a copy, or so it is said: what waits in it may have been sent. */
static void adopt_copy(struct sim_world *world)
{
    const struct outbox_filter pending = {
        .thread = -1, .uid = -1, .states = outbox_state_bit(MESSAGE_PENDING), .priority = -1
    };
    struct adoption adoption;
    sim_say(world, "the outbox is a copy");
    outbox_list(world->outbox, &pending, 0, SIM_MOST_MESSAGES, send_elsewhere, world);
    adoption_begin(&adoption, world->outbox, true);
    while (adoption.under_way)
        adoption_step(&adoption, world->outbox, "this one", world->now);
    if (outbox_commit(world->outbox, NULL) != OUTBOX_COMMITTED)
        sim_fail(world, "the copy could not be adopted");
    for (lane_id lane = 0; lane < SIM_LANES; lane++)
        if (lane_priority(lane) <= PRIORITY_BULK)
            dispatcher_changed(world->dispatcher, lane, world->now);
}

/* What ended in a turn that is not on disk has not ended. */
static void lose_answers(const struct sim_world *world, struct sim_note *notes, size_t count,
                         bool committed)
{
    for (struct sim_note *note = notes; note < notes + count; note++)
        if (note->under_way || (!committed && note->ended_in_turn == world->result->turns + 1))
            lose_answer(note);
}

static void restart(struct sim_world *world, bool committed)
{
    lose_answers(world, world->notes, world->note_count, committed);
    lose_answers(world, world->digests, world->digest_count, committed);
    sim_chat_abandon(world->chat, world->now.steady_at);
    close_floor(world);
    world->now.at += world->away_ms;
    world->now.steady_at += world->away_ms;
    sim_say(world, "started anew");
    memset(world->lane_busy, 0, sizeof world->lane_busy);
    outbox_memory_break(world->disk, BREAK_NOTHING);
    open_floor(world);
    settle_notes(world, false);
    if (random_percent(&world->random, 10))
        adopt_copy(world);
    world->result->restarts++;
    world->crash = -1;
    world->away_ms = 0;
}

/* ---- the turn ------------------------------------------------------------------------------- */

static void end_note(const struct sim_world *world, struct sim_note *note, bool is_lost)
{
    note->under_way = false;
    note->ended_in_turn = world->result->turns + 1;
    if (is_lost)
        lose_answer(note);
}

/* Set aside, since its thread has left the place where it may have appeared: then others go first.
 */
static bool is_out_of_reach(const struct message *message)
{
    return message->state == MESSAGE_HELD && message->reason &&
           strstr(message->reason, "cannot be searched any more");
}

static void note_out_of_reach(struct sim_world *world, const struct message *message)
{
    struct sim_reading reading = sim_reading_of(message);
    sim_note_of_message(world, message)->astray = true;
    for (struct sim_note *note = NULL; (note = sim_next_note(world, &reading));)
        note->astray = true;
}

static void on_settled(void *context, const struct settlement *settlement)
{
    struct sim_world *world = context;
    const struct message *message = settlement->message;
    bool is_lost = settlement->attempt && settlement->delivery->outcome == OUTCOME_DOUBT;
    world->lane_busy[message->lane] = false;
    end_note(world, sim_note_of_message(world, message), is_lost);
    struct sim_reading reading = sim_reading_of(message);
    for (struct sim_note *note = NULL; (note = sim_next_note(world, &reading));) {
        end_note(world, note, is_lost);
        if (message->state == MESSAGE_SENT && note->taken == 0 && !message_kind_repeats(note->kind))
            sim_fail(world, "message %" PRId64 " is called sent, and the chat never took it",
                     note->id);
    }
    if (is_out_of_reach(message))
        note_out_of_reach(world, message);
    sim_say(world, "message %" PRId64 " is %s%s after a %s: %d %s", message->id,
            message_state_name(message->state), message->doubted_at ? " in doubt" : "",
            settlement->attempt ? "send" : "look", settlement->delivery->http,
            settlement->delivery->code);
}

static void on_moved(void *context, const struct message *message)
{
    struct sim_world *world = context;
    const struct sim_note *note = sim_note_of_message(world, message);
    if (outbox_failure(world->outbox))
        return; /* it has not moved */
    if (is_out_of_reach(message))
        note_out_of_reach(world, message);
    if (message_kind_repeats(note->kind)) {
        if (message->state == MESSAGE_SENT || message->state == MESSAGE_EXPIRED)
            sim_fail(world, "change %" PRId64 " ended by itself as if it were done", message->id);
    } else if (message->state == MESSAGE_HELD) {
        if (note->on_doubt == ON_DOUBT_LOOK && message->doubted_at && !is_out_of_reach(message))
            sim_fail(world, "message %" PRId64 " is held, and nobody wanted that", message->id);
    } else if (message->state == MESSAGE_SENT) {
        if (note->taken == 0)
            sim_fail(world, "message %" PRId64 " is called sent, and is not there", message->id);
    } else if (message->state == MESSAGE_CANCELLED) {
        sim_say(world, "message %" PRId64 " is cancelled, as was wished", message->id);
    } else if (message->state == MESSAGE_EXPIRED &&
               (!message->expires_at || message->expires_at > world->now.at))
        sim_fail(world, "message %" PRId64 " expired too soon", message->id);
}

static void read_ends(struct sim_world *world)
{
    static struct sim_end end;
    sim_chat_run(world->chat, world->now.steady_at);
    while (sim_chat_end(world->chat, world->now, &end)) {
        uint32_t dice = (uint32_t)random_bits(&world->random);
        if (end.kind == WORK_LOOK)
            dispatcher_settle_look(world->dispatcher, end.tag, &end.findings, world->now, dice,
                                   on_settled, world);
        else if (end.kind == WORK_INSPECT)
            dispatcher_settle_inspection(world->dispatcher, end.tag, &end.inspected, world->now,
                                         dice);
        else
            dispatcher_settle(world->dispatcher, end.tag, &end.delivery, world->now, dice,
                              on_settled, world);
    }
}

/* The commit is through: now the request may leave. */
static void let_out(void *context, enum outbox_commit how)
{
    struct work *work = context;
    struct sim_world *world = work->carrier;
    if (how != OUTBOX_COMMITTED)
        return;
    if (work->kind == WORK_SEND)
        sim_chat_send(world->chat, &work->parcel, work, world->now);
    else if (work->kind == WORK_INSPECT)
        sim_chat_inspect(world->chat, &work->inspection, work, world->now);
    else
        sim_chat_look(world->chat, &work->look, work, world->now);
}

/* As the scene numbers them; -1 while the outbox cannot be read. */
static int thread_of(struct sim_world *world, lane_id lane)
{
    CLEANUP(free_memory) char *name = NULL;
    bool found = outbox_thread_name(world->outbox, lane_thread(lane), &name);
    return found ? (int)strtol(name + 1, NULL, 10) : -1;
}

/* What the relay says itself is accepted like any other: in the turn that it is made in. */
static void take_reports(struct sim_world *world)
{
    struct message report;
    char stamp[STAMP_LENGTH + 1];
    for (;;) {
        snprintf(stamp, sizeof stamp, "%032zx", world->note_count);
        if (world->note_count == SIM_MOST_MESSAGES ||
            !dispatcher_report(world->dispatcher, world->now, stamp, &report))
            return;
        sim_say(world, "message %" PRId64 " of lane %" PRId64 ": %s", report.id, report.lane,
                report.content);
        int thread = thread_of(world, report.lane);
        if (thread == 0)
            sim_fail(world, "the innocent thread is told of a storm");
        if (thread >= 0 && !outbox_failure(world->outbox))
            world->notes[world->note_count++] =
                (struct sim_note){ .id = report.id,
                                   .lane = report.lane,
                                   .on_doubt = world->program->scene.routes[thread].on_doubt };
        message_clear(&report);
    }
}

/* Somebody asks how things are. Whatever is under way, that must change nothing. */
static void ask_why(struct sim_world *world)
{
    char name[24];
    for (size_t i = 0; i < world->program->scene.threads; i++) {
        snprintf(name, sizeof name, "t%zu", i);
        dispatcher_diagnose(world->dispatcher, outbox_thread(world->outbox, name), world->now);
    }
}

/* Returns how long until there may be more. */
static msec_t dispatch(struct sim_world *world)
{
    msec_t again_ms = 0;
    struct work *work = NULL;
    char stamp[STAMP_LENGTH + 1];
    bool more = dispatcher_tend(world->dispatcher, world->now, 5, on_moved, world);
    take_reports(world);
    snprintf(stamp, sizeof stamp, "%032zx", SIM_MOST_MESSAGES + world->digest_count);
    while ((work = dispatcher_next(world->dispatcher, world->now, stamp, &again_ms))) {
        sim_check_work(world, work);
        work->carrier = world;
        turn_defer(world->turn, let_out, work);
        snprintf(stamp, sizeof stamp, "%032zx", SIM_MOST_MESSAGES + world->digest_count);
    }
    if (random_percent(&world->random, 20))
        ask_why(world);
    if (!outbox_failure(world->outbox))
        sim_check_innocent(world);
    return more ? 0 : again_ms;
}

static void end_turn(struct sim_world *world)
{
    bool committed = false;
    struct error err;
    if (world->crash == CRASH_AFTER_COMMIT)
        committed = outbox_commit(world->outbox, &err) == OUTBOX_COMMITTED;
    else
        committed = turn_end(world->turn, world->outbox, &err) == OUTBOX_COMMITTED;
    if (committed)
        settle_notes(world, true);
    else if (world->crash < 0)
        sim_fail(world, "the outbox fails, and nobody broke it: %s", err.text);
    if (!committed || world->crash >= 0)
        restart(world, committed);
}

static int64_t live(const struct sim_world *world)
{
    const struct tally *tally = outbox_tally(world->outbox);
    return tally_sum(tally, TALLY_ANY, TALLY_ANY, MESSAGE_SCHEDULED).messages +
           tally_sum(tally, TALLY_ANY, TALLY_ANY, MESSAGE_PENDING).messages +
           tally_sum(tally, TALLY_ANY, TALLY_ANY, MESSAGE_HELD).messages;
}

/* What was in doubt at the end is held, where the settings want that. True when there was any. */
static bool release_held(struct sim_world *world)
{
    int64_t held =
        tally_sum(outbox_tally(world->outbox), TALLY_ANY, TALLY_ANY, MESSAGE_HELD).messages;
    sim_control_some(world, CONTROL_RELEASE, -1, control_states(CONTROL_RELEASE), 100);
    return held > 0;
}

/* Go on to where something happens next. */
static bool pass_time(struct sim_world *world, msec_t again_ms)
{
    msec_t next_at = msec_add(world->now.steady_at, again_ms);
    next_at = msec_min(next_at, sim_chat_next_at(world->chat));
    if (world->next_event < world->program->count)
        next_at = msec_min(next_at, world->program->events[world->next_event].at_ms);
    if (next_at == MSEC_NEVER && world->calm && release_held(world))
        return true;
    if (next_at == MSEC_NEVER)
        return sim_fail(world, "nothing moves, and %" PRId64 " messages wait", live(world));
    msec_t step_ms = msec_max(next_at - world->now.steady_at, 0);
    world->turns_at_once = step_ms ? 0 : world->turns_at_once + 1;
    if (world->turns_at_once > MOST_TURNS_AT_ONCE)
        return sim_fail(world, "it turns and turns, and no time passes");
    world->now.at += step_ms;
    world->now.steady_at += step_ms;
    return true;
}

static bool take_turn(struct sim_world *world)
{
    read_ends(world);
    sim_apply_events(world);
    msec_t again_ms = dispatch(world);
    bool crashed = world->crash >= 0;
    end_turn(world);
    if (++world->result->turns % 128 == 0 || crashed)
        sim_check_books(world);
    if (world->result->turns > MOST_TURNS)
        return sim_fail(world, "no end of it");
    if (world->result->failure[0] || (world->calm && live(world) == 0))
        return false;
    return crashed || pass_time(world, again_ms);
}

void sim_world_play(const struct sim_program *program, struct sim_result *result, FILE *trace)
{
    struct sim_world *world = xcalloc(1, sizeof *world);
    *result = (struct sim_result){ .failure = "" };
    world->program = program;
    world->result = result;
    world->trace = trace;
    world->random.state = program->seed ^ 0x5eed;
    world->now = (struct moment){ .at = 1700000000000, .steady_at = 0 };
    world->crash = -1;
    world->pace_percent = 100;
    memcpy(world->routes, program->scene.routes, sizeof world->routes);
    const struct sim_chat_setup setup = { .scene = &program->scene,
                                          .random = &world->random,
                                          .taken = sim_on_taken,
                                          .poisonous = sim_is_poisonous,
                                          .wronged = sim_on_wronged,
                                          .context = world };
    world->chat = sim_chat_new(&setup);
    world->disk = outbox_disk_new();
    open_floor(world);
    while (take_turn(world))
        continue;
    if (!result->failure[0])
        sim_judge(world);
    result->lasted_ms = world->now.steady_at;
    close_floor(world);
    sim_chat_free(world->chat);
    outbox_disk_free(world->disk);
    free(world);
}
