#include "queue/change.h"
#include "queue/dispatcher_control.h"
#include "queue/fold.h"
#include "tests/unit/queue/sim_state.h"

#include <inttypes.h>
#include <string.h>

/* What waits under its name gives its place up. */
static void take_in(struct sim_world *world, struct message *message, struct sim_note *note)
{
    struct message older;
    if (fold_find(world->outbox, message, &older)) {
        dispatcher_replace(world->dispatcher, message, &older, world->now);
        const struct sim_note *replaced = sim_note_of_message(world, &older);
        note->released = replaced->released || replaced->astray;
        sim_say(world, "message %" PRId64 " takes the place of %" PRId64, message->id, older.id);
    } else {
        outbox_add(world->outbox, message);
        dispatcher_added(world->dispatcher, message, world->now);
    }
    message_clear(&older);
}

/* True when the key is another message's. One that has it for long gives it up, as to the relay. */
static bool is_key_taken(struct sim_world *world, int64_t uid, const char *once)
{
    enum { WINDOW_MS = 10000 };
    CLEANUP(message_clear) struct message first = { 0 };
    if (!outbox_find_once(world->outbox, uid, once, &first))
        return false;
    if (world->now.at - first.accepted_at <= WINDOW_MS)
        return true;
    outbox_forget_once(world->outbox, first.id);
    return false;
}

static void offer(struct sim_world *world, const struct sim_event *event)
{
    char thread[24], fold[24], content[40], once[] = "daily";
    if (world->note_count == SIM_MOST_MESSAGES)
        return;
    snprintf(thread, sizeof thread, "t%d", event->target);
    snprintf(fold, sizeof fold, "f%d", event->fold);
    snprintf(content, sizeof content, "disk full #%zu", world->note_count);
    struct message message = {
        .lane = lane_of(outbox_thread(world->outbox, thread), event->priority),
        .state = event->delay_ms ? MESSAGE_SCHEDULED : MESSAGE_PENDING,
        .accepted_at = world->now.at,
        .due_at = event->delay_ms ? world->now.at + event->delay_ms : 0,
        .expires_at = event->ttl_ms ? world->now.at + event->delay_ms + event->ttl_ms : 0,
        .uid = event->target,
        .once = is_key_taken(world, event->target, once) ? NULL : once,
        .fold = event->fold && random_percent(&world->random, 50) ? fold : NULL,
        .content = content,
        .content_bytes = strlen(content),
    };
    struct sim_note note = { 0 };
    snprintf(message.stamp, sizeof message.stamp, "%032zx", world->note_count);
    take_in(world, &message, &note);
    if (outbox_failure(world->outbox))
        return;
    int poison_percent = event->target ? world->program->scene.poison_percent : 0;
    note.id = message.id;
    note.lane = message.lane;
    note.on_doubt = world->program->scene.routes[event->target].on_doubt;
    note.poison = random_percent(&world->random, poison_percent);
    world->notes[world->note_count++] = note;
}

static const char *name_of(enum message_kind kind)
{
    return kind == MESSAGE_UPDATE ? "edited" : "taken back";
}

/* Change a message: its number says which edit it was. */
static void change(struct sim_world *world, enum message_kind kind, int64_t id)
{
    struct message target;
    char content[60], user[] = "ada";
    if (world->note_count == SIM_MOST_MESSAGES || !outbox_load(world->outbox, id, &target))
        return;
    size_t about = (size_t)(sim_note_of_message(world, &target) - world->notes);
    if (about >= SIM_MOST_MESSAGES) {
        message_clear(&target);
        return; /* a digest: that cannot be changed */
    }
    snprintf(content, sizeof content, "disk full #%zu edit %d", about, ++world->edits);
    struct message message = { .kind = kind,
                               .accepted_at = world->now.at,
                               .uid = target.uid,
                               .user = user,
                               .content = kind == MESSAGE_UPDATE ? content : NULL };
    message.content_bytes = message.content ? strlen(content) : 0;
    snprintf(message.stamp, sizeof message.stamp, "%032zx", world->note_count);
    enum change_verdict verdict =
        dispatcher_change(world->dispatcher, &message, &target, world->now);
    sim_say(world, "message %" PRId64 " is to be %s (%s): %d, by %" PRId64, id, name_of(kind),
            content, (int)verdict, message.id);
    message_clear(&target);
    if (verdict == CHANGE_GOES && !outbox_failure(world->outbox))
        world->notes[world->note_count++] = (struct sim_note){
            .id = message.id, .lane = message.lane, .kind = kind, .target = about
        };
}

struct picked {
    struct sim_world *world;
    int64_t ids[SIM_MOST_MESSAGES];
    size_t count;
    int percent;
};

static bool pick(void *context, const struct message *message)
{
    struct picked *picked = context;
    if (random_percent(&picked->world->random, picked->percent))
        picked->ids[picked->count++] = message->id;
    return true;
}

static void control(struct sim_world *world, enum control control, int64_t id)
{
    struct message message;
    if (!outbox_load(world->outbox, id, &message))
        return;
    bool comes_late = control == CONTROL_RELEASE && message.state == MESSAGE_HELD;
    if (control == CONTROL_RETRY && message.kind == MESSAGE_DIGEST)
        comes_late = true; /* at the end of its lane, what is in it keeps its rank */
    struct sim_reading reading = sim_reading_of(&message);
    struct sim_note *note = NULL;
    while (comes_late && (note = sim_next_note(world, &reading)))
        note->released = true;
    dispatcher_control(world->dispatcher, control, &message, "root", world->now);
    sim_say(world, "message %" PRId64 " is %s, wish: %s", message.id,
            message_state_name(message.state), message.wish ? message.wish : "none");
    message_clear(&message);
}

void sim_control_some(struct sim_world *world, enum control what, int thread, unsigned states,
                      int percent)
{
    static struct picked picked;
    char name[24];
    snprintf(name, sizeof name, "t%d", thread);
    struct outbox_filter filter = { .thread = -1, .uid = -1, .states = states, .priority = -1 };
    if (thread >= 0)
        filter.thread = outbox_thread(world->outbox, name);
    picked = (struct picked){ .world = world, .percent = percent };
    outbox_list(world->outbox, &filter, 0, SIM_MOST_MESSAGES, pick, &picked);
    for (size_t i = 0; i < picked.count; i++)
        control(world, what, picked.ids[i]);
}

static void change_some(struct sim_world *world, enum message_kind kind, int thread)
{
    static struct picked picked;
    char name[24];
    snprintf(name, sizeof name, "t%d", thread);
    const struct outbox_filter filter = { .thread = outbox_thread(world->outbox, name),
                                          .uid = -1,
                                          .priority = -1 };
    picked = (struct picked){ .world = world, .percent = 20 };
    outbox_list(world->outbox, &filter, 0, SIM_MOST_MESSAGES, pick, &picked);
    for (size_t i = 0; i < picked.count; i++)
        change(world, kind, picked.ids[i]);
}

static void pause_thread(struct sim_world *world, int thread, msec_t until_at)
{
    char name[24];
    snprintf(name, sizeof name, "t%d", thread);
    dispatcher_pause(world->dispatcher, outbox_thread(world->outbox, name), until_at, world->now);
}

static void break_storage(struct sim_world *world, enum sim_crash_kind kind)
{
    static const enum outbox_breakage breakages[SIM_CRASH_KINDS] = {
        [CRASH_COMMIT_UNDONE] = BREAK_COMMIT,
        [CRASH_COMMIT_GONE] = BREAK_COMMIT_GONE,
        [CRASH_COMMIT_KEPT] = BREAK_COMMIT_KEPT,
        [CRASH_CHANGE] = BREAK_CHANGE,
        [CRASH_READ] = BREAK_READ,
    };
    outbox_memory_break(world->disk, breakages[kind]);
}

static void apply(struct sim_world *world, const struct sim_event *event)
{
    struct sim_route *route = &world->routes[event->target];
    switch (event->kind) {
    case EVENT_SEND:
        for (int i = 0; i < event->count && !route->removed; i++)
            offer(world, event);
        return;
    case EVENT_SPELL:
        sim_chat_spell(world->chat, event, world->now.steady_at);
        return;
    case EVENT_CRASH:
        world->now.at += event->set_ms;
        world->crash = event->detail;
        world->away_ms = event->lasts_ms;
        break_storage(world, (enum sim_crash_kind)event->detail);
        return;
    case EVENT_REMOVE:
        route->removed = !route->removed;
        break;
    case EVENT_MOVE:
        route->place = event->detail;
        break;
    case EVENT_OTHER_SENDER:
        route->sender = event->detail;
        break;
    case EVENT_PACE:
        world->pace_percent = event->detail;
        break;
    case EVENT_HOLD:
        sim_control_some(world, CONTROL_HOLD, event->target, control_states(CONTROL_HOLD), 50);
        return;
    case EVENT_RELEASE:
        sim_control_some(world, CONTROL_RELEASE, -1, control_states(CONTROL_RELEASE), 100);
        return;
    case EVENT_CANCEL:
        sim_control_some(world, CONTROL_CANCEL, event->target, control_states(CONTROL_CANCEL), 20);
        return;
    case EVENT_RETRY:
        sim_control_some(world, CONTROL_RETRY, event->target, control_states(CONTROL_RETRY), 50);
        return;
    case EVENT_EDIT:
        change_some(world, MESSAGE_UPDATE, event->target);
        return;
    case EVENT_UNSEND:
        change_some(world, MESSAGE_DELETE, event->target);
        return;
    case EVENT_PAUSE:
        pause_thread(world, event->target, world->now.at + event->lasts_ms);
        return;
    case EVENT_FLUSH:
        dispatcher_flush(world->dispatcher, -1, world->now);
        return;
    case EVENT_CLOCK:
        world->now.at += event->set_ms;
        return;
    }
    sim_configure(world);
}

/* When the program is through, all is well and everything has to come to its end. */
static void become_calm(struct sim_world *world)
{
    world->calm = true;
    sim_chat_calm(world->chat);
    memcpy(world->routes, world->program->scene.routes, sizeof world->routes);
    world->pace_percent = 100;
    sim_configure(world);
    /* What is held, and what is wished to be. */
    sim_control_some(world, CONTROL_RELEASE, -1, control_states(CONTROL_HOLD) | 1U << MESSAGE_HELD,
                     100);
}

void sim_apply_events(struct sim_world *world)
{
    const struct sim_program *program = world->program;
    while (world->next_event < program->count && world->crash < 0 &&
           program->events[world->next_event].at_ms <= world->now.steady_at)
        apply(world, &program->events[world->next_event++]);
    if (world->next_event == program->count && world->crash < 0 && !world->calm)
        become_calm(world);
}
